// A tag: its name on a colour that is never the only sign.

import { el } from "./dom.js";

export function chip({ name, colour }) {
  return el("span", { class: "chip", "data-colour": colour }, name);
}
