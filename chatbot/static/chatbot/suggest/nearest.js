// The snapshot of a workspace's help pages, as knowledge/snapshots.py writes it, and what in it is
// nearest to a vector.

const DIMENSIONS = 384;

export function unpack(buffer) {
  const length = new DataView(buffer).getUint32(0, true);
  const head = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length)));
  const count = head.passages.length;
  const scales = new Float32Array(buffer, 4 + length, count);
  const vectors = new Int8Array(buffer, 4 + length + 4 * count, count * DIMENSIONS);
  return { ...head, scales, vectors };
}

// The best passage of each article, best first: at most `most`, none below `floor`.
export function nearest(snapshot, vector, { most, floor }) {
  const best = new Map();
  for (const [at, { article }] of snapshot.passages.entries()) {
    const score = cosine(snapshot, vector, at);
    if (score >= floor && score > (best.get(article)?.score ?? -1)) best.set(article, { at, score });
  }
  const found = [...best].sort(([, one], [, other]) => other.score - one.score).slice(0, most);
  return found.map(([article, { at, score }]) => {
    const { id, title, lang } = snapshot.articles[article];
    const { heading, text } = snapshot.passages[at];
    return { id, title, lang, heading, text, score };
  });
}

function cosine({ vectors, scales }, vector, at) {
  let sum = 0;
  for (let i = 0, place = at * DIMENSIONS; i < DIMENSIONS; i += 1) sum += vector[i] * vectors[place + i];
  return sum * scales[at];
}
