// What visitors do beside talking, as lines of the history; and the files of a message.

import { slug, t } from "./config.js";
import { el } from "./dom.js";

const mailed = ({ email, template }) => ({ email, what: t(`mail_${template}`) });

const rated = ({ score, comment }) => t("rated", { score }) + (comment ? ` “${comment}”` : "");

/** Kind of event -> entry, made by `happening(event, words, whatTheVisitorRead)`. */
export const visitorEntries = (happening) => ({
  "rating.given": (event) => happening(event, rated(event.payload)),
  "prechat.given": (event) =>
    happening(event, t("prechat", { given: Object.values(event.payload).filter(Boolean).join(" · ") })),
  "email.left": (event) => happening(event, t("email_left", event.payload)),
  "mail.sent": (event) => happening(event, t("mail_sent", mailed(event.staff_payload))),
  "mail.failed": (event) => happening(event, t("mail_failed", mailed(event.staff_payload))),
  "visitor.identified": (event) => happening(event, t("identified")),
});

/** Small pictures and names; null where there are none. Members reach them by their log-in. */
export function attachedTo(parts, conversationId) {
  if (!parts.length) return null;
  return el("ul", { class: "files" }, ...parts.map((part) => fileOf(part, conversationId)));
}

function fileOf(part, conversationId) {
  const href = `/desk/${slug}/files/${conversationId}/${part.id}/`;
  const picture = part.preview
    ? el("img", { src: `${href}?preview`, alt: "", loading: "lazy" })
    : null;
  const size = `${(part.size / 1e6).toFixed(1)} MB`;
  const label = el("span", {}, part.name, " ", el("span", { class: "muted" }, size));
  const attributes = { href, target: "_blank", rel: "noopener", title: t("open_file") };
  return el("li", {}, el("a", attributes, picture, label));
}
