// Canned replies: a slash at the beginning of the field opens a list that goes on with typing.

import { ask } from "./paneapi.js";
import { t } from "./config.js";
import { byId, el } from "./dom.js";

const WAIT_MS = 120;

export class Canned {
  #composer;
  #opened;
  #list = byId("canned");
  #rows = [];
  #chosen = 0;
  #timer = 0;
  #asked = 0;

  constructor(opened, composer) {
    this.#opened = opened;
    this.#composer = composer;
    const { text } = composer;
    text.setAttribute("aria-controls", "canned");
    text.addEventListener("input", () => this.#typed());
    // On its way down, so that Enter chooses here before it sends there.
    composer.form.addEventListener("keydown", (event) => this.#key(event), true);
    text.addEventListener("blur", () => setTimeout(() => this.#hide(), WAIT_MS));
    opened.addEventListener("opened", () => this.#hide());
  }

  #typed() {
    clearTimeout(this.#timer);
    const words = /^\/([\p{L}\p{N}_-]*)$/u.exec(this.#composer.text.value)?.[1];
    if (words === undefined) this.#hide();
    else this.#timer = setTimeout(() => this.#find(words), WAIT_MS);
  }

  async #find(words) {
    const number = ++this.#asked;
    const path = `c/${this.#opened.id}/canned/?${new URLSearchParams({ q: words })}`;
    const { body } = await ask(path);
    if (number !== this.#asked || !this.#composer.text.value.startsWith("/")) return;
    this.#show(body?.canned ?? []);
  }

  #show(rows) {
    this.#rows = rows;
    this.#chosen = 0;
    const items = rows.map(({ name, text }, at) => {
      const item = el("li", { role: "option", id: `canned-${at}` }, el("strong", {}, `/${name}`), " ", text.slice(0, 90));
      item.addEventListener("mousedown", (event) => event.preventDefault());
      item.addEventListener("click", () => this.#take(at));
      return item;
    });
    if (!rows.length) items.push(el("li", { role: "option", "aria-disabled": "true" }, t("no_canned")));
    this.#list.replaceChildren(...items);
    this.#list.hidden = false;
    this.#mark();
  }

  #mark() {
    const options = this.#list.querySelectorAll("[role=option]");
    options.forEach((item, at) => item.setAttribute("aria-selected", at === this.#chosen && this.#rows.length > 0));
    options[this.#chosen]?.scrollIntoView({ block: "nearest" });
    const { text } = this.#composer;
    if (this.#rows.length) text.setAttribute("aria-activedescendant", `canned-${this.#chosen}`);
    else text.removeAttribute("aria-activedescendant");
  }

  #key(event) {
    if (this.#list.hidden || event.target !== this.#composer.text) return;
    const steps = { ArrowDown: 1, ArrowUp: -1 };
    if (event.key in steps && this.#rows.length) {
      this.#chosen = (this.#chosen + steps[event.key] + this.#rows.length) % this.#rows.length;
      this.#mark();
    } else if ((event.key === "Enter" || event.key === "Tab") && this.#rows.length) {
      this.#take(this.#chosen);
    } else if (event.key === "Escape") {
      this.#hide();
    } else {
      return;
    }
    event.preventDefault();
    event.stopImmediatePropagation();
  }

  #take(at) {
    const { text } = this.#rows[at];
    this.#hide();
    this.#composer.put(text);
  }

  #hide() {
    this.#asked += 1;
    clearTimeout(this.#timer);
    this.#list.hidden = true;
    this.#rows = [];
    this.#composer.text.removeAttribute("aria-activedescendant");
  }
}
