// The conversation on the screen: its events in order, each once, and who owns it after them.

/** Events: "opened" (a new one), "state", "happened" (one event in `detail`), "caught-up". */
export class Opened extends EventTarget {
  id = null;
  state = null;
  #seq = 0; // of the last event that was shown
  #stateSeq = 0; // up to here `state` knows already
  #line;

  constructor(line) {
    super();
    this.#line = line;
  }

  open(id) {
    if (id === this.id) return;
    this.close();
    Object.assign(this, { id, state: null });
    this.#seq = this.#stateSeq = 0;
    this.#emit("opened");
    this.resume();
  }

  close() {
    if (this.id) this.#line.send({ type: "conversation.close", conversation_id: this.id });
    Object.assign(this, { id: null, state: null });
  }

  /** Ask for the state as it is now, and for what happened since. */
  resume() {
    if (!this.id) return;
    const where = { conversation_id: this.id, after_seq: this.#seq };
    this.#line.send({ type: "conversation.open", ...where });
  }

  /** The number of the last event that is on the screen. */
  get seq() {
    return this.#seq;
  }

  get isCaughtUp() {
    return this.state !== null && this.#seq >= this.#stateSeq;
  }

  isMine(memberId) {
    return this.state?.owner === "member" && this.state.owner_member_id === memberId;
  }

  take(frame) {
    if (frame.type === "conversation.opened" && frame.conversation.id === this.id) {
      this.state = frame.conversation;
      this.#stateSeq = frame.seq;
      this.#emit("state");
      if (this.#seq >= frame.seq) this.#emit("caught-up");
    } else if (frame.type === "event" && frame.conversation_id === this.id) {
      this.#happened(frame);
    }
  }

  #happened(event) {
    if (event.seq <= this.#seq) return;
    if (event.seq > this.#seq + 1) {
      this.resume();
      return;
    }
    this.#seq = event.seq;
    this.#emit("happened", event);
    if (event.seq > this.#stateSeq) this.#apply(event);
    if (event.seq === this.#stateSeq) this.#emit("caught-up");
  }

  #apply({ kind, payload, staff_payload: staff, created_at: at }) {
    if (kind === "owner.changed") {
      this.state.owner = payload.owner;
      this.state.agent_name = payload.agent_name;
      this.state.owner_member_id = staff.owner_member_id;
      this.state.queued_at = payload.owner === "queue" ? at : null;
    } else if (kind === "status.changed") {
      this.state.status = payload.status;
      this.state.owner = payload.owner;
      if (payload.owner !== "member") this.state.owner_member_id = null;
    } else {
      return;
    }
    this.#emit("state");
  }

  #emit(name, detail = null) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}
