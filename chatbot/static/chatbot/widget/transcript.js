// The log, and below it what is being said. Nodes are kept by key: each message is read out once.

import { setText } from "./dom.js";
import { choiceOf } from "./pressed.js";

const NEAR_END_PX = 80;

export class Transcript {
  constructor({ maker, texts }) {
    Object.assign(this, { maker, texts });
    this.scroller = document.getElementById("scroller");
    this.log = document.getElementById("log");
    this.activity = document.getElementById("activity");
    this.draft = document.getElementById("draft");
    this.later = document.getElementById("later");
    this.nodes = new Map();
    this.atEnd = true;
    this.scroller.addEventListener("scroll", () => this.scrolled());
    this.later.addEventListener("click", () => this.toEnd());
    new ResizeObserver(() => this.atEnd && this.toEnd()).observe(this.scroller);
  }

  render(store, unsent, { online }) {
    const { state } = store;
    const items = [...state.items, ...pendingItems(unsent, state)];
    const before = this.nodes.size;
    this.place(items);
    this.refresh(items, { state, online });
    this.showDraft(state);
    this.showActivity(store);
    const mine = this.nodes.size > before && items.at(-1)?.author === "visitor";
    if (this.atEnd || mine) this.toEnd();
    else this.later.hidden = this.nodes.size === before && this.later.hidden;
  }

  place(items) {
    const wanted = new Set(items.map((item) => item.key));
    for (const [key, node] of this.nodes) {
      if (wanted.has(key)) continue;
      node.remove();
      this.nodes.delete(key);
    }
    let previous = null;
    for (const item of items) {
      let node = this.nodes.get(item.key);
      if (!node) {
        node = this.maker.make(item);
        this.nodes.set(item.key, node);
      }
      const place = previous ? previous.nextSibling : this.log.firstChild;
      if (node !== place) this.log.insertBefore(node, place);
      previous = node;
    }
  }

  refresh(items, { state, online }) {
    items.forEach((item, index) => {
      const together = this.maker.together(items[index - 1], item);
      let progress = "";
      if (item.failed) progress = "failed";
      else if (item.pending && !item.sent) progress = online ? "sending" : "waits";
      this.maker.update(this.nodes.get(item.key), item, {
        feedback: state.feedback.get(item.message_id),
        state: progress,
        together,
        choice: choiceOf(items, index, state),
      });
    });
  }

  showDraft({ draft }) {
    const text = draft?.text ?? "";
    this.draft.hidden = !text;
    setText(this.draft.querySelector(".bubble"), text);
  }

  showActivity(store) {
    const { typing, draft } = store.state;
    let words = "";
    if (typing && typing.until > Date.now()) {
      words = this.texts.typing.replace("{name}", typing.name);
      clearTimeout(this.typingEnds);
      this.typingEnds = setTimeout(() => this.showActivity(store), typing.until - Date.now());
    } else if (draft) words = this.texts.drafting;
    else if (store.thinking) words = this.texts.thinking;
    this.activity.hidden = !words;
    setText(this.activity.querySelector(".words"), words);
  }

  scrolled() {
    const { scrollTop, clientHeight, scrollHeight } = this.scroller;
    this.atEnd = scrollHeight - scrollTop - clientHeight < NEAR_END_PX;
    if (this.atEnd) this.later.hidden = true;
  }

  toEnd() {
    this.later.hidden = true;
    this.atEnd = true;
    this.scroller.scrollTop = this.scroller.scrollHeight;
  }
}

// Messages that the server has not confirmed, except those whose event came first.
function pendingItems(unsent, state) {
  const known = new Set(state.items.map((item) => item.key));
  return unsent.messages
    .map((message) => ({
      ...message,
      kind: "message",
      author: "visitor",
      author_name: null,
      key: `c:${message.clientId}`,
      created_at: message.at,
      pending: true,
    }))
    .filter((item) => !known.has(item.key));
}
