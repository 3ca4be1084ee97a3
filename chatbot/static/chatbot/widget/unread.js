// News while nobody looks. Which messages the visitor has not seen is counted by the number of the
// last one that was on the screen, of the conversation that it was in. A short tone is off until
// the visitor wants it, and needs no file: two sine waves.

const NOTES = [
  { hertz: 660, from: 0 },
  { hertz: 880, from: 0.12 },
];
const LOUD = 0.08;

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

export class Sound {
  constructor({ storage }) {
    this.storage = storage;
    this.button = document.getElementById("sound");
    this.button.addEventListener("click", () => {
      this.storage.set("sound", !this.on);
      this.show();
      this.play(); // lets the browser play later, and lets the visitor hear what they chose
    });
    this.show();
  }

  get on() {
    return this.storage.get("sound") === true;
  }

  show() {
    this.button.setAttribute("aria-pressed", String(this.on));
  }

  play() {
    if (!this.on || !window.AudioContext) return;
    this.context ??= new AudioContext();
    const { context } = this;
    for (const { hertz, from } of NOTES) {
      const start = context.currentTime + from;
      const tone = context.createOscillator();
      const volume = context.createGain();
      tone.frequency.value = hertz;
      volume.gain.setValueAtTime(LOUD, start);
      volume.gain.exponentialRampToValueAtTime(0.0001, start + 0.25);
      tone.connect(volume).connect(context.destination);
      tone.start(start);
      tone.stop(start + 0.26);
    }
  }
}
