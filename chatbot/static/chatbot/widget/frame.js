// The chat window: puts the parts together. State lives in the store and in the unsent messages;
// everything on the screen follows from the two.

import { Composer } from "./composer.js";
import { Connection, socketUrl } from "./connection.js";
import { Extras } from "./extras.js";
import { Host } from "./host.js";
import { MessageMaker } from "./message.js";
import { StatusBar } from "./status.js";
import { Storage } from "./storage.js";
import { Store } from "./store.js";
import { Transcript } from "./transcript.js";
import { Unsent } from "./unsent.js";

const config = JSON.parse(document.getElementById("config").textContent);
const { key, language, texts } = config;
const NOTICE_MS = 6000;

if (config.colours) {
  // Set by script: the policy of the page forbids styles in the markup.
  document.documentElement.style.setProperty("--brand", config.colours.brand);
  document.documentElement.style.setProperty("--on-brand", config.colours.on_brand);
}
const storage = new Storage(key);
const store = new Store();
let shown = window.parent === window;
let drawn = 0;

const unsent = new Unsent({ storage, send: (frame) => connection.send(frame), onChange: draw });
const maker = new MessageMaker({ texts, language, act });
const transcript = new Transcript({ maker, texts });
const status = new StatusBar({
  texts,
  people: config.people,
  askPerson: () => connection.sendSoon({ type: "person.request" }),
  stopWaiting: () => connection.sendSoon({ type: "wait.cancel" }),
});
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
const host = new Host({ origins: config.origins, onOpened: opened, onClosed: () => (shown = false), onIdentify: (said) => extras.identify(said) });
const connection = new Connection({
  url: socketUrl(key),
  hello,
  onFrame: receive,
  onState(state) {
    if (state !== "online") unsent.sessionEnded();
    status.connectionChanged(state);
    draw();
  },
});

const extras = new Extras({ config, connection, store, storage, composer, unsent });
maker.files = extras.files;

function hello() {
  const token = storage.get("token");
  return { type: "session.start", token, after_seq: store.state.seq, language };
}

const FRAMES = {
  "session.started"(frame) {
    storage.set("token", frame.token);
    if (store.sessionStarted(frame)) {
      unsent.forgetSent();
      connection.send({ type: "events.resume", after_seq: 0 });
    }
    unsent.sessionStarted();
  },
  event(frame) {
    const missingAfter = store.apply(frame);
    if (missingAfter !== null) {
      connection.send({ type: "events.resume", after_seq: missingAfter });
    }
    const { author, client_id: clientId } = frame.payload;
    if (frame.seq <= store.state.seq && author === "visitor" && clientId) unsent.seen(clientId);
  },
  "message.accepted": (frame) => unsent.accepted(frame.client_id),
  "draft.appended": (frame) => store.draftAppended(frame),
  "draft.dropped": (frame) => store.draftDropped(frame),
  "typing.started": (frame) => store.typingStarted(frame),
  error(frame) {
    const { code, client_id: clientId, retry_after_s: retryAfterS } = frame;
    if (clientId) unsent.refused(clientId, { code, retryAfterS });
    const words = code === "rate_limited" ? texts.too_fast : (texts[code] ?? texts.trouble);
    if (!["conflict", "bad_identity"].includes(code)) status.say(words, { forMs: NOTICE_MS });
  },
};

function receive(frame) {
  FRAMES[frame.type]?.(frame);
  extras.take(frame);
  draw();
}

function act({ feedback, verdict, again, choose, option, label, person }) {
  if (again) unsent.again(again);
  else if (choose) unsent.add(label, { message_id: choose, option });
  else if (person) connection.sendSoon({ type: "person.request" });
  else connection.sendSoon({ type: "feedback.give", message_id: feedback, verdict });
}

// At most once for everything that happens in one go.
function draw() {
  drawn ||= setTimeout(() => {
    drawn = 0;
    transcript.render(store, unsent, { online: connection.online });
    status.render(store.state);
    extras.render(store.state);
    countUnread();
  });
}

function countUnread() {
  const { items, seq } = store.state;
  if (shown) storage.set("seen", seq);
  const seen = storage.get("seen") ?? 0;
  const fromUs = items.filter((item) => item.author && item.author !== "visitor");
  host.setUnread(shown ? 0 : fromUs.filter((item) => item.seq > seen).length);
}

function opened({ focus }) {
  shown = true;
  composer.grow();
  transcript.toEnd();
  if (focus) composer.focus();
  draw();
}

document.getElementById("close").hidden = host.alone;
document.getElementById("close").addEventListener("click", () => host.close());
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !event.isComposing) host.close();
});

// Nobody is written down as a visitor before they say something.
if (storage.get("token") || unsent.messages.length) connection.start();
draw();
host.ready(config.colours);
