// One event as one element of the history. An event of an unknown kind has none.

import { clock, reason, t } from "./config.js";
import { el, link, safeHtml } from "./dom.js";
import { QUEUE_WORDS } from "./happenings.js";
import { receiptOf } from "./receipt.js";
import { attachedTo, visitorEntries } from "./visitors.js";

/** `names`: { visitor, memberId }, the contact's name and the member at the desk. */
export function entryOf(event, names) {
  const make = KINDS[event.kind];
  if (make) return make(event, names);
  const words = QUEUE_WORDS[event.kind];
  return words ? happening(event, words(event.staff_payload)) : null;
}

const KINDS = {
  "message.posted": messageOf,
  "note.added": noteOf,
  "owner.changed": ownerChange,
  "status.changed": statusChange,
  "escalation.started": (event) => happening(event, t("escalation_started")),
  "receipt.recorded": (event) =>
    el("article", { class: "entry unanswered" }, receiptOf(event.staff_payload)),
  "colleague.asked": (event) => happening(event, t("colleague_asked", colleagueOf(event))),
  "colleague.answered": (event) => happening(event, t("colleague_answered", colleagueOf(event))),
  "feedback.given": (event) => happening(event, feedbackText(event)),
  ...visitorEntries(happening),
};

function messageOf({ payload, staff_payload: staff, created_at: at }, names) {
  const files = attachedTo(payload.attachments ?? [], names.conversationId);
  const body = payload.html
    ? el("div", { class: "body" }, safeHtml(payload.html))
    : el("div", { class: "body plain" }, payload.text);
  const head = headOf(authorName(payload, staff.member_id, names), at);
  const sources = payload.citations.map(sourceOf).filter(Boolean);
  const cited = sources.length
    ? el("p", { class: "sources" }, `${t("sources")}: `, ...separated(sources))
    : null;
  const attributes = { class: `entry message ${payload.author}`, "data-message": payload.message_id };
  const chosen = payload.choice ? el("p", { class: "muted" }, t("chosen_from_options")) : null;
  return el("article", attributes, head, body, files, cited, offered(payload.options ?? []), chosen);
}

function authorName({ author, author_name: name, repeated }, memberId, names) {
  if (author === "visitor") return names.visitor;
  if (repeated) return t("author_repeated");
  if (author !== "member") return t(`author_${author}`);
  return memberId === names.memberId ? t("author_you", { name }) : name;
}

/** What a clarifying question offers; choiceMade() marks one later. */
function offered(options) {
  if (!options.length) return null;
  const rows = options.map(({ number, label }) =>
    el("li", { "data-option": number }, el("bdi", {}, label)),
  );
  return el("div", { class: "offered" }, el("p", { class: "muted" }, t("options")), el("ol", {}, ...rows));
}

/** Mark what the visitor chose in the question that offered it. */
export function choiceMade(log, { message_id: id, option }) {
  const chosen = log.querySelector(`[data-message="${CSS.escape(id)}"] [data-option="${option}"]`);
  chosen?.classList.add("chosen");
  chosen?.append(" ", el("strong", {}, t("chosen")));
}

function sourceOf({ url, title, heading }) {
  const label = heading && heading !== title ? `${title} › ${heading}` : title;
  return link(url, label, t("opens_in_a_new_tab"));
}

function separated(elements) {
  return elements.flatMap((element, index) => (index ? [", ", element] : [element]));
}

function noteOf({ staff_payload: note, created_at: at }) {
  const head = headOf(t("note_by", { name: note.member_name }), at);
  return el("article", { class: "entry note" }, head, el("div", { class: "body plain" }, note.text));
}

function ownerChange(event) {
  const { owner, agent_name: name, reason: why, text } = event.payload;
  return happening(event, t(`owner_${owner}`, { name, reason: reason(why) }), text);
}

function statusChange(event) {
  const { status, reason: why, text } = event.payload;
  return happening(event, t(`status_${status}`, { reason: reason(why) }), text);
}

function colleagueOf({ staff_payload: staff }) {
  return { name: staff.member_name, reason: reason(staff.reason) };
}

function feedbackText({ payload, staff_payload: staff }) {
  return t(`feedback_${payload.verdict}`) + (staff.reason ? ` “${staff.reason}”` : "");
}

/** Something that happened beside the messages, with the line that the visitor got to read. */
function happening({ kind, created_at: at }, words, visitorText = "") {
  const line = el("p", {}, words, " ", timeOf(at));
  const read = visitorText
    ? el("p", { class: "visitor-read" }, `${t("visitor_read")} “${visitorText}”`)
    : null;
  return el("article", { class: "entry happening", "data-kind": kind }, line, read);
}

function headOf(name, at) {
  return el("p", { class: "head" }, el("strong", {}, name), " ", timeOf(at));
}

function timeOf(at) {
  return el("time", { datetime: at, class: "muted" }, clock(at));
}
