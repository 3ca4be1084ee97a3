// A short tone for a new message while nobody looks. It is off until the visitor wants it, and
// needs no file: two sine waves.

const NOTES = [
  { hertz: 660, from: 0 },
  { hertz: 880, from: 0.12 },
];
const LOUD = 0.08;

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
