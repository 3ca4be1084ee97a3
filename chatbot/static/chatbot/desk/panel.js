// The list's frame: which views there are and how many each has, what the list says when it is
// empty, and more rows when its end comes into sight.

import { t, workspace } from "./config.js";
import { byId, el } from "./dom.js";
import { announce, errorText } from "./notices.js";

const MOST = 999;

export class Panel {
  #buttons = [...document.querySelectorAll("#views [data-view]")];
  #waiting = null;
  #inbox;
  #view;
  #lists;

  constructor({ inbox, view, lists }) {
    this.#inbox = inbox;
    this.#view = view;
    this.#lists = lists;
    for (const button of this.#buttons) {
      button.addEventListener("click", () => view.choose(button.dataset.view));
    }
    byId("more").addEventListener("click", () => inbox.loadMore());
    inbox.addEventListener("rows", () => this.#show());
    inbox.addEventListener("counts", (event) => this.#count(event.detail));
    inbox.addEventListener("failed", (event) => this.#say(problem(event.detail, view)));
    const seen = (entries) => entries.some((entry) => entry.isIntersecting) && inbox.loadMore();
    new IntersectionObserver(seen, { root: byId("lists"), rootMargin: "200px" }).observe(byId("more"));
  }

  #show() {
    const { rows, loading, more } = this.#inbox;
    const { name, query } = this.#view;
    for (const button of this.#buttons) {
      const current = button.dataset.view === name && !query;
      if (current) button.setAttribute("aria-current", "page");
      else button.removeAttribute("aria-current");
    }
    const title = this.#buttons.find((button) => button.dataset.view === name);
    byId("list-title").textContent = query ? t("found", { query }) : title?.dataset.title;
    if (!loading) byId("items").dataset.view = query ? "search" : name;
    byId("items").setAttribute("aria-busy", loading);
    this.#lists.show(rows, name);
    byId("more").hidden = !more;
    if (loading) return;
    if (rows.length) this.#say("");
    else this.#say(t(this.#empty(name, query)));
  }

  #empty(name, query) {
    if (query) return "nothing_found";
    return this.#view.filterCount ? "nothing_fits" : `none_${name}`;
  }

  #say(words) {
    const place = byId("list-says");
    if (place.textContent !== words) place.replaceChildren(words ? el("span", {}, words) : "");
  }

  #count(counts) {
    for (const [name, count] of Object.entries(counts)) {
      const badge = byId(`${name}-count`);
      if (badge) badge.textContent = count > MOST ? `${MOST}+` : count;
    }
    const { waiting } = counts;
    document.title = `${waiting ? `(${waiting > MOST ? `${MOST}+` : waiting}) ` : ""}${t("desk")} · ${workspace}`;
    if (this.#waiting !== null && waiting > this.#waiting) announce(t("new_waiting"));
    this.#waiting = waiting;
  }
}

function problem(error, view) {
  if (view.query && error.code === "text_too_long") return t("search_too_long");
  if (view.query && error.code === "empty_text") return t("search_empty");
  return errorText(error.code);
}
