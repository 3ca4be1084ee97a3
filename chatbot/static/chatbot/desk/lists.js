// The three lists. A row keeps its element while it moves, so focus and screen readers keep theirs.

import { contactName, reason, t, waited, workspace } from "./config.js";
import { byId, el } from "./dom.js";
import { showPlace } from "./places.js";

const NAMES = ["waiting", "mine", "others"];
const EMPTY = { waiting: "nobody_waits", mine: "you_hold_none", others: "no_others" };
const TICK_MS = 15_000;

export class Lists {
  #rows = new Map(); // id → { item, button, parts, conversation, list }
  #waiting = null;
  #current = null;
  #choose;

  #memberId;

  constructor(choose, memberId) {
    this.#choose = choose;
    this.#memberId = memberId;
    setInterval(() => this.#rows.forEach((row) => fillTimes(row, memberId())), TICK_MS);
  }

  /** Returns whether somebody waits who did not before. */
  show(lists) {
    const focused = document.activeElement;
    const present = new Set(NAMES.flatMap((name) => lists[name].map((row) => row.id)));
    for (const [id, row] of this.#rows) {
      if (!present.has(id)) {
        row.item.remove();
        this.#rows.delete(id);
      }
    }
    for (const name of NAMES) this.#showList(name, lists[name], lists.counts[name]);
    if (focused !== document.activeElement && focused.isConnected) focused.focus();
    const count = lists.counts.waiting;
    document.title = `${count ? `(${count}) ` : ""}${t("desk")} · ${workspace}`;
    const before = this.#waiting;
    this.#waiting = new Set(lists.waiting.map((row) => row.id));
    return before !== null && lists.waiting.some((row) => !before.has(row.id));
  }

  mark(id) {
    this.#current = id;
    for (const [rowId, row] of this.#rows) setCurrent(row, rowId === id);
  }

  /** The one after (+1) or before (-1) the marked one, in the order of the screen. */
  neighbour(step) {
    const ids = [...document.querySelectorAll("#lists .item")].map((item) => item.dataset.id);
    const at = ids.indexOf(this.#current);
    if (at < 0) return step > 0 ? ids[0] : ids.at(-1);
    return ids[at + step];
  }

  #showList(name, conversations, count) {
    const list = byId(name);
    byId(`${name}-count`).textContent = count;
    list.querySelectorAll(":scope > .filler").forEach((filler) => filler.remove());
    let place = list.firstElementChild;
    for (const conversation of conversations) {
      const row = this.#rows.get(conversation.id) ?? this.#newRow(conversation.id);
      Object.assign(row, { conversation, list: name });
      fill(row, this.#memberId());
      setCurrent(row, conversation.id === this.#current);
      if (row.item === place) place = place.nextElementSibling;
      else list.insertBefore(row.item, place);
    }
    if (!count) list.append(el("li", { class: "filler muted" }, t(EMPTY[name])));
    const hidden = count - conversations.length;
    if (hidden > 0) list.append(el("li", { class: "filler muted" }, t("more", { count: hidden })));
  }

  #newRow(id) {
    const parts = {
      name: el("span", { class: "name" }),
      when: el("span", { class: "when" }),
      preview: el("span", { class: "preview" }),
      tag: el("span", { class: "tag" }),
      place: el("span", { class: "chips" }),
    };
    const button = el("button", { type: "button", class: "item", "data-id": id });
    button.append(parts.name, parts.when, parts.preview, parts.tag, parts.place);
    button.addEventListener("click", () => this.#choose(id));
    const row = { item: el("li", {}, button), button, parts };
    this.#rows.set(id, row);
    return row;
  }
}

function fill(row, memberId) {
  const { conversation, list, parts } = row;
  parts.name.textContent = contactName(conversation);
  parts.preview.textContent = conversation.preview;
  parts.preview.lang = conversation.language;
  if (list === "waiting") {
    parts.tag.textContent = conversation.handoff_reason ? reason(conversation.handoff_reason) : "";
  } else if (list === "others") {
    parts.tag.textContent = conversation.agent_name ?? t("with_bot");
  } else {
    parts.tag.textContent = "";
  }
  fillTimes(row, memberId);
}

function fillTimes({ conversation, list, parts, button }, memberId) {
  showPlace(parts.place, conversation.place, memberId);
  const since = list === "waiting" ? conversation.queued_at : conversation.last_message_at;
  const time = since ? waited(since) : "";
  parts.when.textContent = time;
  button.title = list === "waiting" ? t("waits", { time }) : "";
}

function setCurrent(row, current) {
  if (current) row.button.setAttribute("aria-current", "true");
  else row.button.removeAttribute("aria-current");
}
