// Mail: an address for the answer where nobody is there, and the conversation on request.

import { setText } from "./message.js";

export class LeaveEmail {
  constructor({ send }) {
    this.form = document.getElementById("leave-email");
    this.field = this.form.querySelector("input");
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      send({ type: "email.leave", email: this.field.value.trim() });
    });
  }

  render({ emailWanted, emailLeft, owner }) {
    this.form.hidden = !emailWanted || emailLeft || owner !== "queue";
  }
}

export class MailTranscript {
  constructor({ send, texts, offered }) {
    Object.assign(this, { texts, offered, identified: false });
    this.form = document.getElementById("transcript");
    this.field = this.form.querySelector("input");
    this.said = document.getElementById("transcript-said");
    this.button = document.getElementById("mail-transcript");
    this.button.addEventListener("click", () => this.toggle(this.form.hidden));
    this.form.querySelector(".skip").addEventListener("click", () => {
      this.toggle(false);
      this.button.focus();
    });
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      send({ type: "transcript.request", email: this.field.value.trim() });
    });
  }

  toggle(open) {
    this.form.hidden = !open;
    this.button.setAttribute("aria-expanded", String(open));
    this.say("");
    if (open) this.field.focus();
  }

  say(words) {
    setText(this.said, words);
    this.said.hidden = !words;
  }

  take(frame) {
    if (frame.type !== "transcript.accepted") return;
    this.toggle(false);
    const words = frame.confirm ? this.texts.transcript_confirm : this.texts.transcript_sent;
    this.say(words.replace("{email}", frame.email));
    this.button.focus();
  }

  render({ items }) {
    this.button.hidden = !this.offered || !items.some((item) => item.kind === "message");
    if (this.button.hidden) this.form.hidden = true;
  }
}
