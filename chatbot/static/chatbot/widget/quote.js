// Finds the words of a citation in an article on the screen and marks them. Articles are Markdown
// and the screen is not, so letters and digits alone are compared.

const LETTER = /[\p{L}\p{N}]/u;
const LEAST = 8; // shorter quotes are in every text

// Returns the first mark, or null where the words are not there.
export function markQuote(root, quote) {
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
