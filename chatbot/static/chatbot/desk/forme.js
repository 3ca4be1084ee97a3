// What waits for this agent: questions of the bot, and notes that name them.

import { deskPath, post } from "./api.js";
import { contactName, t } from "./config.js";
import { byId } from "./dom.js";
import { announce, notice } from "./notices.js";
import { tellMe } from "./notify.js";

export class ForMe {
  #opened;
  #choose;
  #mine = null; // ids and last messages of one's own conversations
  #waiting = null;

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
    window.htmx.ajax("GET", deskPath("for-me/"), { source: box, target: box });
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
  lists({ waiting, mine }) {
    const before = [this.#waiting, this.#mine];
    this.#waiting = new Map(waiting.map((row) => [row.id, row.queued_at]));
    this.#mine = new Map(mine.map((row) => [row.id, `${row.last_message_at} ${row.preview}`]));
    if (!before[0]) return;
    const news = waiting.find((row) => !before[0].has(row.id));
    if (news) tellMe(t("new_waiting"), () => this.#choose(news.id));
    const wrote = mine.find(
      (row) => before[1].has(row.id) && before[1].get(row.id) !== this.#mine.get(row.id),
    );
    const elsewhere = wrote && (wrote.id !== this.#opened.id || document.hidden);
    if (elsewhere) tellMe(`${contactName(wrote)}: ${wrote.preview}`, () => this.#choose(wrote.id));
  }

  async #seen() {
    const id = this.#opened.id;
    const { body } = await post(`c/${id}/seen/`);
    if (body?.seen) this.load();
  }
}
