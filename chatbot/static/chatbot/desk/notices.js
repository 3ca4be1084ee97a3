// Short messages over the page: what was not possible, and why. They stay long enough to be read.

import { has, t } from "./config.js";
import { byId, el } from "./dom.js";

const STAY_MS = 15_000;
const MOST = 3;

export function notice(words, kind = "warning", ...more) {
  const box = byId("notices");
  const dismiss = el("button", { type: "button", class: "quiet" }, t("dismiss"));
  const entry = el("div", { class: `notice ${kind}` }, el("p", {}, words), ...more, dismiss);
  dismiss.addEventListener("click", () => entry.remove());
  box.append(entry);
  while (box.childElementCount > MOST) box.firstElementChild.remove();
  setTimeout(() => entry.remove(), STAY_MS);
}

/** For ears only. */
export function announce(words) {
  byId("announcer").textContent = words;
}

/** What the agent reads for an error frame. */
export function errorText(code) {
  if (code === "not_found") return t("gone");
  return has(code) ? t(code) : t("trouble");
}
