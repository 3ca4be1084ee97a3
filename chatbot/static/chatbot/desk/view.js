// Which view of the inbox is open, with its filters and search: the address keeps it, so that back,
// reload and a link to a colleague work. The conversation itself is in the address's fragment.

export const FILTERS = ["channel", "language", "tag", "priority", "agent", "first", "last", "sort"];
const NAMES = ["view", "q", ...FILTERS];
const FIRST = "waiting";

/** Event "changed", after the address has changed. */
export class View extends EventTarget {
  constructor() {
    super();
    window.addEventListener("popstate", () => this.#emit());
  }

  /** Everything that is set, as the server takes it. */
  get params() {
    const given = new URLSearchParams(location.search);
    const set = NAMES.map((name) => [name, given.get(name) ?? ""]).filter(([, value]) => value);
    return { view: FIRST, ...Object.fromEntries(set) };
  }

  get name() {
    return this.params.view;
  }

  get query() {
    return this.params.q ?? "";
  }

  get filterCount() {
    return FILTERS.filter((name) => name !== "sort" && this.params[name]).length;
  }

  /** Rows stand from the smallest place on. */
  get isAscending() {
    const { sort, view } = this.params;
    return sort === "oldest" || (view === "waiting" && sort !== "newest");
  }

  /** Another view: the search ends, the filters stay. */
  choose(name) {
    this.change({ view: name, q: "" });
  }

  change(values) {
    const next = new URLSearchParams();
    const set = { ...this.params, ...values };
    for (const name of NAMES) if (set[name]) next.set(name, set[name]);
    if (set.view === FIRST) next.delete("view");
    const query = next.toString() ? `?${next}` : location.pathname;
    if (`?${next}` === (location.search || "?")) return;
    history.pushState(null, "", query + location.hash);
    this.#emit();
  }

  #emit() {
    this.dispatchEvent(new Event("changed"));
  }
}
