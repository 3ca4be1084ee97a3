// What an action needs to know before it is carried out: until when, which tag, with which one.

import { get } from "./api.js";
import { clock, t } from "./config.js";
import { byId, el } from "./dom.js";
import { chip } from "./tagchips.js";

const HOUR_MS = 3_600_000;
const MORNING = 9;

export class Dialogs {
  #resolve = null;

  constructor() {
    for (const name of ["snooze", "tag", "merge"]) {
      const dialog = byId(`${name}-dialog`);
      dialog.addEventListener("close", () => this.#done(null));
      dialog.querySelector("[data-cancel]").addEventListener("click", () => dialog.close());
    }
    for (const button of document.querySelectorAll("#snooze-dialog [data-preset]")) {
      button.addEventListener("click", () => this.#until(preset(button.dataset.preset)));
    }
    byId("snooze-form").addEventListener("submit", (event) => this.#picked(event));
    byId("tag-form").addEventListener("submit", (event) => this.#tagged(event));
    byId("merge-form").addEventListener("submit", (event) => this.#merged(event));
  }

  /** What to send with this action, or null where the agent thinks better of it. */
  async ask(action, id) {
    if (action === "snooze") return this.#open("snooze", () => this.#prepareSnooze());
    if (action === "tag") return this.#open("tag", () => this.#prepareTag());
    if (action === "merge") return this.#open("merge", () => this.#prepareMerge(id));
    return {};
  }

  async #open(name, prepare) {
    await prepare();
    byId(`${name}-dialog`).showModal();
    return new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  #done(value) {
    const resolve = this.#resolve;
    this.#resolve = null;
    for (const dialog of document.querySelectorAll("dialog[open]")) dialog.close();
    resolve?.(value);
  }

  #prepareSnooze() {
    for (const button of document.querySelectorAll("#snooze-dialog [data-preset]")) {
      button.querySelector(".when").textContent = clock(preset(button.dataset.preset).toISOString());
    }
    byId("snooze-at").value = localText(preset("tomorrow"));
    byId("snooze-at").min = localText(new Date());
    byId("snooze-problem").textContent = "";
  }

  #picked(event) {
    event.preventDefault();
    const at = new Date(byId("snooze-at").value);
    const ahead = at > new Date();
    byId("snooze-problem").textContent = ahead ? "" : t("snooze_past");
    if (ahead) this.#until(at);
  }

  #until(at) {
    this.#done({ until: at.toISOString() });
  }

  async #prepareTag() {
    byId("tag-name").value = "";
    const { body } = await get("tags/");
    const known = body?.tags ?? [];
    byId("known-tags").replaceChildren(...known.map(({ name }) => el("option", { value: name })));
    byId("tag-choice").replaceChildren(...known.slice(0, 12).map((tag) => this.#choice(tag)));
  }

  #choice(tag) {
    const button = el("button", { type: "button", class: "quiet" }, chip(tag));
    button.addEventListener("click", () => this.#done({ tag: tag.name }));
    return button;
  }

  #tagged(event) {
    event.preventDefault();
    const tag = byId("tag-name").value.trim();
    if (tag) this.#done({ tag });
  }

  async #prepareMerge(id) {
    const { body } = await get(`about/${id}/`);
    const mine = Date.parse(body?.created_at ?? 0);
    const later = (body?.others ?? []).filter((one) => Date.parse(one.created_at) > mine);
    byId("merge-choice").replaceChildren(...later.map(choiceOf));
    byId("merge-none").hidden = later.length > 0;
    byId("merge-do").hidden = !later.length;
  }

  #merged(event) {
    event.preventDefault();
    const into = byId("merge-form").elements.into?.value;
    if (into) this.#done({ into });
  }
}

function choiceOf(one, index) {
  const radio = el("input", { type: "radio", name: "into", value: one.id, checked: index === 0 });
  const status = one.status === "open" ? t("is_open") : t(`state_${one.status}`);
  const words = `${clock(one.created_at)} · ${status} · ${one.preview}`;
  return el("label", { class: "row" }, radio, el("span", {}, words));
}

function preset(name) {
  const at = new Date();
  if (name === "hour") return new Date(at.getTime() + HOUR_MS);
  const days = name === "tomorrow" ? 1 : ((8 - at.getDay()) % 7 || 7); // the next Monday
  at.setDate(at.getDate() + days);
  at.setHours(MORNING, 0, 0, 0);
  return at;
}

/** As a field for local date and time wants it. */
function localText(at) {
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
