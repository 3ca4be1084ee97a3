// Text → token ids, as the embedder's tokenizer.json says: the BERT way (Devlin et al. 2019), words
// in lower case without accents, then the longest pieces of the vocabulary from the left.
//
// Which characters count as control, mark or punctuation was settled by older Unicode tables than
// the browser's; the test compares every code point with the Python side.

const MOST_CHARACTERS = 20_000; // as inference/wordpiece.py
const LONGEST_WORD = 100;
const SPECIAL = /(\[(?:PAD|UNK|CLS|SEP|MASK)\])/;
const REMOVED = /(?![\t\n\r])[\uFFFD\p{Cc}\p{Cf}\p{Co}]/u;
const SPACE = /\s/u;
const MARK = /(?![\u1885\u1886])[\p{Mn}\u1734]/u;
const PUNCTUATION = /[!-/:-@[-`{-~\p{P}\u166D]/u;
const HAN =
  /[\u3400-\u4DBF\u4E00-\u9FFF\uF900-\uFAFF\u{20000}-\u{2A6DF}\u{2A700}-\u{2B81F}\u{2B920}-\u{2CEAF}\u{2F800}-\u{2FA1F}]/u;

export class WordPiece {
  // lines: the vocabulary, one token a line, in the order of the ids
  constructor(lines) {
    this.ids = new Map(lines.map((token, id) => [token, id]));
    [this.unknown, this.cls, this.sep] = ["[UNK]", "[CLS]", "[SEP]"].map((one) => this.ids.get(one));
  }

  // Without the marks at both ends, at most `most` of them.
  encode(text, most = Infinity) {
    const found = [];
    const cut = [...text].slice(0, MOST_CHARACTERS).join("");
    for (const [at, part] of cut.split(SPECIAL).entries()) {
      if (at % 2) found.push(this.ids.get(part));
      else for (const word of words(part)) found.push(...this.pieces(word));
      if (found.length >= most) break;
    }
    return found.slice(0, most);
  }

  // A word of which a piece is not in the vocabulary is unknown as a whole.
  pieces(word) {
    if (word.length > LONGEST_WORD) return [this.unknown];
    const found = [];
    for (let start = 0, end; start < word.length; start = end) {
      let id;
      for (end = word.length; end > start; end -= 1) {
        id = this.ids.get((start ? "##" : "") + word.slice(start, end).join(""));
        if (id !== undefined) break;
      }
      if (id === undefined) return [this.unknown];
      found.push(id);
    }
    return found;
  }
}

// Arrays of characters: space divides, and a mark of punctuation or a Han character is a word.
function* words(text) {
  let word = [];
  for (const one of characters(text)) {
    const alone = one !== " " && (PUNCTUATION.test(one) || HAN.test(one));
    if ((alone || one === " ") && word.length) {
      yield word;
      word = [];
    }
    if (alone) yield [one];
    else if (one !== " ") word.push(one);
  }
  if (word.length) yield word;
}

// Each by itself in lower case: a sigma at the end of a word stays as it is anywhere else.
function* characters(text) {
  for (const given of text) {
    if (REMOVED.test(given)) continue;
    if (SPACE.test(given)) yield " ";
    else {
      if (HAN.test(given)) yield " ";
      for (const one of given.normalize("NFD")) if (!MARK.test(one)) yield* one.toLowerCase();
      if (HAN.test(given)) yield " ";
    }
  }
}
