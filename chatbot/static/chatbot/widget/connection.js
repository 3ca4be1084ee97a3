// The socket: opens when it is first needed, comes back by itself, and says when a session runs.
// It knows frames, not what they mean; what must survive a cut is kept by store.js and unsent.js.

const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 30_000;
const PING_MS = 25_000;
const PONG_MS = 10_000;
const START_MS = 12_000;
const STABLE_MS = 10_000;
const NOT_ALLOWED = 4403;

export function socketUrl(key) {
  const url = new URL("/ws/v1/visitor", window.location.href);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  url.searchParams.set("key", key);
  return url.href;
}

export class Connection {
  // hello() gives the session.start frame; onFrame(frame) gets all others but pongs;
  // onState(state) is told connecting, online, offline or refused.
  constructor({ url, hello, onFrame, onState }) {
    Object.assign(this, { url, hello, onFrame, onState });
    this.state = "idle";
    this.attempts = 0;
    this.queued = [];
    this.waiters = [];
    window.addEventListener("online", () => this.retryNow());
    window.addEventListener("offline", () => this.socket && this.drop());
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible") this.retryNow();
    });
  }

  get online() {
    return this.state === "online";
  }

  start() {
    if (this.state === "idle") this.open();
  }

  whenOnline() {
    return new Promise((go) => (this.online ? go() : this.waiters.push(go)));
  }

  // Sends now; false without a session.
  send(frame) {
    if (!this.online || this.socket.readyState !== WebSocket.OPEN) return false;
    this.socket.send(JSON.stringify(frame));
    return true;
  }

  // Sends now or as soon as a session runs; of several about the same thing only the latest waits.
  sendSoon(frame) {
    if (this.send(frame)) return;
    this.queued = this.queued.filter(
      ({ type, message_id: about }) => type !== frame.type || about !== frame.message_id,
    );
    this.queued.push(frame);
    this.start();
  }

  open() {
    clearTimeout(this.timer);
    this.change("connecting");
    const socket = new WebSocket(this.url);
    this.socket = socket;
    const current = (work) => (event) => {
      if (this.socket === socket) work(event);
    };
    socket.addEventListener("open", current(() => socket.send(JSON.stringify(this.hello()))));
    socket.addEventListener("message", current((event) => this.receive(event.data)));
    socket.addEventListener("close", current((event) => this.closed(event)));
    this.watch(START_MS);
  }

  receive(text) {
    const frame = JSON.parse(text);
    this.watch(PING_MS);
    if (frame.type === "pong") return;
    if (frame.type === "session.started") {
      this.change("online");
      this.stable = setTimeout(() => (this.attempts = 0), STABLE_MS);
      // The form goes before the messages that onFrame sends: without it none is taken.
      const form = this.queued.findIndex(({ type }) => type === "prechat.submit");
      if (form >= 0) this.send(this.queued.splice(form, 1)[0]);
    }
    this.onFrame(frame);
    if (frame.type === "session.started") {
      for (const waiting of this.queued.splice(0)) this.send(waiting);
      for (const go of this.waiters.splice(0)) go();
    }
  }

  // Silence: ask for a sign of life; without one the socket is dead, whatever it says.
  watch(silence) {
    clearTimeout(this.silence);
    this.silence = setTimeout(() => {
      if (!this.send({ type: "ping" })) this.drop();
      else this.silence = setTimeout(() => this.drop(), PONG_MS);
    }, silence);
  }

  drop() {
    const socket = this.socket;
    this.closed({ code: 0 });
    socket?.close();
  }

  closed({ code }) {
    clearTimeout(this.silence);
    clearTimeout(this.stable);
    this.socket = null;
    if (code === NOT_ALLOWED) {
      this.change("refused");
      return;
    }
    const longest = Math.min(FIRST_DELAY_MS * 2 ** this.attempts, LONGEST_DELAY_MS);
    this.attempts += 1;
    this.change("offline");
    // Half of it by chance, so that not everybody comes back at once.
    this.timer = setTimeout(() => this.open(), longest / 2 + (Math.random() * longest) / 2);
  }

  retryNow() {
    if (this.state === "offline") this.open();
  }

  // Another window did something that only a new session knows.
  restart() {
    if (!this.socket) return;
    this.drop();
    this.retryNow();
  }

  change(state) {
    this.state = state;
    this.onState(state);
  }
}
