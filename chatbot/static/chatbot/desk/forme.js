// What waits for this agent: questions of the bot, and notes that name them.

import { deskPath, post } from "./paneapi.js";
import { contactName, t } from "./config.js";
import { byId } from "./dom.js";
import { announce, notice } from "./notices.js";
import { tellMe } from "./notify.js";

export class ForMe {
  #opened;
  #choose;
  #known = null;

  constructor(opened, choose) {
    this.#opened = opened;
    this.#choose = choose;
    opened.addEventListener("caught-up", () => this.#seen());
  }

  /** An answer that is being typed is not taken from the agent's hands. */
  load() {
    const box = byId("for-me");
    const typed = [...box.querySelectorAll("textarea")].some((field) => field.value.trim());
    if (typed || !window.htmx) return;
    window.htmx.ajax("GET", deskPath("for-me/"), { source: box, target: box }).catch(() => {});
  }

  took({ about, conversation_id: id, name }) {
    const words = t(about === "mention" ? "mentioned_by" : "bot_asks", { name });
    if (about === "mention") notice(words); // a question shows itself, in the box
    announce(words);
    tellMe(words, () => this.#choose(id));
    this.load();
    if (about === "mention" && id === this.#opened.id) this.#seen();
  }

  /** Who waits anew, and what visitors wrote in one's own conversations. */
  take(attention) {
    const first = this.#known === null;
    this.#known ??= new Map(); // id → the number of the visitor's last message
    for (const { id, contact, preview, waits, wrote_seq: seq } of attention) {
      const before = this.#known.get(id);
      this.#known.set(id, seq);
      if (first || (before ?? -1) >= seq) continue;
      const own = `${contactName({ contact, id })}: ${preview}`;
      if (waits && before === undefined) tellMe(t("new_waiting"), () => this.#choose(id));
      else if (!waits && (id !== this.#opened.id || document.hidden)) {
        tellMe(own, () => this.#choose(id));
      }
    }
  }

  async #seen() {
    const id = this.#opened.id;
    const { body } = await post(`c/${id}/seen/`);
    if (body?.seen) this.load();
  }
}
