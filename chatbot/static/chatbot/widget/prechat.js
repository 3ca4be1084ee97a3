// What the workspace wants to know before the first message. The field to write in waits for it.

import { clone } from "./clone.js";

const KINDS = { email: "email", name: "text", note: "text" };
const COMPLETE = { email: "email", name: "name", note: "off" };

export class Prechat {
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
    if (frame.is_other) this.sent = this.skipped = false;
  }

  render(state, { unsent = 0 }) {
    this.state = state;
    const wanted = this.fields.length && !state.seq && !unsent && !this.sent && !this.skipped;
    this.form.hidden = !wanted;
    document.getElementById("composer").hidden = Boolean(wanted);
  }
}
