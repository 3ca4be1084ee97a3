// Build elements from text. Nothing here parses HTML except safeHtml, which rebuilds what it knows.

const KEPT = new Set(
  ("a abbr b blockquote br code dd del dl dt em h1 h2 h3 h4 h5 h6 hr i kbd li mark ol p pre s samp " +
    "strong sub sup table tbody td th thead tr u ul").split(" "),
);
const SCHEMES = new Set(["http:", "https:", "mailto:"]);

export function byId(id) {
  return document.getElementById(id);
}

/** el("p", { class: "muted", hidden: true }, "text", child, …); null children are left out. */
export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) {
      element.setAttribute(name, value);
    }
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

/** A link that opens beside the desk; null where the address is none that we follow. */
export function link(address, label, hint) {
  const href = checkedAddress(address);
  if (!href) return null;
  const attributes = { href, target: "_blank", rel: "noopener noreferrer", title: hint };
  return el("a", attributes, label);
}

function checkedAddress(address) {
  try {
    const url = new URL(address, location.origin);
    return SCHEMES.has(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}

/** Rebuild the server's sanitised HTML from allowed elements; all else becomes its text. */
export function safeHtml(html) {
  const parsed = new DOMParser().parseFromString(html, "text/html");
  const fragment = document.createDocumentFragment();
  fragment.append(...rebuilt(parsed.body));
  return fragment;
}

function rebuilt(node) {
  return [...node.childNodes].flatMap((child) => {
    if (child.nodeType === Node.TEXT_NODE) return [document.createTextNode(child.data)];
    if (child.nodeType !== Node.ELEMENT_NODE) return [];
    const tag = child.localName;
    // A picture would be fetched from elsewhere as soon as an agent looks: a link is enough.
    if (tag === "img") return picture(child);
    const inside = rebuilt(child);
    if (!KEPT.has(tag)) return inside;
    if (tag === "a") return anchor(child, inside);
    const copy = el(tag);
    if (tag === "ol" && child.start !== 1) copy.start = child.start;
    copy.append(...inside);
    return [copy];
  });
}

function anchor(child, inside) {
  const copy = link(child.getAttribute("href") ?? "", "");
  if (!copy) return inside;
  copy.append(...inside);
  return [copy];
}

function picture(child) {
  const address = child.getAttribute("src") ?? "";
  const label = child.getAttribute("alt") || address;
  return [link(address, label) ?? document.createTextNode(label)];
}
