// The page around the frame. Host talks with the loader there: only an allowed origin is listened
// to, and until one has said hello nothing is told but that the frame is there. Page is what is
// said: the visitor's token that it keeps, its context and its visitor's signed identity, and each
// new message.

import { applyTheme } from "./theme.js";

export class Host {
  // onOpened({focus}) and onClosed() say what the visitor sees.
  constructor({ origins, onOpened, onClosed }) {
    this.allowed = new Set([...origins, window.location.origin]);
    this.alone = window.parent === window;
    this.origin = null;
    this.unread = 0;
    this.calls = { "firstline.opened": onOpened, "firstline.closed": onClosed };
    window.addEventListener("message", ({ source, origin, data }) => {
      if (source !== window.parent || !this.allowed.has(origin)) return;
      if (data?.type === "firstline.hello") {
        this.origin = origin;
        this.tell("firstline.unread", { count: this.unread });
      }
      if (Object.hasOwn(this.calls, data?.type)) this.calls[data.type](data);
    });
  }

  // calls: what to do for each type of message.
  listen(calls) {
    Object.assign(this.calls, calls);
  }

  // The colours are the launcher's, too; they are no secret.
  ready(colours) {
    if (!this.alone) window.parent.postMessage({ type: "firstline.ready", colours }, "*");
  }

  close() {
    this.tell("firstline.close");
  }

  setUnread(count) {
    if (count === this.unread) return;
    this.unread = count;
    this.tell("firstline.unread", { count });
  }

  tell(type, more = {}) {
    if (this.origin) window.parent.postMessage({ type, ...more }, this.origin);
  }
}

const MOST_TOKEN = 100;

export class Page {
  // begin() is called once the token is known, or at once where no page is around.
  constructor({ host, storage, connection, begin }) {
    Object.assign(this, { host, storage, connection });
    this.context = null;
    this.identity = null;
    host.listen({
      "firstline.hello": ({ token, context, identity, theme }) => {
        applyTheme(theme);
        this.context = context ?? null;
        this.identity = identity ?? null;
        this.agree(token);
        begin();
      },
      "firstline.context": ({ context }) => {
        this.context = context;
        this.sendContext();
      },
      "firstline.identify": ({ identity }) => {
        Object.assign(this, { identity: identity ?? null, told: true, identified: false });
        this.identify();
      },
    });
    if (host.alone) queueMicrotask(begin); // once all parts are there
  }

  // The page's storage is first-party and lasts; the frame's may be blocked or forgotten.
  agree(token) {
    const valid = typeof token === "string" && token && token.length <= MOST_TOKEN;
    if (valid) this.storage.set("token", token);
    else if (this.storage.get("token")) this.keep(this.storage.get("token"));
  }

  keep(token) {
    this.host.tell("firstline.token", { token });
  }

  // Who is signed in may have conversations of another device.
  opened() {
    if (this.identity) this.connection.start();
  }

  connectionChanged(state) {
    if (state !== "online") this.identified = false;
  }

  sessionStarted({ token, seq }, { fresh }) {
    this.keep(token);
    if (fresh) this.toldUpTo = seq; // what was said before this page was opened is no news
    this.identify();
    this.sendContext();
  }

  // Once for each connection; null: nobody is logged in any more.
  identify() {
    if (!(this.identity || this.told) || this.identified || !this.connection.online) return;
    Object.assign(this, { identified: true, told: false });
    this.connection.send({ type: "session.identify", token: this.identity });
  }

  sendContext() {
    if (this.context) this.connection.send({ type: "context.set", context: this.context });
  }

  // True for a message that is new to this page.
  posted({ seq, payload }) {
    if (seq <= this.toldUpTo) return false;
    this.toldUpTo = seq;
    const { message_id: id, author, author_name: name, text, created_at: at } = payload;
    const message = { id, author, author_name: name, text, created_at: at };
    this.host.tell("firstline.message", { message });
    return author !== "visitor";
  }
}
