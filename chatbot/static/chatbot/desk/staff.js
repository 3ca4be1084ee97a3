// Whether this agent is there, who else is, and giving a conversation to one of them or to a queue.

import { t } from "./config.js";
import { newId } from "./commands.js";
import { byId, el } from "./dom.js";
import { errorText, notice } from "./notices.js";

export class Staff {
  #agents = [];
  #queues = [];
  #desk;

  /** desk: { opened, commands, memberId() } */
  constructor(desk) {
    this.#desk = desk;
    this.presence = byId("presence");
    this.open = byId("transfer-open");
    this.dialog = byId("transfer");
    this.goal = byId("transfer-to");
    this.note = byId("transfer-note");
    this.presence.addEventListener("change", () => this.#choose(this.presence.value));
    this.open.addEventListener("click", () => this.#ask());
    byId("transfer-cancel").addEventListener("click", () => this.dialog.close());
    byId("transfer-form").addEventListener("submit", (event) => this.#transfer(event));
    desk.opened.addEventListener("opened", () => this.#show());
    desk.opened.addEventListener("state", () => this.#show());
  }

  take({ state, agents, queues }) {
    this.#agents = agents;
    this.#queues = queues;
    this.presence.disabled = false;
    if (state !== "offline") this.presence.value = state;
    if (this.dialog.open) this.#fill();
  }

  async #choose(state) {
    const error = await this.#desk.commands.send("presence.set", { state });
    if (error) notice(errorText(error.code), "error");
  }

  #show() {
    const { state } = this.#desk.opened;
    const mine = this.#desk.opened.isMine(this.#desk.memberId()) && state?.status === "open";
    this.open.hidden = !mine && !(state?.owner === "queue" && state.status === "open");
  }

  #ask() {
    this.asked = this.#desk.opened.id;
    byId("transfer-problem").textContent = "";
    this.#fill();
    this.dialog.showModal();
  }

  /** What was chosen stays chosen while colleagues come and go. */
  #fill() {
    const chosen = this.goal.value;
    const waits = this.#desk.opened.state?.owner === "queue";
    const queues = this.#queues.map(({ id, name }) => el("option", { value: `queue ${id}` }, name));
    const others = waits ? [] : this.#agents.filter(({ id }) => id !== this.#desk.memberId());
    const agents = others.map((one) => {
      const words = { ...one, state: t(`agent_state_${one.state}`) };
      const attributes = { value: `member ${one.id}`, disabled: one.state !== "available" };
      return el("option", attributes, t("agent_choice", words));
    });
    byId("transfer-agents").replaceChildren(...agents);
    byId("transfer-agents").hidden = !agents.length;
    byId("transfer-queues").replaceChildren(...queues);
    if ([...this.goal.options].some((one) => one.value === chosen)) this.goal.value = chosen;
  }

  async #transfer(event) {
    event.preventDefault();
    const [kind, id] = this.goal.value.split(" ");
    if (!id) return;
    const fields = { conversation_id: this.asked, client_id: newId(), note: this.note.value };
    const goal = { [`to_${kind}`]: id };
    const error = await this.#desk.commands.send("conversation.transfer", { ...fields, ...goal });
    if (error) {
      byId("transfer-problem").textContent = error.code === "conflict" ? error.message : errorText(error.code);
      return;
    }
    this.note.value = "";
    this.dialog.close();
  }
}
