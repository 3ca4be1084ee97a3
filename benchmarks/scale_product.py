"""A workspace of any size in the service's own tables, from real passages and stated noise.

The first passages are real: articles and contexts of the data folder as the service cuts them, each
with its own vector. The others lie in articles of ten passages. Each draws its length from a real
passage and its words, at random, from three; one word in fifty is one of 500,000 words that no real
passage has; the title is the first four words. Its vector is the weighted mean of the vectors of
the same three passages (weights uniform on the simplex), plus Gaussian noise of length .35, made a
unit vector again.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.scale_corpus import RARE_WORDS, TEXT_FILES, rows
from knowledge import analysis
from knowledge.index import searched_text
from knowledge.passages import cut

PART = 1 << 16  # passages that are made at a time, and a segment of the lexical index
IN_ARTICLE = 10
TITLE_WORDS = 4
NOISE = 0.35

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Real:
    """A real passage. article: the number of its article."""

    article: int
    title: str
    lang: str
    path: tuple[str, ...]
    text: str

    @property
    def searched(self) -> str:
        return searched_text(self.title, self.path, self.text)


@dataclass(frozen=True)
class Part:
    """Passages in order: titles, texts, terms as numbers on end, vectors."""

    first: int
    titles: list[str]
    texts: list[str]
    terms: Ints
    lengths: Ints
    vectors: Floats


def real_passages(folder: Path, limit: int) -> list[Real]:
    found: list[Real] = []
    article = 0
    for pattern in TEXT_FILES:
        for path in sorted(folder.glob(pattern)):
            for row in rows(path):
                text = str(row.get("text") or row.get("context") or "")
                title = " ".join(str(row.get("title") or text[:60]).split())
                lang = str(row.get("lang") or "en")[:12]
                found += [
                    Real(article, title[:300], lang, one.heading_path, text[one.start : one.end])
                    for one in cut(text)
                ]
                article += 1
    return found[:limit]


class Maker:
    """Makes the parts of a corpus; the same seed makes the same."""

    def __init__(self, real: Sequence[Real], vectors: Floats, seed: int = 7) -> None:
        self._rng = np.random.default_rng(seed)
        self._real, self._vectors = real, vectors
        number: dict[str, int] = {}
        words = [[number.setdefault(word, len(number)) for word in _words(one)] for one in real]
        self._pool = np.array([one for part in words for one in part], dtype=np.int64)
        self._starts = np.cumsum([0, *(len(part) for part in words)])
        self._known = len(number)
        self._word = np.array([*number, *(f"zq{i}" for i in range(RARE_WORDS))], dtype=object)
        terms: dict[str, int] = {}
        of_word = [[terms.setdefault(t, len(terms)) for t in analysis.terms(w)] for w in self._word]
        self._terms_at = np.cumsum([0, *(len(part) for part in of_word)])
        self._terms = np.array([one for part in of_word for one in part], dtype=np.int64)
        self._number = terms
        self.vocabulary = list(terms)

    def parts(self, size: int) -> Iterator[Part]:
        """The real passages first, then noise, until there are `size`."""
        first = min(len(self._real), size)
        yield self._real_part(first)
        for at in range(first, size, PART):
            yield self._noise(at, min(PART, size - at))

    def _real_part(self, count: int) -> Part:
        real = self._real[:count]
        found = [analysis.terms(one.searched) for one in real]
        number = self._number
        flat = [number.setdefault(term, len(number)) for terms in found for term in terms]
        self.vocabulary = list(number)
        return Part(
            0,
            [one.title for one in real],
            [one.text for one in real],
            np.array(flat, dtype=np.int64),
            np.array([len(terms) for terms in found], dtype=np.int64),
            self._vectors[:count],
        )

    def _noise(self, first: int, count: int) -> Part:
        rng, starts = self._rng, self._starts
        sources = rng.integers(0, len(starts) - 1, (count, 3))
        lengths = np.maximum(np.diff(starts)[rng.integers(0, len(starts) - 1, count)], TITLE_WORDS)
        total = int(lengths.sum())
        which = np.repeat(sources, lengths, axis=0)[np.arange(total), rng.integers(0, 3, total)]
        within = rng.random(total) * (starts[which + 1] - starts[which])
        words = self._pool[np.minimum(starts[which] + within.astype(np.int64), len(self._pool) - 1)]
        rare = rng.random(total) < 0.02
        words[rare] = self._known + rng.integers(0, RARE_WORDS, int(rare.sum()))
        ends = np.cumsum(lengths)
        begins = ends - lengths
        # every passage is searched by its article's title, the first words of the article
        heads = begins[np.arange(count) // IN_ARTICLE * IN_ARTICLE]
        titles = words[heads[:, None] + np.arange(TITLE_WORDS)]
        with_title = np.insert(words, np.repeat(begins, TITLE_WORDS), titles.ravel())
        spelled = self._word[words].tolist()
        spans = zip(begins.tolist(), ends.tolist(), strict=True)
        terms, term_lengths = self._analysed(with_title, lengths + TITLE_WORDS)
        return Part(
            first,
            [" ".join(one) for one in self._word[titles].tolist()],
            [" ".join(spelled[start:end]) for start, end in spans],
            terms,
            term_lengths,
            self._mixed(sources),
        )

    def _analysed(self, words: Ints, lengths: Ints) -> tuple[Ints, Ints]:
        """Terms of words, on end, and how many each passage has."""
        sizes = np.diff(self._terms_at)[words]
        total = int(sizes.sum())
        ends = np.cumsum(sizes)
        at = np.repeat(self._terms_at[words] - (ends - sizes), sizes) + np.arange(total)
        of_passage = np.add.reduceat(sizes, np.cumsum(lengths) - lengths)
        return self._terms[at], of_passage

    def _mixed(self, sources: Ints) -> Floats:
        rng = self._rng
        weights = rng.dirichlet([1.0, 1.0, 1.0], len(sources)).astype(np.float32)
        mixed = np.einsum("nk,nkd->nd", weights, self._vectors[sources])
        noise = rng.standard_normal(mixed.shape, dtype=np.float32) * (NOISE / mixed.shape[1] ** 0.5)
        mixed = mixed + noise
        return np.asarray(mixed / np.linalg.norm(mixed, axis=1, keepdims=True), dtype=np.float32)


def _words(one: Real) -> list[str]:
    """At least one, since a passage of signs alone has none."""
    return analysis._CHUNK.findall(one.text) or ["nothing"]
