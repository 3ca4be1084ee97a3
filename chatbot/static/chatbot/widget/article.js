// A cited article inside the chat: fetched from this service alone, with the quoted words marked.

import { markQuote } from "./quote.js";
import { openOutside, safeHtml } from "./safehtml.js";

const HELP = /^\/help\/[a-z0-9-]+\/[0-9a-f-]{36}\/(#.*)?$/;
const TIMEOUT_MS = 15_000;

// Whether the citation leads to a page of ours, which can be shown here.
export function canShow({ url, article_id: id }) {
  return Boolean(id) && HELP.test(url ?? "");
}

export class Articles {
  constructor({ language, ...parts }) {
    Object.assign(this, parts);
    this.date = new Intl.DateTimeFormat(language, { dateStyle: "long" });
  }

  async open(citation) {
    const body = this.panel.show(citation.title || this.texts.article);
    body.className = "article";
    await this.fill(body, citation);
  }

  async fill(body, citation) {
    body.replaceChildren(line(this.texts.loading));
    body.setAttribute("aria-busy", "true");
    try {
      const where = `/widget/v1/article/${encodeURIComponent(this.key)}/${citation.article_id}/`;
      const answer = await fetch(where, {
        credentials: "omit",
        headers: { Authorization: `Visitor ${this.storage.get("token")}` },
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      if (answer.ok) this.draw(body, await answer.json(), citation);
      else if (answer.status === 404) body.replaceChildren(line(this.texts.article_gone));
      else this.failed(body, citation);
    } catch {
      this.failed(body, citation);
    }
    body.removeAttribute("aria-busy");
  }

  draw(body, { html, language, written_at: writtenAt, public: open }, citation) {
    const text = document.createElement("article");
    text.lang = language;
    text.dir = "auto";
    text.append(safeHtml(html, { headings: true }));
    const top = text.firstElementChild;
    if (/^h\d$/.test(top?.localName) && top.textContent === this.panel.title.textContent) top.remove();
    const foot = document.createElement("p");
    foot.className = "foot";
    const outside = document.createElement("a");
    openOutside(outside, new URL(citation.url, window.location.origin).href);
    outside.textContent = this.texts.new_tab;
    const date = this.date.format(new Date(writtenAt));
    foot.append(this.texts.updated.replace("{date}", date));
    if (open) foot.append(" · ", outside);
    body.replaceChildren(text, foot);
    // A quote of a word or two says little of the place; what was said around it does.
    const place = markQuote(text, citation.quote ?? "") ?? markQuote(text, citation.said ?? "") ??
      heading(text, citation.heading);
    place?.scrollIntoView({ block: place.localName === "mark" ? "center" : "start" });
  }

  failed(body, citation) {
    const again = document.createElement("button");
    Object.assign(again, { type: "button", className: "link", textContent: this.texts.try_again });
    again.addEventListener("click", () => this.fill(body, citation));
    body.replaceChildren(line(this.texts.article_failed), again);
  }
}

function heading(root, title) {
  const all = [...root.querySelectorAll("h2, h3, h4, h5, h6")];
  return title ? all.find((one) => one.textContent.trim() === title) : null;
}

function line(words) {
  const node = document.createElement("p");
  node.className = "soft";
  node.setAttribute("role", "status");
  node.textContent = words;
  return node;
}
