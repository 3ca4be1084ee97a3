// Write a reply or a note. What was not confirmed stays in the field; each conversation keeps its own.

import { maxText, t } from "./config.js";
import { byId } from "./dom.js";
import { Files } from "./files.js";
import { errorText } from "./notices.js";

const TYPING_EVERY_MS = 3_000;
const COUNT_FROM = 500; // characters left
const COMMANDS = { reply: "message.reply", note: "note.add" };

export class Composer {
  #drafts = new Map(); // "id mode" → { text, sending, problem }
  #mode = "reply";
  #typedAt = 0;
  #desk;

  /** desk: { opened, commands, line, memberId(), conflict(code, id) } */
  constructor(desk) {
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
    byId("text-hint").textContent = this.#hint(draft, may);
  }

  #hint(draft, may) {
    if (draft.sending) return t(this.#desk.line.isUp ? "sending" : "waits_for_connection");
    if (!may) return this.#whyNot();
    const left = maxText - [...draft.text].length;
    if (left < 0) return t("too_long", { count: -left });
    return left < COUNT_FROM ? t("characters_left", { count: left }) : t("reply_hint");
  }

  #whyNot() {
    const { owner, status, agent_name: name } = this.#desk.opened.state ?? {};
    if (status === "resolved") return t("reply_resolved");
    return owner === "member" ? t("reply_busy", { name }) : t("reply_not_yours");
  }

  #mine() {
    const { opened, memberId } = this.#desk;
    return opened.isMine(memberId()) && opened.state.status !== "resolved";
  }

  #draft() {
    const key = `${this.#desk.opened.id} ${this.#mode}`;
    if (!this.#drafts.has(key)) this.#drafts.set(key, { text: "", sending: false, problem: "" });
    return this.#drafts.get(key);
  }

  #typed() {
    const draft = this.#draft();
    Object.assign(draft, { text: this.text.value, problem: "" });
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
    const fields = { conversation_id: id, text: draft.text };
    if (files.length) fields.attachments = files.map((row) => row.part.id);
    const error = await this.#desk.commands.send(COMMANDS[this.#mode], fields);
    draft.sending = false;
    if (!error) {
      draft.text = "";
      this.files.sent(id, files);
    } else if (error.code === "conflict") this.#desk.conflict(error.code, id);
    else draft.problem = errorText(error.code);
    this.show();
  }
}
