// One click says what an answer of the bot was worth. The event that comes back marks it.

import { post } from "./paneapi.js";
import { t } from "./config.js";
import { el } from "./dom.js";
import { errorText, notice } from "./notices.js";

const VERDICTS = ["right", "incomplete", "wrong"];

/** Three buttons for the answer that this receipt explains. */
export function verdictsOf({ receipt_id: id, tier }) {
  if (!tier) return null;
  const buttons = VERDICTS.map((verdict) => {
    const words = { type: "button", class: "quiet", "data-verdict": verdict, "aria-pressed": "false" };
    const button = el("button", words, t(`verdict_${verdict}`));
    button.addEventListener("click", () => give(id, verdict));
    return button;
  });
  const name = { role: "group", class: "verdicts row", "data-judges": id, "aria-label": t("verdict_label") };
  return el("div", name, el("span", { class: "muted" }, t("verdict_label")), ...buttons, el("span", { class: "muted by" }));
}

async function give(id, verdict) {
  const { status } = await post(`verdicts/${id}/`, { verdict });
  if (status !== 200) notice(errorText(status === 0 ? "lost" : "trouble"), "error");
}

/** Mark what an agent said; of several the last one. */
export function verdictGiven(log, { receipt_id: id, verdict, member_name: name }) {
  const box = log.querySelector(`[data-judges="${CSS.escape(id)}"]`);
  if (!box) return;
  for (const button of box.querySelectorAll("[data-verdict]")) {
    button.setAttribute("aria-pressed", button.dataset.verdict === verdict);
  }
  box.querySelector(".by").textContent = t("verdict_by", { name });
}
