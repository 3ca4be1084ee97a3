// The head of the opened conversation: who has it, and what this agent may do with it now.

import { contactName, t } from "./config.js";
import { byId } from "./dom.js";
import { errorText, notice } from "./notices.js";

export class Actions {
  #buttons = new Map();
  #opened;
  #commands;
  #memberId;
  #asked = null; // a conflict whose cause the next state tells

  constructor(opened, commands, memberId) {
    this.#opened = opened;
    this.#commands = commands;
    this.#memberId = memberId;
    for (const button of document.querySelectorAll("#actions [data-action]")) {
      this.#buttons.set(button.dataset.action, button);
      // A double click decides once: its second half is no answer to a refusal.
      button.addEventListener("click", ({ detail }) => detail < 2 && this.run(button.dataset.action));
    }
    opened.addEventListener("opened", () => this.#show());
    opened.addEventListener("state", () => {
      this.#explain();
      this.#show();
    });
  }

  /** Carry out an action if its button is there: keys and clicks do the same. */
  async run(action) {
    const button = this.#buttons.get(action);
    if (button.hidden || button.getAttribute("aria-disabled") === "true") return;
    const { id, seq } = this.#opened;
    const fields = { conversation_id: id, ...(action === "resolve" && { seen_seq: seq }) };
    this.#busy(true);
    const error = await this.#commands.send(`conversation.${action}`, fields);
    this.#busy(false);
    if (error) this.failed(error.code, id);
  }

  /** Say why something did not work, and show what was not seen; for a conflict, ask who was
      faster first. */
  failed(code, id) {
    if (code === "unseen" && id === this.#opened.id) {
      byId("log").scrollTop = byId("log").scrollHeight;
      this.#opened.resume();
    }
    if (code !== "conflict" || id !== this.#opened.id) {
      notice(errorText(code), "error");
      return;
    }
    this.#asked = id;
    this.#opened.resume();
  }

  #explain() {
    if (this.#asked === null || this.#asked !== this.#opened.id) return;
    this.#asked = null;
    const { owner, status, agent_name: name } = this.#opened.state;
    if (status === "resolved") notice(t("resolved_meanwhile"));
    else if (owner === "member" && !this.#isMine()) notice(t("faster", { name }));
    else notice(t("changed_meanwhile"));
  }

  #isMine() {
    return this.#opened.isMine(this.#memberId());
  }

  #busy(busy) {
    for (const button of this.#buttons.values()) button.setAttribute("aria-disabled", busy);
  }

  #show() {
    const state = this.#opened.state;
    const possible = state ? this.#possible(state) : [];
    const focused = document.activeElement;
    for (const [action, button] of this.#buttons) button.hidden = !possible.includes(action);
    // A button that goes away must not take the keyboard with it.
    if (focused?.hidden && focused.dataset.action) byId("contact").focus();
    byId("contact").textContent = state ? contactName(state) : "";
    const words = state ? this.#stateText(state) : "";
    if (byId("state").textContent !== words) byId("state").textContent = words;
  }

  #possible({ owner, status }) {
    if (status === "resolved") return [];
    if (owner === "queue") return ["claim", "resolve"];
    if (owner === "bot") return ["take_over", "resolve"];
    if (!this.#isMine()) return [];
    return status === "open" ? ["give_back", "release", "resolve"] : ["resolve"];
  }

  #stateText({ owner, status, agent_name: name }) {
    if (status !== "open") return t(`state_${status}`);
    if (owner !== "member") return t(`state_${owner}`);
    return this.#isMine() ? t("state_mine") : t("state_member", { name });
  }
}
