// Under the head of the opened conversation: its tags, until when it is put off, and what it is
// joined with; and what an agent does with these.

import { act, get } from "./api.js";
import { clock, t } from "./config.js";
import { byId, el } from "./dom.js";
import { notice } from "./notices.js";
import { chip } from "./tagchips.js";

export class About {
  #opened;
  #dialogs;
  #memberId;
  #known = null;

  /** Event-free: reads again whenever the conversation changes. `touched(id)`: lists may change. */
  constructor({ opened, dialogs, memberId, touched, choose, failed }) {
    this.#opened = opened;
    this.#dialogs = dialogs;
    this.#memberId = memberId;
    Object.assign(this, { touched, choose, failed });
    opened.addEventListener("opened", () => this.#forget());
    opened.addEventListener("state", () => this.read());
    for (const button of document.querySelectorAll("#about-actions [data-about]")) {
      button.addEventListener("click", () => this.run(button.dataset.about));
    }
  }

  #forget() {
    this.#known = null;
    byId("about").hidden = true;
  }

  async read() {
    const id = this.#opened.id;
    if (!id) return;
    const { body } = await get(`about/${id}/`);
    if (!body || id !== this.#opened.id) return;
    this.#known = body;
    this.#show();
  }

  /** snooze, wake, tag, merge or unmerge the opened conversation. */
  async run(action, more = null) {
    const { id, seq } = this.#opened; // as it is on the screen when the agent decides
    if (!id || !this.#possible().includes(action)) return;
    const given = more ?? (await this.#dialogs.ask(action, id));
    if (given !== null) await this.#act(id, action, { ...given, seen: String(seq) });
  }

  async #act(id, action, given) {
    const { results, error } = await act([id], action, given);
    const failed = error ?? (results[0].code ? results[0] : null);
    if (failed?.code === "conflict") notice(failed.message, "error");
    else if (failed) this.failed(failed.code, id);
    if (!failed && action === "merge") this.#joined(id, given.into);
    this.touched(id);
    await this.read();
  }

  /** Go on in the other one, with a way back. */
  #joined(id, into) {
    const undo = el("button", { type: "button" }, t("undo"));
    undo.addEventListener("click", () => {
      undo.closest(".notice").remove();
      this.choose(id);
      this.#act(id, "unmerge", {});
    });
    notice(t("merged_done"), "success", undo);
    this.choose(into);
  }

  #possible() {
    const { state } = this.#opened;
    if (!state || !this.#known) return ["tag"];
    if (this.#known.merged_into) return ["tag", "untag", "unmerge"];
    const mine = this.#opened.isMine(this.#memberId());
    const found = ["tag", "untag"];
    if (mine && state.status === "open") found.push("snooze");
    if (mine && state.status === "snoozed") found.push("wake");
    if (state.owner !== "member" || mine) found.push("merge");
    return found;
  }

  #show() {
    const { tags, snoozed_until: until, merged_into: into, merged_from: from } = this.#known;
    const possible = this.#possible();
    byId("about").hidden = false;
    byId("about-tags").replaceChildren(...tags.map((tag) => this.#tag(tag)));
    byId("about-until").textContent = until ? t("snoozed_until", { time: clock(until) }) : "";
    const links = from.map((one) => this.#link(one, t("joined_here", { time: clock(one.created_at) })));
    if (into) links.push(this.#link(into, t("joined_into", { time: clock(into.created_at) })));
    byId("about-joined").replaceChildren(...links);
    for (const button of document.querySelectorAll("#about-actions [data-about]")) {
      const action = button.dataset.about;
      const other = action === "merge" && !this.#known.others.length;
      button.hidden = !possible.includes(action) || other;
    }
  }

  #tag(tag) {
    const words = t("untag", { name: tag.name });
    const off = el("button", { type: "button", class: "quiet", "aria-label": words, title: words }, "×");
    off.addEventListener("click", () => this.run("untag", { tag: tag.name }));
    return el("li", {}, chip(tag), off);
  }

  #link(one, words) {
    const open = el("button", { type: "button", class: "quiet", title: one.preview }, words);
    open.addEventListener("click", () => this.choose(one.id));
    return el("li", {}, open);
  }
}
