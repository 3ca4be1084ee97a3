// What stands around the talk. Each part shows itself by what events and session say.

import { Files } from "./files.js";
import { LeaveEmail, MailTranscript } from "./mail.js";
import { Prechat } from "./prechat.js";
import { Rating } from "./rating.js";

const SOLVED = document.getElementById("solved");

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
