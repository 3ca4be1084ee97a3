// Small forms below the talk: an address for the answer where nobody is there, the conversation by
// mail on request, and how it was, which is asked once when a conversation is closed and can be
// changed for a day.

import { setText } from "./dom.js";

const DAY_MS = 24 * 60 * 60 * 1000;

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
    Object.assign(this, { texts, offered });
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

export class Rating {
  constructor({ send, storage, texts, asked }) {
    Object.assign(this, { storage, texts, asked, changing: false });
    this.form = document.getElementById("rating");
    this.said = document.getElementById("rated");
    this.change = this.said.querySelector("button");
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      const given = new FormData(this.form);
      this.changing = false;
      send({ type: "rating.give", score: Number(given.get("score")), comment: given.get("comment") });
    });
    this.form.querySelector(".skip").addEventListener("click", () => {
      this.changing = false;
      this.storage.set("unrated", this.state.closing?.seq);
      this.render(this.state);
      document.getElementById("text").focus();
    });
    this.change.addEventListener("click", () => {
      this.changing = true;
      this.fill(this.state.rating);
      this.render(this.state);
      this.form.querySelector("input:checked").focus();
    });
  }

  fill({ score, comment }) {
    this.form.querySelector(`input[value="${score}"]`).checked = true;
    this.form.querySelector("textarea").value = comment;
  }

  render(state) {
    this.state = state;
    const { closing, rating } = state;
    const closed = this.asked && state.status === "resolved" && closing;
    const late = closing && Date.now() - Date.parse(closing.at) > 7 * DAY_MS;
    const given = closed && rating?.closing === closing.seq ? rating : null;
    const skipped = closed && this.storage.get("unrated") === closing.seq;
    this.form.hidden = !closed || (given ? !this.changing : skipped || late);
    this.said.hidden = !given || this.changing;
    if (!given) return;
    setText(this.said.querySelector(".words"), this.texts.rated.replace("{score}", given.score));
    this.change.hidden = Date.now() - Date.parse(given.at) > DAY_MS;
  }
}
