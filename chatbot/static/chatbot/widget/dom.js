// A copy of one of the frame page's templates.
export function clone(id) {
  return document.getElementById(id).content.firstElementChild.cloneNode(true);
}

// The same words again are no news to a screen reader.
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

// A word of the page's own, instead of what is asked for.
export function line(words) {
  const node = document.createElement("p");
  Object.assign(node, { className: "soft", role: "status", textContent: words });
  return node;
}

export function button(words, className, work) {
  const node = document.createElement("button");
  Object.assign(node, { type: "button", className, textContent: words });
  node.addEventListener("click", work);
  return node;
}
