// One message or status line as DOM, made from the templates of the frame page.

import { attached } from "./attached.js";
import { quickReplies, showChoice } from "./quickreplies.js";
import { openOutside, safeHtml, safeUrl } from "./safehtml.js";

export function clone(id) {
  return document.getElementById(id).content.firstElementChild.cloneNode(true);
}

export class MessageMaker {
  // act({feedback, verdict}), act({again}) and those of quickreplies.js are told what was pressed.
  constructor({ texts, language, act }) {
    Object.assign(this, { texts, act });
    this.clock = new Intl.DateTimeFormat(language, { hour: "numeric", minute: "2-digit" });
    this.calendar = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" });
  }

  make(item) {
    if (item.kind === "status") {
      const line = clone("status-template");
      line.textContent = item.text;
      return line;
    }
    const node = clone("message-template");
    node.dataset.author = item.author;
    this.byline(node, item);
    this.body(node.querySelector(".bubble"), item);
    node.querySelector(".bubble").hidden = !item.text;
    if (item.attachments?.length) node.querySelector(".bubble").after(attached(item.attachments, this.files));
    if (item.citations?.length) {
      this.sources(node, item.citations);
      if (item.author !== "member") this.feedback(node, item);
    }
    if (item.options?.length) node.append(quickReplies(item, this.act));
    return node;
  }

  speaker(item) {
    if (item.author === "visitor") return this.texts.you;
    return item.author === "member" ? item.author_name : this.texts.bot;
  }

  byline(node, item) {
    node.querySelector(".name").textContent = this.speaker(item);
    const tag = this.texts[`tag_${item.author}`];
    const badge = node.querySelector(".tag");
    if (tag) badge.textContent = tag;
    else badge.remove();
    const at = new Date(item.created_at);
    const time = node.querySelector("time");
    time.dateTime = item.created_at;
    const today = at.toDateString() === new Date().toDateString();
    time.textContent = (today ? this.clock : this.calendar).format(at);
  }

  body(bubble, item) {
    if (item.html && item.author !== "visitor") bubble.append(safeHtml(item.html));
    else bubble.textContent = item.text;
  }

  sources(node, citations) {
    const list = clone("sources-template");
    const seen = new Set();
    for (const citation of citations) {
      const href = safeUrl(citation.url, ["http:", "https:"]);
      const words = [citation.title, citation.heading].filter(Boolean);
      if (words[0] === words[1]) words.pop();
      if (!href || seen.has(href)) continue;
      seen.add(href);
      const entry = clone("source-template");
      const link = entry.querySelector("a");
      openOutside(link, href);
      link.querySelector(".title").textContent = words[0] ?? href;
      link.querySelector(".part").textContent = words[1] ?? "";
      list.querySelector("ul").append(entry);
    }
    if (seen.size) node.querySelector(".bubble").after(list);
  }

  feedback(node, item) {
    const box = clone("feedback-template");
    for (const button of box.querySelectorAll("button")) {
      const { verdict } = button.dataset;
      button.addEventListener("click", () => this.act({ feedback: item.message_id, verdict }));
    }
    node.append(box);
  }

  // What may change after a message was shown.
  update(node, item, { verdict, state, together, choice }) {
    if (item.kind === "status") return;
    showChoice(node, choice);
    node.classList.toggle("together", together);
    const pressed = node.querySelectorAll(".feedback button");
    for (const button of pressed) {
      button.setAttribute("aria-pressed", String(button.dataset.verdict === verdict));
    }
    if (pressed.length) {
      const thanks = { helped: this.texts.helped_thanks, wrong: this.texts.wrong_sorry }[verdict];
      setText(node.querySelector(".thanks"), thanks ?? "");
    }
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

export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}
