// Runs beside the page, so that typing never waits for a model. What it is asked stays here: after
// loading it requests nothing.

import { Embedder } from "./embedder.js";
import { nearest, unpack } from "./nearest.js";

const MOST = 3;
const FLOOR = 0.3; // docs/measurements.md says what it lets through

let embedder;
let snapshot;
let waiting = null; // the newest question; those before it are nobody's any more
let busy = true;

self.addEventListener("message", ({ data }) => {
  if (data.load) load(data.load).catch(fail);
  else {
    waiting = data;
    work().catch(fail);
  }
});

async function load({ base, current }) {
  const answer = await fetch(current, { credentials: "omit" });
  if (!answer.ok) throw new Error("no snapshot");
  const { snapshot: where } = await answer.json();
  const [file, made] = await Promise.all([
    fetch(where, { credentials: "omit" }),
    Embedder.load(base),
  ]);
  if (!file.ok) throw new Error("no snapshot");
  snapshot = unpack(await file.arrayBuffer());
  embedder = made;
  await embedder.encode("warm");
  busy = false;
  self.postMessage({ ready: true, passages: snapshot.passages.length });
  await work();
}

async function work() {
  if (busy) return;
  busy = true;
  while (waiting) {
    const { number, text } = waiting;
    waiting = null;
    const found = nearest(snapshot, await embedder.encode(text), { most: MOST, floor: FLOOR });
    self.postMessage({ number, found });
  }
  busy = false;
}

// Without the reason: it might quote what was typed.
function fail() {
  self.postMessage({ failed: true });
}
