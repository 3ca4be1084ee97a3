// The history of the opened conversation. Read out only what is new: a history of hundreds of
// messages is shown in silence, and from then on each event is announced.

import { amend } from "./amended.js";
import { contactName, t } from "./config.js";
import { byId } from "./dom.js";
import { choiceMade, entryOf, partsOf } from "./entries.js";
import { receiptOf } from "./receipt.js";
import { verdictGiven, verdictsOf } from "./verdict.js";

const TYPING_MS = 5_000;
const NEAR_END_PX = 80;

export class Timeline {
  #log = byId("log");
  #typing = byId("typing");
  #typingTimer = 0;
  #loaded = false;
  #opened;
  #memberId;

  constructor(opened, memberId) {
    this.#opened = opened;
    this.#memberId = memberId;
    opened.addEventListener("opened", () => this.#clear());
    opened.addEventListener("caught-up", () => this.#caughtUp());
    opened.addEventListener("happened", (event) => this.#add(event.detail));
  }

  showTyping() {
    if (!this.#loaded) return;
    this.#typing.textContent = t("typing");
    this.#typing.hidden = false;
    clearTimeout(this.#typingTimer);
    this.#typingTimer = setTimeout(() => this.#hideTyping(), TYPING_MS);
  }

  #hideTyping() {
    this.#typing.hidden = true;
  }

  #clear() {
    this.#loaded = false;
    this.#hideTyping();
    this.#log.setAttribute("aria-live", "off");
    this.#log.setAttribute("aria-busy", "true");
    this.#log.replaceChildren();
  }

  #caughtUp() {
    if (this.#loaded) return;
    this.#loaded = true;
    this.#log.removeAttribute("aria-busy");
    this.#log.scrollTop = this.#log.scrollHeight;
    // Only after a frame: what was added before must not be read out.
    requestAnimationFrame(() => this.#log.setAttribute("aria-live", "polite"));
  }

  #add(event) {
    const log = this.#log;
    const own = event.staff_payload.member_id === this.#memberId();
    const follow = own || log.scrollHeight - log.scrollTop - log.clientHeight < NEAR_END_PX;
    if (event.kind === "receipt.recorded" && this.#attach(event.staff_payload)) {
      if (follow) log.scrollTop = log.scrollHeight;
      return;
    }
    if (event.kind === "verdict.given") {
      verdictGiven(log, event.staff_payload);
      return;
    }
    if (event.kind === "message.amended") amend(log, event, partsOf);
    const names = {
      visitor: contactName(this.#opened.state),
      memberId: this.#memberId(),
      conversationId: this.#opened.id,
    };
    const entry = entryOf(event, names);
    if (!entry) return;
    if (event.payload.author === "visitor") this.#hideTyping();
    entry.dataset.seq = event.seq;
    log.append(entry);
    if (event.payload.choice) choiceMade(log, event.payload.choice);
    if (follow) log.scrollTop = log.scrollHeight;
  }

  /** Fold a receipt under its reply; false if no such reply is on the screen. */
  #attach(receipt) {
    if (!receipt.message_id) return false;
    const message = this.#log.querySelector(`[data-message="${CSS.escape(receipt.message_id)}"]`);
    if (!message) return false;
    message.append(receiptOf(receipt));
    const verdicts = verdictsOf(receipt);
    if (verdicts) message.append(verdicts);
    return true;
  }
}
