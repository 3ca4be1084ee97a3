// What each frame of the server does to the parts of the chat window, and what each kind of event
// does to the state of the conversation.

const NOTICE_MS = 6000;

// sound() is called for a message that is new to this window.
export function framesOf(parts) {
  const { store, storage, connection, unsent, page, status, earlier, texts, sound } = parts;
  return {
    "session.started"(frame) {
      const first = store.state.conversationId === null;
      storage.set("token", frame.token);
      storage.set("conversation", frame.conversation_id);
      const other = store.sessionStarted(frame);
      if (other) {
        unsent.forgetSent();
        connection.send({ type: "events.resume", after_seq: 0 });
      }
      page.sessionStarted(frame, { fresh: first || other });
      unsent.sessionStarted();
    },
    event(frame) {
      const missingAfter = store.apply(frame);
      if (missingAfter !== null) {
        connection.send({ type: "events.resume", after_seq: missingAfter });
      }
      if (frame.seq > store.state.seq) return;
      const { author, client_id: clientId } = frame.payload;
      if (author === "visitor" && clientId) unsent.seen(clientId);
      if (author && page.posted(frame)) sound();
    },
    "message.accepted": (frame) => unsent.accepted(frame.client_id),
    "draft.appended": (frame) => store.draftAppended(frame),
    "draft.dropped": (frame) => store.draftDropped(frame),
    "typing.started": (frame) => store.typingStarted(frame),
    "queue.placed": (frame) => store.queuePlaced(frame),
    "conversations.listed": (frame) => earlier.take(frame),
    "history.shown": (frame) => earlier.take(frame),
    error(frame) {
      const { code, client_id: clientId, retry_after_s: retryAfterS } = frame;
      if (clientId) unsent.refused(clientId, { code, retryAfterS });
      const words = code === "rate_limited" ? texts.too_fast : (texts[code] ?? texts.trouble);
      if (!["conflict", "bad_identity"].includes(code)) status.say(words, { forMs: NOTICE_MS });
    },
  };
}

function endTurn(state, turnId) {
  if (turnId) state.endedTurns.add(turnId);
  if (!turnId || state.draft?.turnId === turnId) state.draft = null;
}

function statusLine(state, text, event) {
  if (!text) return;
  const { seq, created_at: createdAt } = event;
  state.items.push({ kind: "status", key: `s:${seq}`, seq, text, created_at: createdAt });
}

export const HANDLERS = {
  "message.posted"(state, payload, event) {
    const fromVisitor = payload.author === "visitor";
    if (!fromVisitor) {
      endTurn(state, payload.turn_id);
      state.typing = null;
    }
    state.items.push({
      ...payload,
      kind: "message",
      seq: event.seq,
      // The same bubble as before the server had it.
      key: fromVisitor && payload.client_id ? `c:${payload.client_id}` : `m:${payload.message_id}`,
    });
  },
  "owner.changed"(state, payload, event) {
    Object.assign(state, { owner: payload.owner, agentName: payload.agent_name, typing: null });
    if (payload.owner !== "queue") state.wait = null;
    state.emailWanted = Boolean(payload.email_wanted);
    if (payload.owner !== "bot" && state.draft) endTurn(state, state.draft.turnId);
    statusLine(state, payload.text, event);
  },
  "status.changed"(state, payload, event) {
    Object.assign(state, { status: payload.status, owner: payload.owner, draft: null, wait: null });
    if (payload.status === "resolved") state.closing = { seq: event.seq, at: event.created_at };
    statusLine(state, payload.text, event);
  },
  "escalation.started"(state, payload, event) {
    statusLine(state, payload.text, event);
  },
  "rating.given"(state, payload, event) {
    const again = state.rating?.closing === payload.closing;
    state.rating = { ...payload, at: again ? state.rating.at : event.created_at };
  },
  "email.left"(state, payload, event) {
    state.emailLeft = true;
    statusLine(state, payload.text, event);
  },
  // New words are a new node, and read out.
  "message.amended"(state, { line, ...now }, event) {
    const item = state.items.find((one) => one.message_id === now.message_id);
    if (item) Object.assign(item, now, line && { key: `m:${event.seq}` });
    statusLine(state, line, event);
  },
  "feedback.given"(state, { message_id: id, verdict, reason = "" }) {
    state.feedback.set(id, { verdict, reason });
  },
};
