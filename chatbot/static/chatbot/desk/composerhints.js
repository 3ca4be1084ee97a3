// What the composer says below its field: what keys do, what is left, why nothing can be written.

import { maxText, t } from "./config.js";
import { errorText } from "./notices.js";

const COUNT_FROM = 500; // characters left

export function hintOf(draft, may, desk) {
  if (draft.sending) return t(desk.line.isUp ? "sending" : "waits_for_connection");
  if (!may) return whyNot(desk);
  const left = maxText - [...draft.text].length;
  if (left < 0) return t("too_long", { count: -left });
  return left < COUNT_FROM ? t("characters_left", { count: left }) : t("reply_hint");
}

export function whyNot({ opened }) {
  const { owner, status, agent_name: name } = opened.state ?? {};
  if (status === "resolved") return t("reply_resolved");
  return owner === "member" ? t("reply_busy", { name }) : t("reply_not_yours");
}

/** Sending again after "overtaken" means: I have seen it, and send all the same. */
export function refused(draft, code) {
  if (code === "overtaken") draft.seen = null;
  if (code === "withdrawn") draft.suggestion = null;
  draft.problem = errorText(code);
}
