// The rows of the open view. The head of the list comes anew whenever something happened; what was
// loaded further down stays, less what has moved since. One request at a time.

import { get } from "./api.js";

/** Events: "rows" (this.rows), "counts" (in `detail`), "failed" (the error in `detail`). */
export class Inbox extends EventTarget {
  rows = [];
  more = false;
  loading = false;
  #view;
  #next = null; // where the next page of a search begins
  #touched = new Set();
  #due = false;
  #busy = false;
  #turn = 0; // answers to an earlier view are dropped

  constructor(view) {
    super();
    this.#view = view;
    view.addEventListener("changed", () => this.reload());
  }

  /** Begin anew: another view, or the line was away. */
  async reload() {
    this.#touched.clear();
    const turn = ++this.#turn;
    this.loading = true;
    this.#emit("rows");
    const body = await this.#ask({});
    if (turn !== this.#turn) return;
    this.loading = false;
    if (body) this.#put(body.rows, body);
    else this.#emit("rows");
    if (this.#view.query) this.refresh([]);
  }

  /** These conversations may stand elsewhere now. */
  async refresh(ids) {
    for (const id of ids) this.#touched.add(id);
    this.#due = true;
    if (this.#busy) return;
    this.#busy = true;
    while (this.#due) await this.#again();
    this.#busy = false;
  }

  async #again() {
    const touched = [...this.#touched].slice(0, 100);
    this.#touched.clear();
    this.#due = false;
    const turn = this.#turn;
    const { body } = await get("inbox/", {
      ...this.#view.params,
      q: "",
      touched: this.#view.query ? "" : touched.join(","),
    });
    if (!body) return;
    this.#emit("counts", body.counts);
    if (turn === this.#turn && !this.loading && !this.#view.query) this.#merge(body, touched);
  }

  /** The next page. */
  async loadMore() {
    if (!this.more || this.loading) return;
    const turn = this.#turn;
    this.loading = true;
    const last = this.#view.query ? this.#next : this.rows.at(-1)?.stand;
    const body = await this.#ask({ after: last });
    if (turn !== this.#turn) return;
    this.loading = false;
    if (!body) return;
    const known = new Set(this.rows.map((row) => row.id));
    this.#put([...this.rows, ...body.rows.filter((row) => !known.has(row.id))], body);
  }

  async #ask(more) {
    const path = this.#view.query ? "search/" : "inbox/";
    const { body, error } = await get(path, { ...this.#view.params, ...more });
    if (error) this.#emit("failed", error);
    if (body?.counts) this.#emit("counts", body.counts);
    return body;
  }

  #put(rows, { more, next }) {
    this.rows = rows;
    this.#next = next ?? null;
    this.more = more ?? Boolean(next);
    this.#emit("rows");
  }

  /** The head as it is now, then what lies behind it and has not moved. */
  #merge({ rows: head, more, touched: found }, touched) {
    const edge = head.at(-1)?.stand;
    const gone = new Set([...touched, ...head.map((row) => row.id)]);
    const inHead = new Set(head.map((row) => row.id));
    const kept = this.rows.filter((row) => !gone.has(row.id));
    const moved = found.filter((row) => !inHead.has(row.id));
    const tail = more ? [...kept, ...moved].filter((row) => this.#isBehind(row.stand, edge)) : [];
    // Whatever lies behind the last row that was loaded comes with its own page.
    const last = this.rows.at(-1)?.stand ?? edge;
    const shown = tail.filter((row) => row.stand === last || !this.#isBehind(row.stand, last));
    shown.sort((one, other) => (this.#isBehind(one.stand, other.stand) ? 1 : -1));
    this.rows = [...head, ...shown];
    this.more = more && (this.more || shown.length < tail.length || this.rows.length === head.length);
    this.#emit("rows");
  }

  #isBehind(place, edge) {
    return this.#view.isAscending ? place > edge : place < edge;
  }

  #emit(name, detail = null) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}
