// Text → unit vector, as inference/embedder.py makes it: one text a run, mean over its tokens.

import { WordPiece } from "./wordpiece.js";

const MOST_TOKENS = 256;

export class Embedder {
  // base: the folder that `manage.py fetch_browser_runtime` made, as an address
  static async load(base) {
    const where = (name) => new URL(base + name, self.location.href).href;
    const ort = await import(where("ort.mjs"));
    ort.env.wasm.numThreads = 1; // more would need a page that is isolated from other origins
    ort.env.wasm.wasmPaths = { wasm: where("ort.wasm") };
    const [session, vocabulary] = await Promise.all([
      ort.InferenceSession.create(where("model.onnx"), { executionProviders: ["wasm"] }),
      fetch(where("vocab.txt")).then((answer) => answer.text()),
    ]);
    return new Embedder({ ort, session, words: new WordPiece(vocabulary.split("\n")) });
  }

  constructor({ ort, session, words }) {
    Object.assign(this, { ort, session, words });
  }

  async encode(text) {
    const { words } = this;
    const row = [words.cls, ...words.encode(text, MOST_TOKENS - 2), words.sep];
    const tensor = (values) => new this.ort.Tensor("int64", BigInt64Array.from(values), [1, row.length]);
    const answer = await this.session.run({
      input_ids: tensor(row.map(BigInt)),
      attention_mask: tensor(row.map(() => 1n)),
      token_type_ids: tensor(row.map(() => 0n)),
    });
    const { data, dims } = answer[this.session.outputNames[0]]; // (1, tokens, 384)
    return unit(mean(data, { count: dims[1], size: dims[2] }));
  }
}

function mean(data, { count, size }) {
  const sums = new Float64Array(size);
  for (let i = 0; i < count * size; i += 1) sums[i % size] += data[i];
  return sums.map((sum) => sum / count);
}

function unit(vector) {
  const norm = Math.max(Math.hypot(...vector), 1e-12);
  return Float32Array.from(vector, (value) => value / norm);
}
