// Actions on many: which rows are ticked, and what is done with them. The server says of each
// conversation how it went, and so does the desk. What a visitor writes after their row was ticked
// was not seen, unless the conversation is opened.

import { act } from "./api.js";
import { contactName, t } from "./config.js";
import { byId, el } from "./dom.js";
import { announce, errorText, notice } from "./notices.js";

const MOST = 100;

export class Selection {
  #seen = new Map(); // what is ticked → the newest event of it that the agent has seen
  #desk;

  /** desk: { inbox, lists(), dialogs, opened } */
  constructor(desk) {
    this.#desk = desk;
    for (const button of document.querySelectorAll("#bulk [data-bulk]")) {
      button.addEventListener("click", ({ detail }) => detail < 2 && this.run(button.dataset.bulk));
    }
    byId("bulk-none").addEventListener("click", () => this.clear());
    desk.inbox.addEventListener("rows", () => this.#forget());
    desk.opened.addEventListener("happened", () => this.#read(desk.opened));
  }

  get size() {
    return this.#seen.size;
  }

  set(id, on) {
    if (on && this.size >= MOST) notice(t("too_many"), "error");
    else if (on) this.#seen.set(id, this.#onScreen(id));
    else this.#seen.delete(id);
    this.#show();
  }

  toggle(id) {
    this.set(id, !this.#seen.has(id));
  }

  #onScreen(id) {
    const { inbox, opened } = this.#desk;
    const listed = inbox.rows.find((row) => row.id === id)?.seq ?? 0;
    return id === opened.id ? Math.max(listed, opened.seq) : listed;
  }

  #read({ id, seq }) {
    if (this.#seen.get(id) < seq) this.#seen.set(id, seq);
  }

  /** All that are shown, or none where all are ticked. */
  toggleAll() {
    const shown = this.#desk.inbox.rows.slice(0, MOST).map((row) => row.id);
    const all = shown.every((id) => this.#seen.has(id));
    this.#seen = new Map(all ? [] : shown.map((id) => [id, this.#onScreen(id)]));
    this.#show();
  }

  clear() {
    this.#seen.clear();
    this.#show();
  }

  /** assign, resolve, snooze or tag what is ticked. */
  async run(action) {
    const ticked = new Map(this.#seen);
    const ids = [...ticked.keys()];
    const more = await this.#desk.dialogs.ask(action, null);
    if (!ids.length || more === null) return;
    const { results, error } = await act(ids, action, { ...more, seen: [...ticked.values()].join() });
    if (error) {
      notice(errorText(error.code), "error");
      return;
    }
    this.#tell(results);
    const failed = results.filter((one) => one.code);
    this.#seen = new Map(failed.map(({ id, seq }) => [id, seq ?? ticked.get(id)])); // `seq`: told
    this.#show();
    this.#desk.inbox.refresh(ids);
  }

  #tell(results) {
    const failed = results.filter((one) => one.code);
    const words = t("bulk_done", { count: results.length - failed.length, all: results.length });
    const names = new Map(this.#desk.inbox.rows.map((row) => [row.id, contactName(row)]));
    const said = failed.map(({ id, code, message }) => {
      const who = names.get(id) ?? t("visitor", { id: id.slice(-4) });
      return el("li", {}, `${who}: ${code === "conflict" ? message : errorText(code)}`);
    });
    byId("bulk-result").replaceChildren(words, ...(said.length ? [el("ul", {}, ...said)] : []));
    byId("bulk-result").hidden = false;
    announce(words);
  }

  /** What is in no list any more cannot be meant. */
  #forget() {
    const shown = new Set(this.#desk.inbox.rows.map((row) => row.id));
    for (const id of this.#seen.keys()) if (!shown.has(id)) this.#seen.delete(id);
    this.#show();
  }

  #show() {
    byId("bulk").hidden = !this.size;
    byId("bulk-count").textContent = t("ticked", { count: this.size });
    if (this.size && !byId("bulk").dataset.was) byId("bulk-result").hidden = true;
    byId("bulk").dataset.was = this.size ? "yes" : "";
    this.#desk.lists().ticked(this.#seen);
  }
}
