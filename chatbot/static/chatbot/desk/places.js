// Where a conversation stands with people: its queue, priority and offer as chips, and the SLA
// clock that is due next, as words and colour.

import { minutesUntil, span, t } from "./config.js";
import { byId, el } from "./dom.js";
import { notice } from "./notices.js";

const TICK_MS = 15_000;

/** Fill an element with the chips of a place; an element without a place stays empty. */
export function showPlace(element, place, memberId) {
  const parts = place ? chips(place, memberId) : [];
  const key = parts.map((part) => `${part.className}|${part.textContent}`).join("\n");
  if (element.dataset.key === key) return; // what did not change is not read out again
  element.dataset.key = key;
  element.replaceChildren(...parts);
}

function chips(place, memberId) {
  const found = [el("span", { class: "chip" }, place.queue)];
  if (place.priority !== "normal") {
    found.push(el("span", { class: `chip ${place.priority}` }, t(`priority_${place.priority}`)));
  }
  if (place.offered_to) {
    const own = place.offered_to === memberId;
    const words = own ? t("offered_to_you") : t("offered_to", { name: place.offered_name });
    found.push(el("span", { class: own ? "chip own" : "chip" }, words));
  }
  const clock = place.clocks[0];
  if (clock) found.push(el("span", { class: `chip clock ${stateOf(clock)}` }, clockText(clock)));
  return found;
}

function stateOf({ soon_at: soon, due_at: due }) {
  if (minutesUntil(due) <= 0) return "late";
  return minutesUntil(soon) <= 0 ? "soon" : "";
}

function clockText({ kind, due_at: due }) {
  const minutes = minutesUntil(due);
  const key = minutes > 0 ? "clock_left" : "clock_late";
  return t(key, { clock: t(`clock_${kind}`), time: span(Math.abs(minutes)) });
}

/** The place of the opened conversation, and a word about clocks that run out and own offers. */
export class Places {
  #said = new Set();
  #opened;
  #inbox;
  #memberId;

  constructor(opened, inbox, memberId) {
    this.#opened = opened;
    this.#inbox = inbox;
    this.#memberId = memberId;
    opened.addEventListener("opened", () => this.#show());
    opened.addEventListener("state", () => this.#show());
    inbox.addEventListener("rows", () => this.#show());
    setInterval(() => this.#show(), TICK_MS);
  }

  /** attention: conversations that are offered to this agent or whose clock runs out. */
  take(attention) {
    for (const row of attention) this.#alert(row);
    this.#show();
  }

  #show() {
    const { id, state } = this.#opened;
    const place = this.#inbox.rows.find((row) => row.id === id)?.place ?? state?.place;
    showPlace(byId("place"), state && state.owner !== "bot" ? place : null, this.#memberId());
  }

  #alert({ id, place, preview }) {
    if (!place) return;
    const about = preview ? ` “${preview.slice(0, 60)}”` : "";
    if (place.offered_to === this.#memberId()) {
      this.#once(`${id} ${place.offered_until}`, t("offered_to_you") + about);
    }
    for (const clock of place.clocks) {
      const state = stateOf(clock);
      if (!state) continue;
      const words = t(state === "late" ? "sla_breached" : "sla_warned", {
        clock: t(`clock_${clock.kind}`),
      });
      this.#once(`${id} ${clock.kind} ${clock.due_at} ${state}`, words + about);
    }
  }

  #once(key, words) {
    if (this.#said.has(key)) return;
    this.#said.add(key);
    notice(words);
  }
}
