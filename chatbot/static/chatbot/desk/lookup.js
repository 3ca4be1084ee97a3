// The agent's own question to the knowledge base, beside the conversation. What is found comes with
// the pane, and is inserted as suggestions are, by Alt and 4 to 6.

import { t } from "./config.js";
import { byId } from "./dom.js";
import { post } from "./paneapi.js";

export class LookUp {
  #opened;
  #pane;
  #form = byId("look-up");
  #says = byId("look-up-says");

  constructor(opened, pane) {
    this.#opened = opened;
    this.#pane = pane;
    this.#form.addEventListener("submit", (event) => this.#ask(event));
    opened.addEventListener("opened", () => this.#begin());
  }

  focus() {
    this.#pane.toggle(true);
    this.#form.elements.question.focus();
  }

  #begin() {
    this.#form.reset();
    this.#says.textContent = "";
  }

  async #ask(event) {
    event.preventDefault();
    const { id } = this.#opened;
    const field = this.#form.elements.question;
    const { status, body } = await post(`c/${id}/look-up/`, { question: field.value });
    if (id !== this.#opened.id) return;
    this.#says.textContent = status === 200 ? "" : (body?.error ?? t("look_up_failed"));
    if (status !== 200) return;
    field.blur(); // the next key inserts what was found
    this.#pane.changed(id);
  }
}
