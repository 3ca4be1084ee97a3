// The place in the queue and the expected wait, as far as the server knows them.

import { setText } from "./message.js";

export class Waiting {
  constructor({ texts, language }) {
    this.texts = texts;
    this.plural = new Intl.PluralRules(language);
    this.node = document.getElementById("waiting");
  }

  render({ owner, status, wait }) {
    const waits = owner === "queue" && status === "open" && wait;
    this.node.hidden = !waits;
    setText(this.node, waits ? this.words(wait) : "");
  }

  words({ position, expectedWaitS }) {
    const { texts } = this;
    const place = position <= 1 ? texts.queue_next : texts.queue_place.replace("{number}", position);
    if (expectedWaitS === null) return place;
    if (expectedWaitS < 90) return `${place} ${texts.wait_soon}`;
    const minutes = Math.round(expectedWaitS / 60);
    const wait = texts.wait_minutes[this.plural.select(minutes)] ?? texts.wait_minutes.other;
    return `${place} ${wait.replace("{count}", minutes)}`;
  }
}
