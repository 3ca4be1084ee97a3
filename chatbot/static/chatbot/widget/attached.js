// The files of a message: small pictures and names. A page cannot send a token with an address, so
// each is fetched with it, shown as a data address and saved from memory.

import { clone } from "./clone.js";

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
  const answer = await files.ask(part.id, { query: "?preview" });
  if (!answer.ok) return;
  const reader = new FileReader();
  reader.addEventListener("load", () => (picture.src = reader.result));
  reader.readAsDataURL(await answer.blob());
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
