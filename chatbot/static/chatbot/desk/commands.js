// Commands that the server confirms by request_id. What is harmless twice is sent again with the
// same ids when the line was broken or no answer comes; what is not fails, and the agent looks at
// what happened.

const ANSWER_MS = 15_000;
const HARMLESS_TWICE = new Set(["message.reply", "note.add", "conversation.claim", "presence.set"]);

/** Random, and there without a secure context, unlike crypto.randomUUID. */
export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export class Commands {
  #waiting = new Map();
  #line;

  constructor(line) {
    this.#line = line;
  }

  /** Resolves to null, or to the error frame; never rejects. */
  send(type, fields) {
    const frame = { type, request_id: newId(), ...fields };
    if (type === "message.reply" || type === "note.add") frame.client_id = newId();
    return new Promise((resolve) => {
      if (!this.#line.send(frame) && !HARMLESS_TWICE.has(type)) {
        resolve({ type: "error", code: "lost" });
        return;
      }
      this.#waiting.set(frame.request_id, { frame, resolve });
      this.#watch(frame.request_id);
    });
  }

  /** True if the frame was the answer to a command. */
  take(frame) {
    const waiting = this.#waiting.get(frame.request_id);
    if (!waiting) return false;
    this.#waiting.delete(frame.request_id);
    waiting.resolve(frame.type === "done" ? null : frame);
    return true;
  }

  /** The line is back: nobody knows what of the unanswered arrived. */
  resume() {
    for (const id of [...this.#waiting.keys()]) this.#again(id);
  }

  #again(id) {
    const { frame, resolve } = this.#waiting.get(id);
    if (HARMLESS_TWICE.has(frame.type)) {
      this.#line.send(frame);
    } else {
      this.#waiting.delete(id);
      resolve({ type: "error", code: "lost" });
    }
  }

  #watch(id) {
    setTimeout(() => {
      if (!this.#waiting.has(id)) return;
      this.#again(id);
      this.#watch(id);
    }, ANSWER_MS);
  }
}
