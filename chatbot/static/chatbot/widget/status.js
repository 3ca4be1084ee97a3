// Around the log: who answers now, whether there is a connection, and the two buttons that change
// who answers.

import { setText } from "./dom.js";

const OFFLINE_AFTER_MS = 1500; // a short break is nobody's business

export class StatusBar {
  // Without `people` nobody is to be asked for.
  constructor({ texts, people, askPerson, stopWaiting }) {
    Object.assign(this, { texts, people });
    this.presence = document.getElementById("presence");
    this.notice = document.getElementById("notice");
    this.person = document.getElementById("person");
    this.stop = document.getElementById("stop");
    this.person.addEventListener("click", () => this.press(this.person, askPerson));
    this.stop.addEventListener("click", () => this.press(this.stop, stopWaiting));
    this.connection = "idle";
  }

  // A press counts once; the button comes back if nothing came of it.
  press(button, act) {
    if (button.getAttribute("aria-disabled") === "true") return;
    button.setAttribute("aria-disabled", "true");
    setTimeout(() => button.removeAttribute("aria-disabled"), 5000);
    act();
  }

  render({ owner, status, agentName }) {
    this.showPresence({ owner, status, agentName });
    const focused = document.activeElement;
    this.person.hidden = owner !== "bot" || !this.people;
    this.stop.hidden = owner !== "queue";
    const shown = [this.person, this.stop].find((button) => !button.hidden);
    const lost = focused?.hidden && (focused === this.person || focused === this.stop);
    if (lost) (shown ?? document.getElementById("text")).focus();
    for (const button of [this.person, this.stop]) {
      if (button.hidden) button.removeAttribute("aria-disabled");
    }
  }

  showPresence({ owner, status, agentName }) {
    const key = status === "resolved" ? "presence_resolved" : `presence_${owner}`;
    setText(this.presence, this.texts[key].replace("{name}", agentName ?? ""));
    document.body.dataset.owner = owner;
  }

  connectionChanged(state) {
    this.connection = state;
    clearTimeout(this.timer);
    if (state === "refused") this.say(this.texts.refused);
    else if (state === "online" || state === "idle") this.say("");
    else if (!this.notice.textContent) {
      this.timer = setTimeout(() => this.say(this.texts.offline), OFFLINE_AFTER_MS);
    }
  }

  // One line above the field; an empty one goes away.
  say(words, { forMs = 0 } = {}) {
    clearTimeout(this.fades);
    this.notice.hidden = !words;
    setText(this.notice, words);
    if (forMs) this.fades = setTimeout(() => this.connectionChanged(this.connection), forMs);
  }
}

// The place in the queue and the expected wait, as far as the server knows them.


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

// The button that takes back a consent. It is there as long as the conversation's events say that
// one was given: the newest word counts.

const AGREES = 1;

function isGranted(items) {
  const last = items.findLast((item) => item.slot === "withdrawn" || answered(item, items));
  return Boolean(last) && last.choice?.option === AGREES;
}

function answered(item, items) {
  const asked = item.choice && items.find((one) => one.message_id === item.choice.message_id);
  return Boolean(asked) && asked.slot === "consent";
}

export class Withdraw {
  constructor({ send }) {
    this.button = document.getElementById("withdraw");
    this.button.addEventListener("click", send);
  }

  render({ items }) {
    this.button.hidden = !isGranted(items);
  }
}
