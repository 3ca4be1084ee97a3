// The search field and the filters, both kept in the address.

import { channels, languages, members, t } from "./config.js";
import { byId, el } from "./dom.js";
import { get } from "./api.js";
import { FILTERS } from "./view.js";

export class Filters {
  #view;
  #form = byId("filter-form");
  #search = byId("search");

  constructor(view) {
    this.#view = view;
    const { channel, language, agent } = this.#form.elements;
    fillSelect(channel, channels);
    fillSelect(language, languages.map((code) => [code, code]));
    fillSelect(agent, [["queue", t("filter_queue")], ["bot", t("with_bot")], ...members]);
    this.#form.addEventListener("change", () => this.#changed());
    this.#form.addEventListener("submit", (event) => event.preventDefault());
    byId("filters-clear").addEventListener("click", () => this.clear());
    byId("filters").addEventListener("toggle", () => this.#loadTags());
    this.#search.addEventListener("submit", (event) => this.#searched(event));
    this.#search.elements.q.addEventListener("search", () => this.#emptied());
    view.addEventListener("changed", () => this.show());
    this.#loadTags().then(() => this.show());
  }

  focusSearch() {
    const field = this.#search.elements.q;
    field.focus();
    field.select();
  }

  /** All, urgent alone, high alone, normal alone, and all again. */
  nextPriority() {
    const { options } = this.#form.elements.priority;
    const values = [...options].map((option) => option.value);
    const at = values.indexOf(this.#view.params.priority ?? "");
    this.#view.change({ priority: values[(at + 1) % values.length] });
  }

  clear() {
    this.#view.change(Object.fromEntries(FILTERS.map((name) => [name, ""])));
  }

  /** Bring the form in line with the address. */
  show() {
    const { params, filterCount, query } = this.#view;
    for (const name of FILTERS) this.#form.elements[name].value = params[name] ?? "";
    if (document.activeElement !== this.#search.elements.q) this.#search.elements.q.value = query;
    byId("filter-count").textContent = filterCount || "";
    byId("filter-count").hidden = !filterCount;
    byId("filters-clear").hidden = !filterCount;
  }

  #changed() {
    const set = FILTERS.map((name) => [name, this.#form.elements[name].value]);
    this.#view.change(Object.fromEntries(set));
  }

  #searched(event) {
    event.preventDefault();
    const field = this.#search.elements.q;
    field.blur(); // the next key goes through what was found
    this.#view.change({ q: field.value.trim() });
  }

  /** The cross in the field: back to the view. */
  #emptied() {
    if (!this.#search.elements.q.value) this.#view.change({ q: "" });
  }

  async #loadTags() {
    const { body } = await get("tags/");
    if (!body) return;
    const select = this.#form.elements.tag;
    const chosen = this.#view.params.tag ?? "";
    select.replaceChildren(select.options[0]);
    fillSelect(select, body.tags.map(({ id, name }) => [id, name]));
    select.value = chosen;
  }
}

function fillSelect(select, pairs) {
  select.append(...pairs.map(([value, label]) => el("option", { value }, label)));
}
