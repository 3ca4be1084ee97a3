// The visitor's earlier conversations: a list, one to read, and beginning a new one.

import { button, clone, line } from "./dom.js";
import { Store } from "./store.js";

export class Earlier {
  // send(frame) goes to the server; maker makes messages as the log has them.
  constructor({ texts, language, panel, maker, send }) {
    Object.assign(this, { texts, panel, maker, send });
    this.date = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" });
    this.button = document.getElementById("history");
    this.fresh = document.getElementById("fresh");
    this.button.addEventListener("click", () => this.open());
    this.fresh.addEventListener("click", () => this.begin());
  }

  // There is something to look up once there is a visitor, and something to begin once one ended.
  render({ conversationId, status }) {
    this.button.hidden = !conversationId;
    this.resolved = status === "resolved";
    this.fresh.hidden = !this.resolved;
  }

  begin() {
    this.panel.close();
    this.send({ type: "conversation.start" });
  }

  open() {
    if (this.body && this.panel.views.at(-1)?.body === this.body) return;
    this.body = this.panel.show(this.texts.earlier);
    this.body.append(line(this.texts.loading));
    this.list = null;
    this.send({ type: "conversations.list" });
  }

  take(frame) {
    if (frame.type === "conversations.listed" && this.body) this.listed(frame);
    else if (frame.type === "history.shown" && this.reading?.id === frame.conversation_id) {
      this.shown(frame);
    }
  }

  listed({ conversations, more }) {
    if (!this.list) {
      this.list = document.createElement("ul");
      this.list.className = "conversations";
      this.body.replaceChildren(this.list);
      if (!conversations.length) this.body.append(line(this.texts.earlier_none));
      if (this.resolved) this.body.prepend(this.startButton());
    }
    this.body.querySelector(".more")?.remove();
    for (const one of conversations) this.list.append(this.entry(one));
    if (more) this.body.append(this.moreButton(conversations.at(-1).id));
  }

  entry(one) {
    const row = clone("conversation-template");
    row.querySelector(".preview").textContent = one.preview || this.texts.no_words;
    const time = row.querySelector("time");
    time.dateTime = one.last_message_at;
    time.textContent = this.date.format(new Date(one.last_message_at));
    row.querySelector(".mark").textContent = this.texts[`was_${one.status}`] ?? "";
    row.querySelector("button").addEventListener("click", () => this.read(one));
    return row;
  }

  read({ id, last_message_at: at }) {
    const body = this.panel.show(this.date.format(new Date(at)));
    body.className = "read";
    body.append(line(this.texts.loading));
    this.reading = { id, body, store: new Store() };
    this.send({ type: "history.read", conversation_id: id, after_seq: 0 });
  }

  shown({ events, more }) {
    const { id, body, store } = this.reading;
    for (const event of events) store.apply(event);
    if (more) {
      this.send({ type: "history.read", conversation_id: id, after_seq: store.state.seq });
      return;
    }
    const { items } = store.state;
    const made = items.map((item, index) => {
      const node = this.maker.make({ ...item, readOnly: true });
      node.classList.toggle("together", this.maker.together(items[index - 1], item));
      return node;
    });
    body.replaceChildren(...made);
  }

  startButton() {
    return button(this.texts.start_new, "pill", () => this.begin());
  }

  moreButton(before) {
    return button(this.texts.more, "pill more", () =>
      this.send({ type: "conversations.list", before }),
    );
  }
}
