// What lies below a message. The sources of an answer as cards: one opens the article here, the arrow
// beside it opens the page itself in a new tab. Files: small pictures and names. A page cannot send a
// token with an address, so each file is fetched with it, shown as a data address and saved from
// memory; so are the pictures of articles for signed-in readers.

import { clone } from "./dom.js";
import { openOutside, safeUrl } from "./safehtml.js";

const HELP = /^\/help\/[a-z0-9-]+\/[0-9a-f-]{36}\/(#.*)?$/;

// Returns the list, or null where nothing can be opened. read(citation) opens an article here.
export function sourceCards(citations, { read }) {
  const list = clone("sources-template");
  const seen = new Set();
  for (const citation of citations) {
    const href = safeUrl(citation.url, ["http:", "https:"]);
    if (!href || seen.has(href)) continue;
    seen.add(href);
    list.querySelector("ul").append(card(citation, { href, read }));
  }
  return seen.size ? list : null;
}

function card(citation, { href, read }) {
  const entry = clone("source-template");
  const button = entry.querySelector(".read");
  const outside = entry.querySelector("a");
  const [title, part] = titles(citation);
  openOutside(outside, href);
  outside.querySelector(".of").textContent = title ?? href;
  const shown = canShow(citation) ? button : outside;
  if (shown === button) button.addEventListener("click", () => read(citation));
  else {
    outside.replaceChildren(...button.childNodes);
    button.remove();
  }
  shown.querySelector(".title").textContent = title ?? href;
  shown.querySelector(".part").textContent = part ?? "";
  return entry;
}

// Whether the citation leads to a page of ours, which can be shown here.
function canShow({ url, article_id: id }) {
  return Boolean(id) && HELP.test(url ?? "");
}

function titles({ title, heading }) {
  const words = [title, heading].filter(Boolean);
  return words[0] === words[1] ? words.slice(0, 1) : words;
}

function amount(bytes) {
  const large = bytes >= 1e6;
  const options = { style: "unit", unit: large ? "megabyte" : "kilobyte", maximumFractionDigits: large ? 1 : 0 };
  return new Intl.NumberFormat(document.documentElement.lang, options).format(bytes / (large ? 1e6 : 1e3));
}

export function attached(parts, files) {
  const list = document.createElement("ul");
  list.className = "attached";
  for (const part of parts) {
    const row = clone("attached-template");
    const button = row.querySelector("button");
    row.querySelector(".name").textContent = part.name;
    row.querySelector(".size").textContent = amount(part.size);
    button.addEventListener("click", () => save(part, files));
    if (part.preview) preview(row, part, files);
    list.append(row);
  }
  return list;
}

// Its place is kept from the start, so that nothing jumps when it comes.
async function preview(row, part, files) {
  const picture = new Image(part.width, part.height);
  picture.alt = "";
  row.querySelector("button").prepend(picture);
  show(picture, await files.ask(part.id, { query: "?preview" }));
}

// The address of an article's picture opens it where everybody may see it. Else one of the articles
// that are cited may show it to this visitor.
export function guarded(root, citations, articles) {
  for (const picture of root.querySelectorAll('img[src^="/help/"]')) {
    const name = picture.src.split("/").at(-1);
    const asked = async () => {
      for (const { article_id: id } of citations ?? []) {
        if (await show(picture, await articles.ask(`${id}/${name}`).catch(() => ({})))) return;
      }
    };
    picture.addEventListener("error", asked, { once: true });
  }
}

async function show(picture, answer) {
  if (!answer.ok) return false;
  const reader = new FileReader();
  reader.addEventListener("load", () => (picture.src = reader.result));
  reader.readAsDataURL(await answer.blob());
  return true;
}

async function save(part, files) {
  const answer = await files.ask(part.id);
  if (!answer.ok) return;
  const link = document.createElement("a");
  link.href = URL.createObjectURL(await answer.blob());
  link.download = part.name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
