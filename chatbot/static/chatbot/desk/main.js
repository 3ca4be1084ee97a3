// The desk: one line to the server, three lists, one opened conversation. It shows what events say
// and nothing that is only hoped for.

import { Actions } from "./actions.js";
import { Canned } from "./canned.js";
import { Commands } from "./commands.js";
import { Composer } from "./composer.js";
import { t } from "./config.js";
import { byId } from "./dom.js";
import { DraftBook } from "./draftbook.js";
import { Drafts } from "./drafts.js";
import { ForMe } from "./forme.js";
import { Lists } from "./lists.js";
import { announce, errorText, notice } from "./notices.js";
import { listenToSwitches } from "./notify.js";
import { Opened } from "./opened.js";
import { Pane } from "./pane.js";
import { Presence } from "./presence.js";
import { listen } from "./shortcuts.js";
import { Line } from "./socket.js";
import { Timeline } from "./timeline.js";

let me = null; // the member's id, once the server has said it
const memberId = () => me;

const line = new Line();
const commands = new Commands(line);
const opened = new Opened(line);
const lists = new Lists(choose);
const timeline = new Timeline(opened, memberId);
const actions = new Actions(opened, commands, memberId);
const conflict = (code, id) => actions.failed(code, id);
const drafts = new DraftBook();
const composer = new Composer({ opened, commands, drafts, line, memberId, conflict });
const pane = new Pane(opened, composer);
const presence = new Presence(opened, line, drafts);
const forMe = new ForMe(opened, choose);
new Canned(opened, composer);
new Drafts(opened, drafts, () => composer.show());
listenToSwitches();
listen({ actions, composer, pane, step });

line.addEventListener("up", (event) => {
  me = event.detail.member_id;
  connection("connected");
  opened.resume();
  commands.resume();
  composer.show();
  forMe.load();
});
line.addEventListener("down", () => {
  connection("offline");
  composer.show();
});
line.addEventListener("refused", () => connection("refused"));
line.addEventListener("frame", (event) => take(event.detail));
window.addEventListener("online", () => line.hurry());
window.addEventListener("hashchange", openFromAddress);
byId("back").addEventListener("click", close);

connection("connecting");
line.open();
openFromAddress();

function take(frame) {
  if (commands.take(frame)) return;
  if (frame.type === "queue.changed") {
    if (lists.show(frame)) announce(t("new_waiting"));
    forMe.lists(frame);
  } else if (frame.type === "typing.started") {
    if (frame.conversation_id === opened.id) timeline.showTyping();
  } else if (frame.type === "presence.shown") {
    presence.take(frame);
  } else if (frame.type === "pane.changed") {
    pane.changed(frame.conversation_id);
  } else if (frame.type === "notice.made") {
    forMe.took(frame);
  } else if (frame.type === "error") {
    notice(errorText(frame.code), "error");
    if (frame.code === "not_found") close();
  } else {
    opened.take(frame);
  }
}

function connection(state) {
  byId("connection").dataset.state = state;
  byId("connection").textContent = t(state);
}

/** The address keeps the conversation, so that reloading the page opens it again. */
function choose(id) {
  history.replaceState(null, "", `#${id}`);
  openFromAddress();
  byId("contact").focus();
}

function openFromAddress() {
  const id = location.hash.slice(1).toLowerCase();
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id)) return;
  show(true);
  opened.open(id);
  lists.mark(id);
}

function close() {
  history.replaceState(null, "", location.pathname);
  opened.close();
  lists.mark(null);
  show(false);
}

function show(conversation) {
  byId("opened").hidden = !conversation;
  byId("placeholder").hidden = conversation;
  byId("content").classList.toggle("is-open", conversation);
}

function step(by) {
  const id = lists.neighbour(by);
  if (id) choose(id);
}
