// Drafts on the server: what was typed here is there on another device, and after a crash.

import { ask, postJson } from "./paneapi.js";

const WAIT_MS = 800;

export class Drafts {
  #book;
  #shown;
  #timers = new Map();
  #revisions = new Map(); // "id mode" → the server's
  #chain = Promise.resolve();

  /** shown(): bring the form in line with the drafts. */
  constructor(opened, book, shown) {
    this.#book = book;
    this.#shown = shown;
    opened.addEventListener("opened", () => this.#load(opened.id));
    book.addEventListener("changed", ({ detail }) => this.#later(detail));
    document.addEventListener("visibilitychange", () => document.hidden && this.#flush());
  }

  async #load(id) {
    const { body } = await ask(`c/${id}/drafts/`);
    for (const draft of body?.drafts ?? []) {
      const key = `${id} ${draft.mode}`;
      this.#revisions.set(key, Math.max(draft.revision, this.#revisions.get(key) ?? 0));
      this.#book.offer(id, draft.mode, draft);
    }
    this.#shown();
  }

  #later({ id, mode }) {
    const key = `${id} ${mode}`;
    clearTimeout(this.#timers.get(key));
    this.#timers.set(key, setTimeout(() => this.#send(id, mode), WAIT_MS));
  }

  #flush() {
    for (const key of [...this.#timers.keys()]) {
      clearTimeout(this.#timers.get(key));
      this.#send(...key.split(" "));
    }
  }

  /** One after the other, so that each knows the revision that the one before made. */
  #send(id, mode) {
    this.#timers.delete(`${id} ${mode}`);
    this.#chain = this.#chain.then(() => this.#sendNow(id, mode));
    return this.#chain;
  }

  async #sendNow(id, mode) {
    const key = `${id} ${mode}`;
    const { text, suggestion } = this.#book.get(id, mode);
    const revision = this.#revisions.get(key) ?? 0;
    const fields = { mode, text, revision, suggestion_id: suggestion };
    const { status, body } = await postJson(`c/${id}/drafts/`, fields);
    if (status !== 200 && status !== 409) return;
    this.#revisions.set(key, body.revision);
    if (status === 409) this.#book.join(id, mode, body.text);
  }
}
