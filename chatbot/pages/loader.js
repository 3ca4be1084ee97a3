// The one script on a foreign page: the custom element <firstline-chat>, whose shadow root holds
// the launcher and the frame. It leaves nothing behind in the page's globals, writes no style or
// script into the page (constructed sheets pass a strict policy), and stays hidden until the
// frame says that it may show here.
(() => {
  "use strict";
  const STYLES = "@styles@";
  const LABELS = "@labels@";
  const NAME = "firstline-chat";
  const SVG = "http://www.w3.org/2000/svg";
  const ICONS = {
    open: "M21 11.5a8.4 8.4 0 0 1-12.2 7.5L3 21l1.9-5.7A8.4 8.4 0 1 1 21 11.5Z",
    close: "M6 9l6 6 6-6",
  };
  const script = document.currentScript;
  if (!script || !script.dataset.key || document.querySelector(NAME)) return;
  const base = new URL(script.src).origin;
  const key = script.dataset.key;
  const language = (
    script.dataset.language || document.documentElement.lang || navigator.language || "en"
  ).toLowerCase();
  const labels = LABELS[language] || LABELS[language.split("-")[0]] || LABELS.en;

  // Whether the chat is open is kept while the visitor goes from page to page.
  const memory = {
    name: `firstline:open:${key}`,
    get() {
      try {
        return sessionStorage.getItem(this.name) === "1";
      } catch {
        return false;
      }
    },
    set(open) {
      try {
        if (open) sessionStorage.setItem(this.name, "1");
        else sessionStorage.removeItem(this.name);
      } catch {
        // Storage is blocked: the chat begins closed on each page.
      }
    },
  };

  class FirstlineChat extends HTMLElement {
    connectedCallback() {
      if (this.shadowRoot) return;
      const root = this.attachShadow({ mode: "open" });
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(STYLES);
      root.adoptedStyleSheets = [sheet];
      this.button = this.makeButton();
      this.frame = this.makeFrame();
      root.append(this.button, this.frame);
      this.label(0);
      window.addEventListener("message", (event) => this.hear(event));
    }

    makeButton() {
      const button = document.createElement("button");
      button.type = "button";
      button.setAttribute("aria-expanded", "false");
      button.addEventListener("click", () => this.show(!this.hasAttribute("opened")));
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

    makeFrame() {
      const frame = document.createElement("iframe");
      frame.title = labels.title;
      frame.referrerPolicy = "origin";
      frame.src = `${base}/widget/v1/frame/${encodeURIComponent(key)}/?language=${encodeURIComponent(language)}`;
      return frame;
    }

    hear(event) {
      if (event.source !== this.frame.contentWindow || event.origin !== base) return;
      const { type, count, colours } = event.data || {};
      if (type === "firstline.ready") this.ready(colours);
      else if (type === "firstline.close") this.show(false);
      else if (type === "firstline.unread") this.label(Number(count) || 0);
    }

    ready(colours) {
      if (colours) {
        this.style.setProperty("--brand", colours.brand);
        this.style.setProperty("--on-brand", colours.on_brand);
      }
      this.toggleAttribute("ready", true);
      this.tell("firstline.hello");
      if (memory.get()) this.show(true, { focus: false });
    }

    tell(type, more = {}) {
      this.frame.contentWindow.postMessage({ type, ...more }, base);
    }

    show(open, { focus = true } = {}) {
      this.toggleAttribute("opened", open);
      this.button.setAttribute("aria-expanded", String(open));
      memory.set(open);
      this.label(0);
      this.tell(open ? "firstline.opened" : "firstline.closed", { focus });
      if (!focus) return;
      if (open) this.frame.focus();
      else this.button.focus();
    }

    label(unread) {
      const open = this.hasAttribute("opened");
      const words = open ? labels.close : unread ? labels.unread : labels.open;
      this.button.setAttribute("aria-label", words.replace("{count}", String(unread)));
      this.badge.textContent = unread && !open ? String(Math.min(unread, 99)) : "";
      this.path.setAttribute("d", open ? ICONS.close : ICONS.open);
    }
  }

  const mount = () => document.body.append(document.createElement(NAME));
  if (!customElements.get(NAME)) customElements.define(NAME, FirstlineChat);
  if (document.readyState === "loading") {
    document.addEventListener("DOMContentLoaded", mount, { once: true });
  } else mount();
})();
