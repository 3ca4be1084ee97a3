// The sources of an answer as cards. One opens the article here; the arrow beside it opens the
// page itself in a new tab.

import { canShow } from "./article.js";
import { clone } from "./clone.js";
import { openOutside, safeUrl } from "./safehtml.js";

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

function titles({ title, heading }) {
  const words = [title, heading].filter(Boolean);
  return words[0] === words[1] ? words.slice(0, 1) : words;
}
