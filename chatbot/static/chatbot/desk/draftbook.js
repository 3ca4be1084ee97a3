// The drafts of this page: one for each conversation and mode, kept while another is on the screen.

import { t } from "./config.js";

/** Event: "changed" with { id, mode, typed }; typed: by this agent, here and now. */
export class DraftBook extends EventTarget {
  #drafts = new Map(); // "id mode" → { text, sending, problem, suggestion, seen }

  get(id, mode) {
    const key = `${id} ${mode}`;
    const empty = { text: "", sending: false, problem: "", suggestion: null, seen: null };
    if (!this.#drafts.has(key)) this.#drafts.set(key, empty);
    return this.#drafts.get(key);
  }

  /** What the server has of an earlier day or another device; what is typed here stays. */
  offer(id, mode, { text, suggestion_id: suggestion }) {
    const draft = this.get(id, mode);
    if (draft.text || draft.sending || !text) return false;
    Object.assign(draft, { text, suggestion });
    return true;
  }

  /** Another device wrote something else meanwhile: neither text is lost. */
  join(id, mode, text) {
    const draft = this.get(id, mode);
    if (!text || draft.sending || draft.text.includes(text)) return;
    draft.text = text.includes(draft.text) ? text : `${draft.text}\n\n${text}`;
    draft.problem = t("joined_draft");
    this.say(id, mode, false);
  }

  say(id, mode, typed) {
    this.dispatchEvent(new CustomEvent("changed", { detail: { id, mode, typed } }));
  }
}
