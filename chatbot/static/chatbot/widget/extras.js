// What stands around the talk. Each part shows itself by what events and session say. The form before
// the first message asks what the workspace wants to know; the field to write in waits for it.

import { clone } from "./dom.js";
import { Files } from "./files.js";
import { LeaveEmail, MailTranscript, Rating } from "./sheets.js";

const SOLVED = document.getElementById("solved");
const KINDS = { email: "email", name: "text", note: "text" };
const COMPLETE = { email: "email", name: "name", note: "off" };

export class Extras {
  constructor({ config, connection, store, storage, composer, unsent }) {
    Object.assign(this, { config, connection, store, storage, composer, unsent });
    const { texts } = config;
    const send = (frame) => connection.sendSoon(frame);
    this.files = new Files({ config, connection, store, storage, changed: () => composer.measure() });
    composer.files = this.files;
    this.prechat = new Prechat({ fields: config.prechat, send, composer });
    this.parts = [
      this.prechat,
      new LeaveEmail({ send }),
      new MailTranscript({ send, texts, offered: config.transcripts }),
      new Rating({ send, storage, texts, asked: config.ratings }),
    ];
    SOLVED.addEventListener("click", () => send({ type: "conversation.resolve" }));
  }

  take(frame) {
    if (frame.type === "session.started" && frame.is_other) this.forget();
    for (const part of this.parts) part.take?.(frame);
  }

  // Somebody else sits here now: nothing of what the earlier one typed is theirs to see.
  forget() {
    this.unsent.drop();
    this.composer.clear();
    this.files.clear();
  }

  render(state) {
    const answered = state.items.some((item) => item.author && item.author !== "visitor");
    SOLVED.hidden = state.status !== "open" || state.owner === "queue" || !answered;
    for (const part of this.parts) part.render(state, { unsent: this.unsent.messages.length });
  }
}

class Prechat {
  constructor({ fields, send, composer }) {
    Object.assign(this, { fields, send, composer, sent: false });
    this.form = document.getElementById("prechat");
    this.skip = this.form.querySelector(".skip");
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.submit();
    });
    this.skip.addEventListener("click", () => {
      this.skipped = true;
      this.render(this.state, {});
      this.composer.focus();
    });
    this.draw();
  }

  draw() {
    const rows = this.fields.map((field) => this.row(field));
    this.form.querySelector(".rows").replaceChildren(...rows);
    this.skip.hidden = this.fields.some((field) => field.required);
  }

  row({ name, label, required, options }) {
    const row = clone("prechat-row-template");
    const words = row.querySelector("label");
    words.textContent = label;
    words.htmlFor = `prechat-${name}`;
    row.querySelector(".optional").hidden = required;
    const field = document.createElement(name === "topic" ? "select" : "input");
    Object.assign(field, { id: `prechat-${name}`, name, required });
    if (name === "topic") {
      field.append(new Option("", ""), ...options.map((one) => new Option(one, one)));
    } else Object.assign(field, { type: KINDS[name], autocomplete: COMPLETE[name], maxLength: 500 });
    row.append(field);
    return row;
  }

  submit() {
    const given = Object.fromEntries(new FormData(this.form));
    this.sent = true;
    this.send({ type: "prechat.submit", ...given });
    this.render(this.state, {});
    this.composer.focus();
  }

  take(frame) {
    if (frame.type === "error") this.sent = false;
    if (frame.type !== "session.started") return;
    const same = JSON.stringify(frame.prechat) === JSON.stringify(this.fields);
    this.fields = frame.prechat ?? [];
    if (!same) this.draw(); // what was typed stays where the questions are the same
    const id = frame.conversation_id; // each conversation asks anew
    if (frame.is_other || (this.of ?? id) !== id) this.sent = this.skipped = false;
    this.of = id;
  }

  render(state, { unsent = 0 }) {
    this.state = state;
    const wanted = this.fields.length && !state.seq && !unsent && !this.sent && !this.skipped;
    this.form.hidden = !wanted;
    document.getElementById("composer").hidden = Boolean(wanted);
  }
}
