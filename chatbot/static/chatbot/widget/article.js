// A cited article inside the chat: fetched from this service alone, with the quoted words marked.

import { guarded } from "./below.js";
import { button, line } from "./dom.js";
import { openOutside, safeHtml } from "./safehtml.js";

const TIMEOUT_MS = 15_000;
const LETTER = /[\p{L}\p{N}]/u;
const LEAST = 8; // shorter quotes are in every text

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
      const answer = await this.ask(`${citation.article_id}/`);
      if (answer.ok) this.draw(body, await answer.json(), citation);
      else if (answer.status === 404) body.replaceChildren(line(this.texts.article_gone));
      else this.failed(body, citation);
    } catch {
      this.failed(body, citation);
    }
    body.removeAttribute("aria-busy");
  }

  ask(path) {
    return fetch(`/widget/v1/article/${encodeURIComponent(this.key)}/${path}`, {
      credentials: "omit",
      headers: { Authorization: `Visitor ${this.storage.get("token")}` },
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
  }

  draw(body, { html, language, written_at: writtenAt, public: open }, citation) {
    const text = document.createElement("article");
    text.lang = language;
    text.dir = "auto";
    text.append(safeHtml(html, { headings: true }));
    guarded(text, [citation], this);
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
    const again = button(this.texts.try_again, "link", () => this.fill(body, citation));
    body.replaceChildren(line(this.texts.article_failed), again);
  }
}

function heading(root, title) {
  const all = [...root.querySelectorAll("h2, h3, h4, h5, h6")];
  return title ? all.find((one) => one.textContent.trim() === title) : null;
}

// Returns the first mark, or null where the words are not there. Articles are Markdown and the screen
// is not, so letters and digits alone are compared.
function markQuote(root, quote) {
  const wanted = letters(plain(quote));
  if (wanted.length < LEAST) return null;
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  const places = [];
  let text = "";
  while (walker.nextNode()) {
    const node = walker.currentNode;
    let at = 0;
    for (const character of node.data) {
      if (LETTER.test(character)) {
        const small = character.toLowerCase();
        text += small;
        for (let unit = 0; unit < small.length; unit += 1) places.push({ node, at });
      }
      at += character.length;
    }
  }
  const found = text.indexOf(wanted);
  if (found < 0) return null;
  return mark(places.slice(found, found + wanted.length));
}

function letters(text) {
  return [...text.toLowerCase()].filter((character) => LETTER.test(character)).join("");
}

// Numbers of lists and addresses of links are not shown as text.
function plain(markdown) {
  return markdown.replace(/\]\([^)]*\)/g, "]").replace(/^\s*\d+[.)]\s/gm, "");
}

// One mark in each text node that has some of the words.
function mark(places) {
  const spans = new Map();
  for (const { node, at } of places) {
    const span = spans.get(node) ?? { start: at, end: at };
    span.end = at + String.fromCodePoint(node.data.codePointAt(at)).length;
    spans.set(node, span);
  }
  let first = null;
  for (const [node, { start, end }] of spans) {
    const range = document.createRange();
    range.setStart(node, start);
    range.setEnd(node, end);
    const marked = document.createElement("mark");
    range.surroundContents(marked);
    first ??= marked;
  }
  return first;
}
