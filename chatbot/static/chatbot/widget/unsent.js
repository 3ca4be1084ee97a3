// The visitor's messages that the server has not accepted yet, oldest first. One is on its way at
// a time, so their order holds; each keeps its client_id, so sending one twice stores it once.
// One with a `choice` answers a clarifying question; its text is the option's label.

const MOST = 50;

export class Unsent {
  constructor({ storage, send, onChange }) {
    Object.assign(this, { storage, send, onChange });
    this.messages = (storage.get("unsent") ?? []).slice(-MOST);
    this.inFlight = null;
  }

  add(text, choice, attachments = []) {
    this.messages.push({ clientId: newId(), text, choice, attachments, at: new Date().toISOString() });
    this.changed();
    this.pump();
  }

  // A session began: whatever was on its way may be lost, so it goes again.
  sessionStarted() {
    this.inFlight = null;
    this.pump();
  }

  sessionEnded() {
    this.inFlight = null;
    clearTimeout(this.timer);
  }

  pump() {
    const next = this.messages.find((message) => !message.failed && !message.sent);
    if (!next || this.inFlight) return;
    const { clientId, text, choice, attachments: files } = next;
    const sent = { text, ...(files?.length && { attachments: files.map(({ id }) => id) }) };
    const frame = choice ? { type: "option.choose", ...choice } : { type: "message.send", ...sent };
    if (this.send({ ...frame, client_id: clientId })) this.inFlight = clientId;
  }

  // The server has it. It stays on the screen from here until its event comes.
  accepted(clientId) {
    const message = this.messages.find((one) => one.clientId === clientId);
    if (message) message.sent = true;
    this.next(clientId);
  }

  // Its event is there, perhaps before or without the server's answer.
  seen(clientId) {
    this.messages = this.messages.filter((message) => message.clientId !== clientId);
    this.next(clientId);
  }

  // Another conversation began: what the old one has is not waited for.
  forgetSent() {
    this.messages = this.messages.filter((message) => !message.sent);
    this.changed();
  }

  // Somebody else uses this browser now.
  drop() {
    this.messages = [];
    this.inFlight = null;
    this.changed();
  }

  // Asked again after a while if it was only too fast.
  refused(clientId, { code, retryAfterS }) {
    const message = this.messages.find((one) => one.clientId === clientId);
    if (!message) return;
    if (code === "rate_limited") {
      this.inFlight = "later";
      this.timer = setTimeout(() => this.sessionStarted(), 1000 * (retryAfterS || 1));
      return;
    }
    // A choice that came too late: there is nothing to repeat.
    if (message.choice && code !== "server_error") this.seen(clientId);
    else message.failed = true;
    this.next(clientId);
  }

  again(clientId) {
    const message = this.messages.find((one) => one.clientId === clientId);
    if (message) message.failed = false;
    this.changed();
    this.pump();
  }

  next(clientId) {
    if (this.inFlight === clientId) this.inFlight = null;
    this.changed();
    this.pump();
  }

  changed() {
    const left = this.messages.filter((message) => !message.sent);
    if (left.length) this.storage.set("unsent", left);
    else this.storage.remove("unsent");
    this.onChange();
  }
}

// randomUUID is there on secure pages alone; a site may run on plain http inside a company.
function newId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
