// The desk: one line to the server, the inbox, one opened conversation. It shows what events say
// and nothing that is only hoped for.

import { About } from "./about.js";
import { Actions } from "./actions.js";
import { Canned } from "./canned.js";
import { Commands } from "./commands.js";
import { Composer } from "./composer.js";
import { t } from "./config.js";
import { Dialogs } from "./dialogs.js";
import { byId } from "./dom.js";
import { DraftBook } from "./draftbook.js";
import { Drafts } from "./drafts.js";
import { Filters } from "./filters.js";
import { ForMe } from "./forme.js";
import { Inbox } from "./inbox.js";
import { inboxKeys } from "./inboxkeys.js";
import { Lists } from "./lists.js";
import { errorText, notice } from "./notices.js";
import { listenToSwitches } from "./notify.js";
import { Opened } from "./opened.js";
import { PageContext } from "./pagecontext.js";
import { Pane } from "./pane.js";
import { Panel } from "./panel.js";
import { Places } from "./places.js";
import { Presence } from "./presence.js";
import { Selection } from "./selection.js";
import { listen } from "./shortcuts.js";
import { Line } from "./socket.js";
import { Staff } from "./staff.js";
import { Timeline } from "./timeline.js";
import { View } from "./view.js";

let me = null; // the member's id, once the server has said it
const memberId = () => me;

const line = new Line();
const commands = new Commands(line);
const opened = new Opened(line);
new PageContext(opened);
const view = new View();
const inbox = new Inbox(view);
const dialogs = new Dialogs();
const selection = new Selection({ inbox, dialogs, opened, lists: () => lists });
const lists = new Lists(choose, (id, on) => selection.set(id, on), memberId);
const filters = new Filters(view);
new Panel({ inbox, view, lists });
const timeline = new Timeline(opened, memberId);
const places = new Places(opened, inbox, memberId);
const staff = new Staff({ opened, commands, memberId });
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
const touched = (id) => inbox.refresh([id]);
const about = new About({ opened, dialogs, memberId, touched, choose, failed: conflict });
const more = inboxKeys({ view, filters, selection, about, opened });
listen({ actions, composer, pane, step, more });

line.addEventListener("up", (event) => {
  me = event.detail.member_id;
  connection("connected");
  opened.resume();
  commands.resume();
  inbox.reload();
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
  if (frame.type === "inbox.changed") {
    inbox.refresh(frame.conversation_ids);
    if (frame.conversation_ids.includes(opened.id)) about.read();
  } else if (frame.type === "desk.staffed") {
    staff.take(frame);
    places.take(frame.attention);
    forMe.take(frame.attention);
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
  history.replaceState(null, "", location.pathname + location.search);
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
