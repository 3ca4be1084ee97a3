// One message or status line as DOM, made from the templates of the frame page.

import { attached, guarded, sourceCards } from "./below.js";
import { clone, setText } from "./dom.js";
import { feedbackBox, quickReplies, showChoice, showFeedback } from "./pressed.js";
import { safeHtml } from "./safehtml.js";

const TOGETHER_MS = 5 * 60_000; // later than that a message says again who speaks, and when

export class MessageMaker {
  // act({feedback, verdict, reason}), act({again}), act({read}) and those of pressed.js are
  // told what was pressed.
  constructor({ texts, language, act, articles }) {
    Object.assign(this, { texts, act, articles });
    this.clock = new Intl.DateTimeFormat(language, { hour: "numeric", minute: "2-digit" });
    this.calendar = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" });
  }

  // A `readOnly` item is of an earlier conversation: it can be read, and its articles opened.
  make(item) {
    if (item.kind === "status") return this.line(item);
    const node = clone("message-template");
    node.dataset.author = item.author;
    this.byline(node, item);
    this.body(node.querySelector(".bubble"), item);
    node.querySelector(".bubble").hidden = !item.text;
    if (item.attachments?.length) node.querySelector(".bubble").after(attached(item.attachments, this.files));
    if (item.citations?.length) {
      const cards = sourceCards(item.citations, { read: (read) => this.act({ read: { ...read, said: item.text } }) });
      if (cards) node.querySelector(".bubble").after(cards);
    }
    if (item.readOnly) return node;
    if (item.citations?.length && item.author !== "member") node.append(feedbackBox(item, this));
    if (item.options?.length) node.append(quickReplies(item, this.act));
    return node;
  }

  line(item) {
    const line = clone("status-template");
    line.querySelector(".words").textContent = item.text;
    this.time(line.querySelector("time"), item.created_at);
    return line;
  }

  speaker(item) {
    if (item.author === "visitor") return this.texts.you;
    return item.author === "member" ? item.author_name : this.texts.bot;
  }

  // What the bot says of itself rests on nothing; an answer rests on the help pages.
  tag(item) {
    const says = item.author === "bot" && !item.citations?.length;
    return item.note ?? this.texts[says ? "tag_notice" : `tag_${item.repeated ? "again" : item.author}`];
  }

  // Whether a message goes on with what the same speaker said just before.
  together(above, item) {
    return (
      above?.kind === "message" &&
      above.author === item.author &&
      above.author_name === item.author_name &&
      this.tag(above) === this.tag(item) &&
      new Date(item.created_at) - new Date(above.created_at) < TOGETHER_MS
    );
  }

  byline(node, item) {
    node.querySelector(".name").textContent = this.speaker(item);
    const tag = this.tag(item);
    const badge = node.querySelector(".tag");
    if (tag) badge.textContent = tag;
    else badge.remove();
    this.time(node.querySelector("time"), item.created_at);
  }

  time(time, createdAt) {
    const at = new Date(createdAt);
    time.dateTime = createdAt;
    const today = at.toDateString() === new Date().toDateString();
    time.textContent = (today ? this.clock : this.calendar).format(at);
  }

  body(bubble, item) {
    if (item.html && item.author !== "visitor") bubble.append(safeHtml(item.html));
    else bubble.textContent = item.text;
    guarded(bubble, item.citations, this.articles);
  }

  // What may change after a message was shown.
  update(node, item, { feedback, state, together, choice }) {
    if (item.kind === "status") return;
    showChoice(node, choice);
    node.classList.toggle("together", together);
    if (item.note) setText(node.querySelector(".tag"), item.note);
    const box = node.querySelector(".feedback");
    if (box) showFeedback(box, feedback, this.texts);
    const line = node.querySelector(".state");
    if (line.dataset.state === state) return;
    line.dataset.state = state;
    line.textContent = this.texts[state] ?? "";
    if (state === "failed") {
      const again = clone("again-template");
      again.addEventListener("click", () => this.act({ again: item.clientId }));
      line.append(" ", again);
    }
  }
}
