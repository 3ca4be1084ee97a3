// Asks the worker what the text in the field is about, and shows what it found. Whatever goes
// wrong, the chat goes on without suggestions.

import { Cards } from "./cards.js";

const QUIET_MS = 200; // since the last key
const LEAST = 4; // characters

// Called once the visitor has typed. Nothing more is loaded where data are dear or slow to come.
export function begin({ config, articles }) {
  const { saveData = false, effectiveType = "4g" } = navigator.connection ?? {};
  if (saveData || effectiveType !== "4g" || !("WebAssembly" in window)) return;
  new Suggestions({ ...config.suggest, articles, field: document.getElementById("text") });
}

class Suggestions {
  constructor({ field, articles, base, current, help, texts }) {
    this.field = field;
    this.asked = 0;
    this.cards = new Cards({ field, articles, help, texts });
    this.worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
    this.worker.addEventListener("message", ({ data }) => this.take(data));
    this.worker.addEventListener("error", () => this.end());
    this.worker.postMessage({ load: { base, current } });
    field.addEventListener("input", () => this.changed());
    // The composer empties the field by itself; looked at once it had its turn.
    for (const [node, type] of [[field.form, "submit"], [field, "keydown"]]) {
      node.addEventListener(type, () => setTimeout(() => field.value.trim() || this.cancel()));
    }
    this.changed();
  }

  // The visitor is talking to a person, or waits for one: no time for a machine's ideas.
  get wanted() {
    const { owner = "bot" } = document.body.dataset;
    return owner === "bot" && this.field.value.trim().length >= LEAST;
  }

  changed() {
    clearTimeout(this.timer);
    if (!this.wanted) this.cancel();
    else this.timer = setTimeout(() => this.ask(), QUIET_MS);
  }

  ask() {
    this.asked += 1;
    this.worker?.postMessage({ number: this.asked, text: this.field.value });
  }

  take({ number, found, failed }) {
    if (failed) this.end();
    else if (number === this.asked && this.wanted) this.cards.show(found);
  }

  cancel() {
    clearTimeout(this.timer);
    this.asked += 1; // an answer that is on its way is to nobody's question
    this.cards.hide();
  }

  end() {
    this.worker?.terminate();
    this.worker = null;
    this.cancel();
  }
}
