// Talk with the loader on the page around the frame. Only an allowed origin is listened to; until
// one has said hello nothing is told but that the frame is there.

export class Host {
  // onOpened({focus}) and onClosed() say what the visitor sees; onIdentify({token}) who it is.
  constructor({ origins, onOpened, onClosed, onIdentify }) {
    this.allowed = new Set([...origins, window.location.origin]);
    this.alone = window.parent === window;
    this.origin = null;
    this.unread = 0;
    const calls = {
      "firstline.opened": onOpened,
      "firstline.closed": onClosed,
      "firstline.identify": onIdentify,
    };
    window.addEventListener("message", ({ source, origin, data }) => {
      if (source !== window.parent || !this.allowed.has(origin)) return;
      if (data?.type === "firstline.hello") {
        this.origin = origin;
        this.tell("firstline.unread", { count: this.unread });
      } else calls[data?.type]?.(data);
    });
  }

  // The colours are the launcher's, too; they are no secret.
  ready(colours) {
    if (!this.alone) window.parent.postMessage({ type: "firstline.ready", colours }, "*");
  }

  close() {
    this.tell("firstline.close");
  }

  setUnread(count) {
    if (count === this.unread) return;
    this.unread = count;
    this.tell("firstline.unread", { count });
  }

  tell(type, more = {}) {
    if (this.origin) window.parent.postMessage({ type, ...more }, this.origin);
  }
}
