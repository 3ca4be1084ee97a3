// The custom element <firstline-chat>: its shadow root holds the launcher and, from the moment
// that it is needed, the frame. It writes no style or script into the page.
const NAME = "firstline-chat";
const SVG = "http://www.w3.org/2000/svg";
const ICONS = {
  open: "M21 11.5a8.4 8.4 0 0 1-12.2 7.5L3 21l1.9-5.7A8.4 8.4 0 1 1 21 11.5Z",
  close: "M6 9l6 6 6-6",
};

class FirstlineChat extends HTMLElement {
  constructor() {
    super();
    this.live = false; // the frame listens
    this.unread = 0;
    const root = this.attachShadow({ mode: "open" });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLES);
    root.adoptedStyleSheets = [sheet];
    this.button = this.makeButton();
    root.append(this.button);
    this.label();
    window.addEventListener("message", (event) => this.hear(event));
    window.visualViewport?.addEventListener("resize", () => this.fit());
    window.visualViewport?.addEventListener("scroll", () => this.fit());
  }

  makeButton() {
    const button = document.createElement("button");
    button.type = "button";
    button.setAttribute("aria-expanded", "false");
    button.addEventListener("pointerdown", () => this.load());
    button.addEventListener("click", () => this.show(!this.opened));
    const icon = document.createElementNS(SVG, "svg");
    icon.setAttribute("viewBox", "0 0 24 24");
    icon.setAttribute("aria-hidden", "true");
    this.path = document.createElementNS(SVG, "path");
    this.badge = document.createElement("span");
    this.badge.className = "badge";
    this.badge.setAttribute("aria-hidden", "true");
    icon.append(this.path);
    button.append(icon, this.badge);
    return button;
  }

  get opened() {
    return this.hasAttribute("opened");
  }

  load() {
    if (this.frame) return;
    this.frame = document.createElement("iframe");
    this.frame.title = labels.title;
    this.frame.referrerPolicy = "origin";
    this.frame.src = `${base}/widget/v1/frame/${encodeURIComponent(key)}/?language=${encodeURIComponent(language)}`;
    this.shadowRoot.append(this.frame);
  }

  hear({ source, origin, data }) {
    if (!this.frame || source !== this.frame.contentWindow || origin !== base) return;
    const { type, count, colours, token, message } = data || {};
    if (type === "firstline.ready") this.ready(colours);
    else if (type === "firstline.close") this.show(false);
    else if (type === "firstline.token") memory.token = String(token || "");
    else if (type === "firstline.message") emit("message", message);
    else if (type === "firstline.unread") {
      this.unread = Number(count) || 0;
      this.label();
      emit("unread", this.unread);
    }
  }

  colour(colours) {
    if (!colours) return;
    this.style.setProperty("--brand", colours.brand);
    this.style.setProperty("--on-brand", colours.on_brand);
  }

  // The launcher is there; the frame is not, before somebody needs it.
  appear(colours) {
    this.colour(colours);
    this.toggleAttribute("ready", true);
    if (memory.open) this.show(true, { focus: false });
    else if (memory.token) this.load(); // something may have been said meanwhile
  }

  ready(colours) {
    this.colour(colours);
    this.live = true;
    this.toggleAttribute("live", true);
    this.tell("firstline.hello", { ...page, token: memory.token, theme: themeOf(this) });
    if (!this.hasAttribute("ready")) this.appear();
    if (!this.opened) return;
    if (this.wantsFocus) this.frame.focus();
    this.tell("firstline.opened", { focus: this.wantsFocus });
  }

  tell(type, more = {}) {
    if (this.live) this.frame.contentWindow.postMessage({ type, ...more }, base);
  }

  show(open, { focus = true } = {}) {
    const changed = open !== this.opened;
    if (open) this.load();
    this.toggleAttribute("opened", open);
    this.button.setAttribute("aria-expanded", String(open));
    this.wantsFocus = focus;
    memory.open = open;
    this.label();
    this.fit();
    this.tell(open ? "firstline.opened" : "firstline.closed", { focus });
    if (changed) emit(open ? "open" : "close");
    if (!focus) return;
    if (open) this.frame.focus();
    else this.button.focus();
  }

  // On a phone the chat is as high as what the keyboard leaves of the screen.
  fit() {
    const seen = window.visualViewport;
    if (!seen || !this.opened) return;
    this.style.setProperty("--seen-height", `${seen.height}px`);
    this.style.setProperty("--seen-top", `${seen.offsetTop}px`);
  }

  label() {
    const { opened, unread } = this;
    const words = opened ? labels.close : unread ? labels.unread : labels.open;
    this.button.setAttribute("aria-label", words.replace("{count}", String(unread)));
    this.button.title = words.replace("{count}", String(unread));
    this.badge.textContent = unread && !opened ? String(Math.min(unread, 99)) : "";
    this.path.setAttribute("d", opened ? ICONS.close : ICONS.open);
  }
}
