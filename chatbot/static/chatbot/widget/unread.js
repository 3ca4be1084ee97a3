// Which messages the visitor has not seen. It is counted by the number of the last one that was
// on the screen, of the conversation that it was in.

export class Unread {
  constructor({ storage }) {
    this.storage = storage;
  }

  // Everything that is there has been seen.
  seen({ conversationId, seq }) {
    const before = this.storage.get("seen");
    if (before?.id === conversationId && before.seq === seq) return;
    if (conversationId) this.storage.set("seen", { id: conversationId, seq });
  }

  count({ items, conversationId }) {
    const { id, seq } = this.storage.get("seen") ?? {};
    const after = id === conversationId ? seq : 0;
    const fromUs = items.filter((item) => item.author && item.author !== "visitor");
    return fromUs.filter((item) => item.seq > after).length;
  }
}
