"""A corpus of any size from real passages and stated noise, and its exact BM25.

The first passages are real. Each further one draws its length from a real passage and its words
from three of them, at random positions; one word in fifty is replaced by one of 500,000 words
that the real passages don't have, uniformly, so that the vocabulary grows as a real one does.
"""

import gzip
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from knowledge.analysis import terms
from knowledge.passages import cut

CHUNK = 1 << 16
RARE_WORDS = 500_000
TEXT_FILES = (
    "kb_*/*.jsonl*",
    "doc2dial/docs.jsonl",
    "doc2dial/passages.jsonl",
    "squad_train_part/contexts_v1.1.jsonl",
    "squad2/train_contexts.jsonl",
)


@dataclass(frozen=True)
class Corpus:
    """tokens: term numbers of all passages on end; offsets: (P+1,); vocabulary: the terms."""

    tokens: NDArray[np.int32]
    offsets: NDArray[np.int64]
    vocabulary: list[str]

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def lengths(self) -> NDArray[np.int64]:
        return np.diff(self.offsets)

    def head(self, size: int) -> "Corpus":
        end = self.offsets[size]
        return Corpus(self.tokens[:end], self.offsets[: size + 1], self.vocabulary)


@dataclass(frozen=True)
class Chunk:
    """Pairs of term and passage, sorted by term: passages are numbered in the whole corpus."""

    terms: NDArray[np.int64]
    passages: NDArray[np.int64]
    counts: NDArray[np.int64]


def rows(path: Path) -> Iterator[dict[str, object]]:
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8", newline="\n") as lines:
        for line in lines:
            if line.strip():
                yield json.loads(line)


def real_passages(folder: Path, limit: int) -> list[str]:
    """Passages of the articles and contexts below the folder, as the service cuts them."""
    found: list[str] = []
    for pattern in TEXT_FILES:
        for path in sorted(folder.glob(pattern)):
            for row in rows(path):
                text = str(row.get("text") or row.get("context") or "")
                found += [text[one.start : one.end] for one in cut(text)]
    return found[:limit]


