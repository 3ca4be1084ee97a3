// Write a reply or a note. What was not confirmed stays in the field; each conversation keeps its own.

import { hintOf, refused, whyNot } from "./composerhints.js";
import { t } from "./config.js";
import { byId } from "./dom.js";
import { Files } from "./files.js";

const TYPING_EVERY_MS = 3_000;
const COMMANDS = { reply: "message.reply", note: "note.add" };

export class Composer {
  #drafts;
  #mode = "reply";
  #typedAt = 0;
  #desk;

  /** desk: { opened, commands, drafts, line, memberId(), conflict(code, id) } */
  constructor(desk) {
    this.#drafts = desk.drafts;
    desk.drafts.addEventListener("changed", ({ detail }) => !detail.typed && this.show());
    this.#desk = desk;
    this.form = byId("composer");
    this.text = byId("text");
    this.files = new Files(desk.opened);
    this.form.addEventListener("submit", (event) => this.#submit(event));
    this.form.addEventListener("change", () => this.choose(this.form.elements.mode.value));
    this.text.addEventListener("input", () => this.#typed());
    this.text.addEventListener("keydown", (event) => this.#key(event));
    desk.opened.addEventListener("opened", () => this.show());
    desk.opened.addEventListener("state", () => this.show());
  }

  choose(mode) {
    this.#mode = mode;
    this.form.elements.mode.value = mode;
    this.show();
  }

  focus(mode) {
    this.choose(mode);
    this.text.focus();
  }

  /** Bring the form in line with the conversation's state and the draft. */
  show() {
    const draft = this.#draft();
    const may = this.#mode === "note" || this.#mine();
    const note = this.#mode === "note";
    this.form.classList.toggle("note", note);
    byId("text-label").textContent = t(note ? "note_label" : "reply_label");
    this.text.placeholder = t(note ? "note_label" : "reply_label");
    if (this.text.value !== draft.text) this.text.value = draft.text;
    this.text.readOnly = draft.sending || !may;
    byId("send").textContent = t(note ? "send_note" : "send_reply");
    byId("send").setAttribute("aria-disabled", draft.sending || !may);
    byId("text-problem").textContent = draft.problem;
    byId("based").hidden = note || !draft.suggestion;
    byId("based").textContent = draft.suggestion ? t("based_on_suggestion") : "";
    byId("text-hint").textContent = hintOf(draft, may, this.#desk);
  }

  #mine() {
    const { opened, memberId } = this.#desk;
    return opened.isMine(memberId()) && opened.state.status !== "resolved";
  }

  #draft() {
    return this.#drafts.get(this.#desk.opened.id, this.#mode);
  }

  /** A suggestion into the reply: in place of an empty one, else below what is written. */
  insert(text, suggestion) {
    this.choose("reply");
    const draft = this.#draft();
    if (draft.sending || !this.#mine()) {
      byId("text-problem").textContent = whyNot(this.#desk);
      return;
    }
    const before = draft.text.trim();
    this.#put(draft, before ? `${before}\n\n${text}` : text, suggestion);
  }

  /** A text in place of what is typed. */
  put(text) {
    const draft = this.#draft();
    if (!draft.sending) this.#put(draft, text, draft.suggestion);
  }

  #put(draft, text, suggestion) {
    Object.assign(draft, { text, suggestion, problem: "", seen: this.#desk.opened.seq });
    this.show();
    this.text.focus();
    this.text.setSelectionRange(text.length, text.length);
    this.#changed(true);
  }

  #changed(typed) {
    this.#drafts.say(this.#desk.opened.id, this.#mode, typed);
  }

  #typed() {
    const draft = this.#draft();
    const { seq } = this.#desk.opened;
    Object.assign(draft, { text: this.text.value, problem: "", seen: seq });
    if (!draft.text.trim()) draft.suggestion = null;
    this.#changed(true);
    this.show();
    const now = Date.now();
    if (this.#mode === "reply" && draft.text && now - this.#typedAt > TYPING_EVERY_MS) {
      this.#typedAt = now;
      this.#desk.line.send({ type: "typing.start", conversation_id: this.#desk.opened.id });
    }
  }

  #key(event) {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    this.form.requestSubmit();
  }

  async #submit(event) {
    event.preventDefault();
    const draft = this.#draft();
    const id = this.#desk.opened.id;
    const files = this.#mode === "reply" ? this.files.ready(id) : [];
    if (draft.sending || this.text.readOnly || !(draft.text.trim() || files.length)) return;
    Object.assign(draft, { sending: true, problem: "" });
    this.show();
    const mode = this.#mode;
    const fields = { conversation_id: id, text: draft.text };
    if (mode === "reply") Object.assign(fields, { suggestion_id: draft.suggestion, seen_seq: draft.seen });
    if (files.length) fields.attachments = files.map((row) => row.part.id);
    const error = await this.#desk.commands.send(COMMANDS[mode], fields);
    draft.sending = false;
    if (!error) {
      Object.assign(draft, { text: "", suggestion: null });
      this.files.sent(id, files);
    } else if (error.code === "conflict") this.#desk.conflict(error.code, id);
    else refused(draft, error.code);
    this.#drafts.say(id, mode, false);
    this.show();
  }
}
