// Actions on many: which rows are ticked, and what is done with them. The server says of each
// conversation how it went, and so does the desk.

import { act } from "./api.js";
import { contactName, t } from "./config.js";
import { byId, el } from "./dom.js";
import { announce, errorText, notice } from "./notices.js";

const MOST = 100;

export class Selection {
  #ids = new Set();
  #desk;

  /** desk: { inbox, lists(), dialogs } */
  constructor(desk) {
    this.#desk = desk;
    for (const button of document.querySelectorAll("#bulk [data-bulk]")) {
      button.addEventListener("click", () => this.run(button.dataset.bulk));
    }
    byId("bulk-none").addEventListener("click", () => this.clear());
    desk.inbox.addEventListener("rows", () => this.#forget());
  }

  get size() {
    return this.#ids.size;
  }

  set(id, on) {
    if (on && this.#ids.size >= MOST) notice(t("too_many"), "error");
    else if (on) this.#ids.add(id);
    else this.#ids.delete(id);
    this.#show();
  }

  toggle(id) {
    this.set(id, !this.#ids.has(id));
  }

  /** All that are shown, or none where all are ticked. */
  toggleAll() {
    const shown = this.#desk.inbox.rows.slice(0, MOST).map((row) => row.id);
    const all = shown.every((id) => this.#ids.has(id));
    this.#ids = new Set(all ? [] : shown);
    this.#show();
  }

  clear() {
    this.#ids.clear();
    this.#show();
  }

  /** assign, resolve, snooze or tag what is ticked. */
  async run(action) {
    const ids = [...this.#ids];
    const more = await this.#desk.dialogs.ask(action, null);
    if (!ids.length || more === null) return;
    const { results, error } = await act(ids, action, more);
    if (error) {
      notice(errorText(error.code), "error");
      return;
    }
    this.#tell(results);
    this.#ids = new Set(results.filter((one) => one.code).map((one) => one.id));
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
    for (const id of this.#ids) if (!shown.has(id)) this.#ids.delete(id);
    this.#show();
  }

  #show() {
    byId("bulk").hidden = !this.#ids.size;
    byId("bulk-count").textContent = t("ticked", { count: this.#ids.size });
    if (this.#ids.size && !byId("bulk").dataset.was) byId("bulk-result").hidden = true;
    byId("bulk").dataset.was = this.#ids.size ? "yes" : "";
    this.#desk.lists().ticked(this.#ids);
  }
}
