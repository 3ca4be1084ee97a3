// What each frame of the server does to the parts of the chat window.

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
