// What stands beside the conversation: asked for when it is opened and when the server says that it
// has changed. Suggestions are inserted by a click or by Alt and their number.

import { LookUp } from "./lookup.js";
import { deskPath, post } from "./paneapi.js";
import { byId } from "./dom.js";

const WIDE = matchMedia("(min-width: 75rem)");

export class Pane {
  #opened;
  #composer;
  #asked = 0; // counts loads: of two answers the later one counts

  constructor(opened, composer) {
    this.#opened = opened;
    this.#composer = composer;
    this.lookUp = new LookUp(opened, this);
    opened.addEventListener("opened", () => this.#begin());
    opened.addEventListener("happened", ({ detail }) => this.#happened(detail));
    opened.addEventListener("caught-up", () => this.#want());
    byId("pane").addEventListener("click", ({ target }) => this.#pressed(target));
    byId("pane-open").addEventListener("click", () => this.toggle());
    byId("pane-close").addEventListener("click", () => this.toggle(false));
    document.addEventListener("keydown", (event) => this.#key(event));
  }

  /** On a narrow screen: over the conversation, or not. */
  toggle(on = !byId("opened").classList.contains("with-pane")) {
    byId("opened").classList.toggle("with-pane", on);
    if (on && !WIDE.matches) byId("pane-close").focus();
    else if (!WIDE.matches) byId("pane-open").focus();
  }

  /** The server says that it is another by now. */
  changed(conversationId) {
    if (conversationId === this.#opened.id) this.#load();
  }

  #begin() {
    byId("pane").replaceChildren();
    byId("pane-earlier-read").replaceChildren();
    byId("opened").classList.remove("with-pane");
  }

  #happened({ kind, payload }) {
    if (!this.#opened.isCaughtUp) return;
    if (kind === "message.posted" && payload.author === "visitor") this.#want();
    else if (kind === "owner.changed") this.#load();
  }

  /** Have it made for the newest message; what is there already is shown at once. */
  async #want() {
    const id = this.#opened.id;
    this.#load();
    await post(`c/${id}/assist/`);
  }

  async #load() {
    const id = this.#opened.id;
    if (!id || !window.htmx) return;
    const number = ++this.#asked;
    const source = byId("pane");
    await window.htmx.ajax("GET", deskPath(`c/${id}/pane/`), { source, target: source }).catch(() => {});
    if (number !== this.#asked || id !== this.#opened.id) return;
    source.dataset.of = id;
  }

  #pressed(target) {
    const button = target.closest("[data-suggestion]");
    if (button) this.#insert(button);
  }

  #insert({ dataset }) {
    if (byId("pane").dataset.of !== this.#opened.id) return;
    this.#composer.insert(dataset.text, dataset.suggestion);
    this.toggle(false);
  }

  #key(event) {
    const number = /^Digit([1-6])$/.exec(event.code)?.[1];
    if (!number || !event.altKey || event.ctrlKey || event.metaKey) return;
    const button = document.querySelector(`#pane [data-number="${number}"]`);
    if (!button || byId("opened").hidden) return;
    event.preventDefault();
    this.#insert(button);
  }
}
