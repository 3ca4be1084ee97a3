// What the visitor's page says of itself, beside the conversation. It is no proof of anything.

import { byId } from "./dom.js";

export class PageContext {
  constructor(opened) {
    this.opened = opened;
    this.box = byId("page-context");
    this.list = this.box.querySelector("dl");
    opened.addEventListener("opened", () => this.show());
    opened.addEventListener("state", () => this.show());
  }

  show() {
    const rows = Object.entries(this.opened.state?.context ?? {});
    this.box.hidden = !rows.length;
    this.list.replaceChildren(
      ...rows.flatMap(([name, value]) => [made("dt", name), made("dd", value)]),
    );
  }
}

function made(tag, text) {
  const node = document.createElement(tag);
  node.dir = "auto";
  node.textContent = text;
  return node;
}
