// An answer receipt: why a reply said what it said, folded under the reply.

import { decimals, dollars, has, percent, reason, slug, t } from "./config.js";
import { el, link } from "./dom.js";

/** A folded receipt from the staff payload of receipt.recorded. */
export function receiptOf(receipt) {
  const title = receipt.message_id ? t("why") : t("why_not");
  const summary = el("summary", {}, title, el("span", { class: "muted" }, ` · ${inShort(receipt)}`));
  const body = el("div", { class: "receipt-body" }, facts(receipt), evidenceOf(receipt.evidence));
  return el("details", { class: "receipt", "data-receipt": receipt.receipt_id }, summary, body);
}

function inShort(receipt) {
  const parts = [percent(receipt.confidence)];
  if (receipt.threshold !== null) {
    parts[0] += (receipt.confidence >= receipt.threshold ? " ≥ " : " < ") + percent(receipt.threshold);
  }
  if (receipt.reason) parts.push(reason(receipt.reason));
  parts.push(milliseconds(receipt));
  return parts.join(" · ");
}

function milliseconds({ stages_ms: stages }) {
  const all = Object.values(stages).reduce((sum, ms) => sum + ms, 0);
  return t("milliseconds", { ms: decimals(all, 0) });
}

function facts(receipt) {
  const decision = `decision_${receipt.decision}`;
  const tier = `tier_${receipt.tier}`;
  const rows = [
    [t("decision"), has(decision) ? t(decision) : receipt.decision],
    [t("reason"), receipt.reason ? reason(receipt.reason) : null],
    [t("confidence"), percent(receipt.confidence)],
    [t("threshold"), threshold(receipt)],
    [t("tier"), has(tier) ? t(tier) : receipt.tier],
    [t("removed"), receipt.removed || null],
    [t("cost"), dollars(receipt.cost_usd)],
    [t("time"), `${milliseconds(receipt)}${stages(receipt.stages_ms)}`],
  ];
  const shown = rows.filter(([, value]) => value !== null);
  return el("dl", {}, ...shown.map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, value))));
}

function threshold({ threshold: value, risk, certified }) {
  if (value === null && risk === null) return null;
  if (value !== null && risk === null) return percent(value);
  const bound = { threshold: percent(value), risk: percent(risk) };
  const words = value === null ? t("no_threshold") : t("threshold_for_risk", bound);
  return `${words} · ${t(certified ? "threshold_own" : "threshold_shipped")}`;
}

function stages(spent) {
  const words = (name) => (has(`stage_${name}`) ? t(`stage_${name}`) : name);
  const parts = Object.entries(spent).map(([name, ms]) => `${words(name)} ${decimals(ms, 0)}`);
  return parts.length ? ` (${parts.join(", ")})` : "";
}

function evidenceOf(rows) {
  const title = el("h3", {}, t("evidence"));
  if (!rows.length) return el("div", {}, title, el("p", { class: "muted" }, t("no_evidence")));
  return el("div", {}, title, el("ol", { class: "evidence" }, ...rows.map(passageOf)));
}

function passageOf(row) {
  const path = [row.title, ...row.heading_path.filter((name) => name !== row.title)].join(" › ");
  const page = link(`/help/${slug}/${row.article_id}/`, path, t("opens_in_a_new_tab"));
  const known = row.relevance !== null;
  const value = known ? t("relevance", { value: percent(row.relevance) }) : t("not_read");
  const head = el("p", { class: "passage-head" }, page, el("span", { class: "badge" }, value));
  return el("li", {}, head, el("blockquote", {}, ...marked(row)));
}

/** The passage with its answer marked; offsets count code points, as Python does. */
function marked({ text, start, end, answer_start: from, answer_end: to }) {
  const points = [...text];
  const inside = from !== null && to !== null && from >= start && to <= end;
  if (!inside || points.length !== end - start) return [text];
  const cut = (first, last) => points.slice(first - start, last - start).join("");
  return [cut(start, from), el("mark", {}, cut(from, to)), cut(to, end)];
}
