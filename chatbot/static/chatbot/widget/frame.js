// The chat window: puts the parts together. State lives in the store and in the unsent messages;
// everything on the screen follows from the two.

import { Articles } from "./article.js";
import { Composer } from "./composer.js";
import { Connection, socketUrl } from "./connection.js";
import { Earlier } from "./earlier.js";
import { framesOf } from "./frames.js";
import { Extras } from "./extras.js";
import { MessageMaker } from "./message.js";
import { Host, Page } from "./page.js";
import { Panel } from "./panel.js";
import { StatusBar, Waiting, Withdraw } from "./status.js";
import { Storage } from "./storage.js";
import { Store } from "./store.js";
import { applyTheme } from "./theme.js";
import { Transcript } from "./transcript.js";
import { Sound, Unread } from "./unread.js";
import { Unsent } from "./unsent.js";

const config = JSON.parse(document.getElementById("config").textContent);
const { key, language, texts } = config;

// Set by script: the policy of the page forbids styles in the markup.
const { brand: accent, on_brand: onAccent } = config.colours ?? {};
applyTheme({ accent, "on-accent": onAccent });
const storage = new Storage(key);
const store = new Store();
const unread = new Unread({ storage });
const sound = new Sound({ storage });
const panel = new Panel();
const waiting = new Waiting({ texts, language });
const articles = new Articles({ key, language, texts, panel, storage });
let shown = window.parent === window;
let drawn = 0;

const sendSoon = (frame) => connection.sendSoon(frame);
const unsent = new Unsent({ storage, send: (frame) => connection.send(frame), onChange: draw });
const maker = new MessageMaker({ texts, language, act, articles });
const transcript = new Transcript({ maker, texts });
const earlier = new Earlier({ texts, language, panel, maker, send: sendSoon });
const status = new StatusBar({
  texts,
  people: config.people,
  askPerson: () => sendSoon({ type: "person.request" }),
  stopWaiting: () => sendSoon({ type: "wait.cancel" }),
});
const withdraw = new Withdraw({ send: () => sendSoon({ type: "consent.withdraw" }) });
const composer = new Composer({
  maxText: config.maxText,
  texts,
  draft: { get: () => storage.get("draft"), set: (text) => storage.set("draft", text) },
  typing: () => store.state.owner !== "bot" && connection.send({ type: "typing.start" }),
  send(text, files) {
    connection.start();
    unsent.add(text, undefined, files);
  },
});
const host = new Host({ origins: config.origins, onOpened: opened, onClosed: () => (shown = false) });
const connection = new Connection({
  url: socketUrl(key),
  hello: () => ({
    type: "session.start",
    token: storage.get("token"),
    after_seq: store.state.seq,
    language,
  }),
  onFrame: receive,
  onState(state) {
    if (state !== "online") unsent.sessionEnded();
    page.connectionChanged(state);
    status.connectionChanged(state);
    draw();
  },
});
// Nobody is written down as a visitor before they say something.
const page = new Page({
  host,
  storage,
  connection,
  begin() {
    if (!config.prechat.length) composer.sendEarly();
    if (storage.get("token") || unsent.messages.length) connection.start();
  },
});

const extras = new Extras({ config, connection, store, storage, composer, unsent });
maker.files = extras.files;

const frames = framesOf({
  store, storage, connection, unsent, page, status, earlier, texts,
  sound: () => (!shown || document.hidden) && sound.play(),
});

function receive(frame) {
  frames[frame.type]?.(frame);
  extras.take(frame);
  draw();
}

function act({ feedback, verdict, reason, again, choose, option, label, person, read }) {
  if (again) unsent.again(again);
  else if (read) articles.open(read);
  else if (choose) unsent.add(label, { message_id: choose, option });
  else if (person) sendSoon({ type: "person.request" });
  else sendSoon({ type: "feedback.give", message_id: feedback, verdict, reason });
}

// At most once for everything that happens in one go.
function draw() {
  drawn ||= setTimeout(() => {
    drawn = 0;
    transcript.render(store, unsent, { online: connection.online });
    status.render(store.state);
    extras.render(store.state);
    withdraw.render(store.state);
    waiting.render(store.state);
    earlier.render(store.state);
    if (shown) unread.seen(store.state);
    host.setUnread(shown ? 0 : unread.count(store.state));
  });
}

function opened({ focus }) {
  shown = true;
  composer.grow();
  transcript.toEnd();
  if (focus && !panel.open) composer.focus();
  page.opened();
  draw();
}

storage.whenOther("conversation", (id) => id !== store.state.conversationId && connection.restart());
if (config.suggest) {
  const begin = () => import("../suggest/begin.js").then((one) => one.begin({ config, articles })).catch(() => {});
  composer.field.addEventListener("input", begin, { once: true });
}
document.getElementById("close").hidden = host.alone;
document.getElementById("close").addEventListener("click", () => host.close());
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.isComposing) return;
  if (panel.open) panel.back();
  else host.close();
});
draw();
host.ready(config.colours);
