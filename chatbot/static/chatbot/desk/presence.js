// Who else has this conversation open, and writes. Said again every few seconds; who falls silent
// has gone.

import { t } from "./config.js";
import { byId } from "./dom.js";

const SAY_MS = 10_000;
const GONE_MS = 25_000;
const WRITING_MS = 5_000;

export class Presence {
  #opened;
  #line;
  #others = new Map(); // member id → { name, state, at }
  #wroteAt = 0;

  constructor(opened, line, book) {
    this.#opened = opened;
    this.#line = line;
    opened.addEventListener("opened", () => this.#begin());
    opened.addEventListener("state", () => this.#say());
    book.addEventListener("changed", ({ detail }) => detail.typed && this.#writes());
    setInterval(() => this.#tick(), SAY_MS / 2);
  }

  take({ conversation_id: id, member_id: member, name, state }) {
    if (id !== this.#opened.id) return;
    const isNew = !this.#others.has(member) && state !== "left";
    if (state === "left") this.#others.delete(member);
    else this.#others.set(member, { name, state, at: Date.now() });
    if (isNew) this.#say(); // so that whoever comes sees who is here
    this.#show();
  }

  #begin() {
    this.#others.clear();
    this.#wroteAt = 0;
    this.#show();
  }

  #writes() {
    const before = this.#wroteAt;
    this.#wroteAt = Date.now();
    if (Date.now() - before > WRITING_MS / 2) this.#say();
  }

  #tick() {
    for (const [member, { at }] of this.#others) {
      if (Date.now() - at > GONE_MS) this.#others.delete(member);
    }
    this.#say();
    this.#show();
  }

  #say() {
    if (!this.#opened.id || document.hidden) return;
    const state = Date.now() - this.#wroteAt < WRITING_MS ? "writing" : "looking";
    this.#line.send({ type: "presence.show", conversation_id: this.#opened.id, state });
  }

  #show() {
    const words = [...this.#others.values()].map(({ name, state, at }) => {
      const writes = state === "writing" && Date.now() - at < WRITING_MS * 2;
      return t(writes ? "also_writes" : "also_looks", { name });
    });
    const box = byId("present");
    if (box.textContent !== words.join(" ")) box.textContent = words.join(" ");
  }
}
