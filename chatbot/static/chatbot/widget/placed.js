// The place in line of a visitor who waits for a person, with the wait where one is known.

import { setText } from "./message.js";

export class PlaceInLine {
  #frame = null;

  constructor({ texts, language }) {
    Object.assign(this, { texts, language, element: document.getElementById("place") });
  }

  take(frame) {
    this.#frame = frame;
  }

  render({ owner, status }) {
    if (owner !== "queue" || status !== "open") this.#frame = null;
    this.element.hidden = !this.#frame;
    setText(this.element, this.#frame ? this.#words(this.#frame) : "");
  }

  #words({ position, expected_wait_s: waitS }) {
    const { next_in_line: next, place_in_line: place, expected_wait: expected } = this.texts;
    const words = position === 1 ? next : place.replace("{position}", position);
    if (waitS === null) return words;
    const options = { style: "unit", unit: "minute", unitDisplay: "long" };
    const minutes = new Intl.NumberFormat(this.language, options).format(Math.ceil(waitS / 60));
    return `${words} ${expected.replace("{time}", minutes)}`;
  }
}
