// A page that lies over the conversation: an article, the earlier conversations. One at a time is
// read; going back leads to the one below it, and at last to what had the focus before.

export class Panel {
  constructor() {
    this.node = document.getElementById("panel");
    this.title = document.getElementById("panel-title");
    this.body = document.getElementById("panel-body");
    this.behind = [document.getElementById("scroller"), document.querySelector("footer")];
    this.head = document.querySelector(".head");
    this.views = [];
    document.getElementById("panel-back").addEventListener("click", () => this.back());
  }

  get open() {
    return this.views.length > 0;
  }

  // Returns the body to fill. It is emptied when another view comes, and kept to come back to.
  show(title) {
    if (!this.open) this.opener = document.activeElement;
    this.keep();
    const body = document.createElement("div");
    this.views.push({ title, body, top: 0 });
    this.draw();
    return body;
  }

  back() {
    this.views.pop();
    this.draw();
  }

  close() {
    this.views = [];
    this.draw();
  }

  keep() {
    const below = this.views.at(-1);
    if (below) below.top = this.body.scrollTop;
  }

  draw() {
    const view = this.views.at(-1);
    for (const node of this.behind) node.inert = Boolean(view);
    this.node.hidden = !view;
    this.node.style.insetBlockStart = `${this.head.offsetHeight}px`;
    this.body.replaceChildren();
    if (!view) {
      const gone = !this.opener?.isConnected || this.opener === document.body;
      (gone ? document.getElementById("text") : this.opener).focus();
      return;
    }
    this.title.textContent = view.title;
    this.body.append(view.body);
    this.body.scrollTop = view.top;
    this.title.focus({ preventScroll: true });
  }
}
