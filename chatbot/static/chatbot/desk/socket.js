// The line to the server: connects again by itself, and notices a line that is silently dead.

import { slug } from "./config.js";

const PING_MS = 20_000;
const PONG_MS = 10_000;
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 15_000;
const NOT_ALLOWED = 4403;

/** Events: "up", "down", "refused", and "frame" with the frame in `detail`. */
export class Line extends EventTarget {
  #socket = null;
  #failures = 0;
  #timers = { retry: 0, ping: 0, pong: 0 };

  open() {
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const socket = new WebSocket(`${scheme}://${location.host}/ws/v1/desk/${slug}`);
    this.#socket = socket;
    socket.addEventListener("open", () => this.send({ type: "desk.start", lists: false }));
    socket.addEventListener("message", (event) => this.#receive(JSON.parse(event.data)));
    socket.addEventListener("close", (event) => this.#closed(socket, event.code));
  }

  get isUp() {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  /** False if the line is down: then nothing was sent. */
  send(frame) {
    if (!this.isUp) return false;
    this.#socket.send(JSON.stringify(frame));
    return true;
  }

  /** Connect at once instead of after the wait, for when the network is back. */
  hurry() {
    if (this.#socket?.readyState === WebSocket.CLOSED) {
      clearTimeout(this.#timers.retry);
      this.open();
    }
  }

  #receive(frame) {
    clearTimeout(this.#timers.pong);
    if (frame.type === "desk.started") {
      this.#failures = 0;
      clearInterval(this.#timers.ping);
      this.#timers.ping = setInterval(() => this.#ping(), PING_MS);
      this.#emit("up", frame);
    } else if (frame.type !== "pong") {
      this.#emit("frame", frame);
    }
  }

  #ping() {
    if (!this.send({ type: "ping" })) return;
    clearTimeout(this.#timers.pong);
    const socket = this.#socket;
    // A dead line may take minutes to close: do not wait for it.
    this.#timers.pong = setTimeout(() => {
      socket.close();
      this.#closed(socket, 0);
    }, PONG_MS);
  }

  async #closed(socket, code) {
    if (socket !== this.#socket) return;
    this.#socket = { readyState: WebSocket.CLOSED };
    clearInterval(this.#timers.ping);
    clearTimeout(this.#timers.pong);
    this.#emit("down");
    if (code === NOT_ALLOWED) {
      this.#emit("refused");
      return;
    }
    this.#failures += 1;
    if (this.#failures > 1 && (await loggedOut())) {
      location.reload();
      return;
    }
    const wait = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (this.#failures - 1));
    this.#timers.retry = setTimeout(() => this.hurry(), wait * (0.75 + Math.random() / 2));
  }

  #emit(name, detail = null) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}

/** A refused handshake looks like a broken network from here: the page itself knows better. */
async function loggedOut() {
  try {
    const page = await fetch(location.pathname, { method: "HEAD", redirect: "manual" });
    return page.type === "opaqueredirect" || page.status === 403 || page.status === 404;
  } catch {
    return false;
  }
}
