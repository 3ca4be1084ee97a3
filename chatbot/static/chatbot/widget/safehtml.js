// Rebuilds the HTML of a reply from an allow-list, though the server has cleaned it already: only
// the tags and attributes below are made anew, the rest is text or nothing.

const TAGS = new Set(
  ("a abbr b blockquote br code dd del dl dt em h1 h2 h3 h4 h5 h6 hr i img kbd li mark ol p pre s " +
    "samp strong sub sup table tbody td th thead tr u ul").split(" "),
);
const DROPPED = new Set(["script", "style", "iframe", "template", "noscript", "object", "svg", "math"]);
const HEADING = /^h[1-6]$/;
const MOST_DEPTH = 40;
const OWN_PICTURE = /^\/help\/[a-z0-9-]{1,60}\/pictures\/[0-9a-f]{64}\.(png|jpg|webp)$/;

// With `headings` they stay headings, one level down: the panel around them has a title.
export function safeHtml(html, { headings = false } = {}) {
  const parsed = new DOMParser().parseFromString(html, "text/html");
  const fragment = document.createDocumentFragment();
  copyChildren(parsed.body, fragment, { depth: 0, headings });
  return fragment;
}

// An address that may be opened, or null. Relative ones are of this server.
export function safeUrl(value, schemes = ["http:", "https:", "mailto:"]) {
  try {
    const url = new URL(value, window.location.origin);
    return schemes.includes(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}

export function openOutside(link, href) {
  link.href = href;
  link.target = "_blank";
  link.rel = "noopener nofollow";
}

function copyChildren(from, to, how) {
  for (const node of from.childNodes) {
    if (node.nodeType === Node.TEXT_NODE) to.append(node.data);
    else if (node.nodeType === Node.ELEMENT_NODE) copyElement(node, to, how);
  }
}

function copyElement(node, to, { depth, headings }) {
  const tag = node.localName;
  const inside = { depth: depth + 1, headings };
  if (DROPPED.has(tag) || depth > MOST_DEPTH) return;
  if (!TAGS.has(tag)) {
    copyChildren(node, to, inside);
    return;
  }
  const copy = make(HEADING.test(tag) && headings ? lower(tag) : tag, node, headings);
  if (!copy) return;
  copyChildren(node, copy, inside);
  to.append(tag === "table" ? scrolling(copy) : copy);
}

function lower(tag) {
  return `h${Math.min(Number(tag[1]) + 1, 6)}`;
}

function make(tag, node, headings) {
  // An answer's headings are not headings of this page.
  const flat = HEADING.test(tag) && !headings;
  const copy = document.createElement(flat ? "p" : tag);
  if (flat) copy.className = "heading";
  if (tag === "a") {
    const href = safeUrl(node.getAttribute("href") ?? "about:blank");
    if (href) openOutside(copy, href);
  } else if (tag === "img") {
    const given = node.getAttribute("src") ?? "about:blank";
    const src = OWN_PICTURE.test(given) ? given : safeUrl(given, ["https:"]);
    if (!src) return null;
    Object.assign(copy, { loading: "lazy", referrerPolicy: "no-referrer", src });
    copy.alt = node.getAttribute("alt") ?? "";
  } else if (tag === "ol") {
    const start = Number.parseInt(node.getAttribute("start"), 10);
    if (Number.isFinite(start)) copy.start = start;
  } else if (tag === "abbr") {
    copy.title = node.getAttribute("title") ?? "";
  }
  return copy;
}

function scrolling(table) {
  const box = document.createElement("div");
  box.className = "scrolling";
  box.tabIndex = 0;
  box.append(table);
  return box;
}
