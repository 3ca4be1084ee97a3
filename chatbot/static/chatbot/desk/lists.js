// The list of the inbox. A row keeps its element while it moves, so focus and screen readers keep
// theirs.

import { clock, contactName, reason, t, waited } from "./config.js";
import { byId, el } from "./dom.js";
import { showPlace } from "./places.js";
import { chip } from "./tagchips.js";

const TICK_MS = 15_000;

export class Lists {
  #rows = new Map(); // id → { item, button, tick, parts, conversation, list }
  #current = null;
  #choose;
  #tick;

  #memberId;

  /** choose(id): open it; tick(id, on): it was chosen for an action on many. */
  constructor(choose, tick, memberId) {
    this.#choose = choose;
    this.#tick = tick;
    this.#memberId = memberId;
    setInterval(() => this.#rows.forEach((row) => fillTimes(row, memberId())), TICK_MS);
  }

  /** Show these and no others, as rows of this view. */
  show(conversations, name) {
    const focused = document.activeElement;
    const present = new Set(conversations.map((row) => row.id));
    for (const [id, row] of this.#rows) {
      if (!present.has(id)) {
        row.item.remove();
        this.#rows.delete(id);
      }
    }
    this.#place(conversations, name);
    if (focused !== document.activeElement && focused.isConnected) focused.focus();
  }

  mark(id) {
    this.#current = id;
    for (const [rowId, row] of this.#rows) setCurrent(row, rowId === id);
    const opened = this.#rows.get(id);
    if (opened) fill(opened);
  }

  ticked(ids) {
    for (const [id, row] of this.#rows) row.tick.checked = ids.has(id);
  }

  /** The one after (+1) or before (-1) the marked one, in the order of the screen. */
  neighbour(step) {
    const ids = [...document.querySelectorAll("#lists .item")].map((item) => item.dataset.id);
    const at = ids.indexOf(this.#current);
    if (at < 0) return step > 0 ? ids[0] : ids.at(-1);
    return ids[at + step];
  }

  #place(conversations, name) {
    const list = byId("items");
    let place = list.firstElementChild;
    for (const conversation of conversations) {
      const row = this.#rows.get(conversation.id) ?? this.#newRow(conversation.id);
      Object.assign(row, { conversation, list: name });
      setCurrent(row, conversation.id === this.#current);
      fill(row, this.#memberId());
      if (row.item === place) place = place.nextElementSibling;
      else list.insertBefore(row.item, place);
    }
  }

  #newRow(id) {
    const parts = {
      name: el("span", { class: "name" }),
      when: el("span", { class: "when" }),
      preview: el("span", { class: "preview" }),
      tag: el("span", { class: "tag" }),
      chips: el("span", { class: "chips" }),
      place: el("span", { class: "chips" }),
    };
    const tick = el("input", { type: "checkbox", class: "tick" });
    tick.addEventListener("change", () => this.#tick(id, tick.checked));
    const button = el("button", { type: "button", class: "item", "data-id": id });
    button.append(parts.name, parts.when, parts.preview, parts.tag, parts.place, parts.chips);
    button.addEventListener("click", () => this.#choose(id));
    const row = { item: el("li", {}, tick, button), button, tick, parts };
    this.#rows.set(id, row);
    return row;
  }
}

function fill(row, memberId) {
  const { conversation, list, parts, tick, item } = row;
  const name = contactName(conversation);
  const unread = conversation.unread ? el("span", { class: "hidden-label" }, ` ${t("unread")}`) : "";
  parts.name.replaceChildren(name, unread);
  item.classList.toggle("unread", conversation.unread);
  tick.setAttribute("aria-label", t("tick", { name }));
  parts.preview.replaceChildren(...preview(conversation));
  parts.preview.lang = conversation.language;
  parts.tag.textContent = under(conversation, list);
  parts.chips.replaceChildren(...(conversation.tags ?? []).map(chip));
  fillTimes(row, memberId);
}

/** The last message, or the words that were found with who said them. */
function preview({ preview: last, snippet, said_by: author }) {
  if (!snippet) return [last];
  const found = snippet.map(({ text, hit }) => (hit ? el("mark", {}, text) : text));
  return [`${t(`said_${author}`)}: `, ...found];
}

function under(conversation, list) {
  const { status, merged, snoozed_until: until, handoff_reason: why, owner } = conversation;
  if (merged) return t("merged");
  if (status === "resolved") return t("state_resolved");
  if (status === "snoozed") return t("snoozed_until", { time: clock(until) });
  if (owner === "queue") return why ? reason(why) : t("state_queue");
  return list === "mine" ? "" : (conversation.agent_name ?? t("with_bot"));
}

function fillTimes({ conversation, parts, button }, memberId) {
  showPlace(parts.place, conversation.place, memberId);
  const waits = conversation.owner === "queue" && !conversation.said_at;
  const last = conversation.said_at ?? conversation.last_message_at;
  const since = waits ? conversation.queued_at : last;
  const time = since ? waited(since) : "";
  parts.when.textContent = time;
  parts.when.classList.toggle("waits", waits);
  button.title = waits ? t("waits", { time }) : "";
}

/** What is on the screen is read. */
function setCurrent(row, current) {
  if (current) {
    row.button.setAttribute("aria-current", "true");
    row.conversation.unread = false;
  } else row.button.removeAttribute("aria-current");
}
