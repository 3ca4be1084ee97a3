// Where the visitor writes. Enter sends, Shift+Enter makes a new line, and an input method that is
// composing keeps its Enter.

const SHOW_LEFT_FROM = 300;
const TYPING_EVERY_MS = 3000;

export class Composer {
  // send(text) takes the message; typing() is called while the visitor writes.
  constructor({ maxText, texts, draft, send, typing }) {
    Object.assign(this, { maxText, texts, draft, typing, sendText: send });
    this.form = document.getElementById("composer");
    this.field = document.getElementById("text");
    this.left = document.getElementById("left");
    this.button = document.getElementById("send");
    this.lastTyping = 0;
    this.early = this.field.value; // what was typed before the scripts came stays
    this.field.value ||= draft.get() ?? "";
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.submit();
    });
    this.field.addEventListener("keydown", (event) => this.key(event));
    this.field.addEventListener("input", () => this.changed());
    this.measure();
  }

  focus() {
    const before = document.querySelector("#prechat:not([hidden]) :is(input, select)");
    (before ?? this.field).focus({ preventScroll: true });
  }

  key(event) {
    const composing = event.isComposing || event.keyCode === 229;
    if (event.key !== "Enter" || event.shiftKey || composing) return;
    event.preventDefault();
    this.submit();
  }

  changed() {
    this.measure();
    this.draft.set(this.field.value);
    const now = Date.now();
    if (this.field.value && now - this.lastTyping > TYPING_EVERY_MS) {
      this.lastTyping = now;
      this.typing();
    }
  }

  // The server counts code points of the trimmed text, too.
  measure() {
    const over = [...this.field.value.trim()].length - this.maxText;
    const words = over > 0 ? this.texts.too_long : this.texts.characters_left;
    this.left.hidden = over < -SHOW_LEFT_FROM;
    this.left.textContent = words.replace("{count}", String(Math.abs(over)));
    this.left.classList.toggle("over", over > 0);
    this.field.setAttribute("aria-invalid", String(over > 0));
    const { ready = [], busy = false } = this.files ?? {};
    this.button.disabled = over > 0 || busy || !(this.field.value.trim() || ready.length);
    this.grow();
  }

  // As high as its text; a field that is not shown has no height to measure.
  grow() {
    this.field.style.blockSize = "auto";
    const height = this.field.scrollHeight;
    if (height) this.field.style.blockSize = `${height}px`;
  }

  submit() {
    const text = this.field.value.trim();
    if (this.button.disabled) return;
    const files = this.files?.take() ?? [];
    this.clear();
    this.sendText(text, files);
    this.focus();
  }

  // Enter could do no more than end a line then; a draft is what a reload brings back.
  sendEarly() {
    const { early, field, draft } = this;
    if (early.endsWith("\n") && early === field.value && early !== draft.get()) this.submit();
    this.early = "";
  }

  clear() {
    this.field.value = "";
    this.lastTyping = 0;
    this.draft.set("");
    this.measure();
  }
}
