// An answer that was given at once: how its check stands, and what the check has changed.

import { t } from "./config.js";
import { el } from "./dom.js";

/** Beside the name of who speaks; null where no check is due. */
export function checkMark(check) {
  return check ? el("span", { class: "badge check" }, t(`check_${check}`)) : null;
}

/** What the visitor had read before, below the line that says what became of it. */
export function before(staff) {
  if (staff.text_before === null) return null;
  const words = el("div", { class: "body plain" }, staff.text_before);
  return el("details", {}, el("summary", {}, t("text_before")), words);
}

/** Put what holds now into the message on the screen; parts(payload): its body and its sources. */
export function amend(log, { payload, staff_payload: staff }, parts) {
  const message = log.querySelector(`[data-message="${CSS.escape(payload.message_id)}"]`);
  if (!message) return;
  message.querySelector(".check")?.replaceWith(checkMark(payload.check));
  if (staff.text_before === null) return;
  message.classList.replace("bot", payload.author);
  message.querySelector(".sources")?.remove();
  const [body, sources] = parts(payload);
  message.querySelector(".body").replaceWith(...[body, sources].filter(Boolean));
}