def questions(folder: Path, count: int) -> list[list[str]]:
    """Half last turns of dialogues, a quarter whole histories, a quarter reading questions."""
    dialogues = list(rows(folder / "doc2dial/turns.jsonl"))
    reading = list(rows(folder / "squad2/train.jsonl"))
    step = max(len(dialogues) // count, 1)
    picked = dialogues[::step][:count]
    texts = [str(row["query"]) for row in picked[: count // 2]]
    for row in picked[count // 2 : count * 3 // 4]:
        history = row["history"]
        assert isinstance(history, list)
        texts.append(" ".join([*(text for _, text in history), str(row["query"])]))
    texts += [str(row["question"]) for row in reading[:: max(len(reading) // count, 1)]][
        : count - len(texts)
    ]
    return [found for text in texts if (found := terms(text))]


def corpus(texts: Sequence[str], size: int, seed: int = 7) -> Corpus:
    number: dict[str, int] = {}
    real = [[number.setdefault(term, len(number)) for term in terms(text)] for text in texts]
    real = [tokens for tokens in real if tokens]
    pool = np.array([term for tokens in real for term in tokens], dtype=np.int32)
    starts = np.cumsum([0, *(len(tokens) for tokens in real)])
    rng = np.random.default_rng(seed)
    drawn = rng.integers(0, len(real), max(size - len(real), 0))
    lengths = np.concatenate([np.diff(starts), np.diff(starts)[drawn]])[:size]
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    tokens = np.empty(int(offsets[-1]), dtype=np.int32)
    known = min(len(pool), len(tokens))
    tokens[:known] = pool[:known]
    for at in range(min(len(real), size), size, CHUNK):
        part = lengths[at : min(at + CHUNK, size)]
        tokens[offsets[at] : offsets[at + len(part)]] = _noise(rng, pool, starts, part, len(number))
    return Corpus(tokens, offsets, [*number, *(f"zq{i}" for i in range(RARE_WORDS))])


def _noise(
    rng: np.random.Generator,
    pool: NDArray[np.int32],
    starts: NDArray[np.int64],
    lengths: NDArray[np.int64],
    known: int,
) -> NDArray[np.int32]:
    sources = rng.integers(0, len(starts) - 1, (len(lengths), 3))
    total = int(lengths.sum())
    which = np.repeat(sources, lengths, axis=0)[np.arange(total), rng.integers(0, 3, total)]
    within = (rng.random(total) * (starts[which + 1] - starts[which])).astype(np.int64)
    tokens: NDArray[np.int32] = pool[starts[which] + within]
    rare = rng.random(total) < 0.02
    tokens[rare] = known + rng.integers(0, RARE_WORDS, int(rare.sum()))
    return tokens


def chunks(corpus: Corpus) -> Iterator[Chunk]:
    """The corpus inverted, 65,536 passages at a time."""
    for at in range(0, len(corpus), CHUNK):
        end = min(at + CHUNK, len(corpus))
        part = corpus.tokens[corpus.offsets[at] : corpus.offsets[end]].astype(np.int64)
        local = np.repeat(np.arange(end - at), np.diff(corpus.offsets[at : end + 1]))
        keys, counts = np.unique(part << 16 | local, return_counts=True)
        yield Chunk(keys >> 16, (keys & 0xFFFF) + at, counts)


class Exact:
    """BM25 by reading every posting of every term, from memory: the truth to measure against."""

    def __init__(self, whole: Corpus) -> None:
        self.number = {term: i for i, term in enumerate(whole.vocabulary)}
        self.lengths = whole.lengths().astype(np.float64)
        self.chunks = list(chunks(whole))

    def best(self, question: Sequence[str], limit: int) -> tuple[list[int], list[float]]:
        size = len(self.lengths)
        scores = np.zeros(size)
        norm = 1.2 * (0.25 + 0.75 * self.lengths / self.lengths.mean())
        for term, times in Counter(question).items():
            if term not in self.number:
                continue
            spans = [
                (part, *np.searchsorted(part.terms, [self.number[term], self.number[term] + 1]))
                for part in self.chunks
            ]
            found = sum(end - start for _, start, end in spans)
            idf = np.log(1 + (size - found + 0.5) / (found + 0.5))
            for part, start, end in spans:
                at, counts = part.passages[start:end], part.counts[start:end]
                scores[at] += times * idf * counts * 2.2 / (counts + norm[at])
        order = np.argsort(-scores, kind="stable")[:limit]
        return order.tolist(), scores[order].tolist()


def vectors(size: int, seed: int = 7) -> Iterator[NDArray[np.float32]]:
    """Unit vectors of 384 dimensions around 20,000 random centres, 10,000 at a time."""
    rng = np.random.default_rng(seed)
    centres = rng.standard_normal((20_000, 384), dtype=np.float32)
    for at in range(0, size, 10_000):
        count = min(10_000, size - at)
        mixed = centres[rng.integers(0, len(centres), count)]
        mixed = mixed + 0.7 * rng.standard_normal((count, 384), dtype=np.float32)
        yield mixed / np.linalg.norm(mixed, axis=1, keepdims=True)


Asked = tuple[str, list[tuple[str, str]]]


def asked(folder: Path, count: int) -> dict[str, list[Asked]]:
    """Real questions with what was said before them: single ones, and turns of dialogues."""
    reading = list(rows(folder / "squad2/train.jsonl"))
    turns = list(rows(folder / "doc2dial/turns.jsonl"))
    single = [str(row["question"]) for row in reading[:: max(len(reading) // count, 1)]][:count]
    single[::2] = [str(row["query"]) for row in turns[:: max(len(turns) // count, 1)]][:count][::2]
    later = [row for row in turns if isinstance(row["history"], list) and len(row["history"]) > 2]
    dialogues = [
        (str(row["query"]), [(_role(who), str(text)) for who, text in row["history"]])  # type: ignore[attr-defined]  # a list, see above
        for row in later[:: max(len(later) // (count // 4), 1)][: count // 4]
    ]
    return {"single questions": [(text, []) for text in single], "dialogues": dialogues}


def _role(who: object) -> str:
    return "bot" if str(who) in {"bot", "agent"} else "visitor"
