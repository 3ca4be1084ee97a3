// The conversation as this browser knows it: events in, state out. An event that came already
// changes nothing. The numbers have no gaps: after a jump, apply() asks for what was lost.

import { HANDLERS } from "./frames.js";

const empty = () => ({
  conversationId: null,
  seq: 0,
  owner: "bot",
  status: "open",
  agentName: null,
  items: [],
  feedback: new Map(),
  closing: null, // when it was closed last: { seq, at }
  rating: null, // what was said of a closing, and when first
  emailWanted: false,
  emailLeft: false,
  draft: null,
  typing: null,
  wait: null, // the place in the queue, as the server said it last
  endedTurns: new Set(),
});

export class Store {
  constructor() {
    this.state = empty();
    this.askedAfter = null;
  }

  // Returns true if what we have is of another conversation: then all events are needed anew.
  sessionStarted(frame) {
    const { state } = this;
    const other =
      state.conversationId !== null &&
      (state.conversationId !== frame.conversation_id || frame.seq < state.seq);
    if (other) this.state = empty();
    Object.assign(this.state, {
      conversationId: frame.conversation_id,
      owner: frame.owner,
      status: frame.status,
      agentName: frame.agent_name,
      draft: null,
      typing: null,
      wait: null,
    });
    this.askedAfter = null;
    return other;
  }

  // Returns the number after which events are missing, or null.
  apply(event) {
    const { state } = this;
    if (event.seq <= state.seq) return null;
    if (event.seq > state.seq + 1) {
      if (this.askedAfter === state.seq) return null;
      this.askedAfter = state.seq;
      return state.seq;
    }
    state.seq = event.seq;
    HANDLERS[event.kind]?.(state, event.payload, event);
    return null;
  }

  // A sentence of an answer that is being written. It counts only in order and for a live turn.
  draftAppended({ turn_id: turnId, seq, text }) {
    const { state } = this;
    if (state.endedTurns.has(turnId) || state.owner !== "bot") return;
    if (state.draft?.turnId !== turnId || seq <= 1) {
      // The first sentence begins anew; who comes in the middle waits for the whole answer.
      state.draft = { turnId, last: seq, text: seq <= 1 ? text : "", broken: seq > 1 };
      return;
    }
    const { draft } = state;
    if (seq <= draft.last || draft.broken) return;
    const broken = seq > draft.last + 1;
    Object.assign(draft, { last: seq, broken, text: broken ? "" : joined(draft.text, text) });
  }

  draftDropped({ turn_id: turnId }) {
    if (this.state.draft?.turnId === turnId) this.state.draft = null;
  }

  typingStarted({ name }, now = Date.now()) {
    this.state.typing = { name: name || this.state.agentName || "", until: now + 6000 };
  }

  queuePlaced({ position, expected_wait_s: expectedWaitS = null }) {
    this.state.wait = { position, expectedWaitS };
  }

  // The bot owes an answer to the last message.
  get thinking() {
    const { items, owner, status } = this.state;
    const last = items.findLast((item) => item.kind === "message");
    return owner === "bot" && status === "open" && last?.author === "visitor";
  }
}

function joined(before, text) {
  return /\s$/.test(before) || /^\s/.test(text) ? before + text : `${before} ${text}`;
}
