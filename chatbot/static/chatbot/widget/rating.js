// How was it? Asked once when a conversation is closed; what was said can be changed for a day.

import { setText } from "./message.js";

const DAY_MS = 24 * 60 * 60 * 1000;

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
