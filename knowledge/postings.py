"""BM25 over packed posting lists: numpy in, numpy out, no database.

A segment holds up to 65,536 passages, numbered from 0. For each term it has one array of
uint32, one value a passage: ordinal (16 bits), length in terms (10 bits), occurrences (6 bits).
What a value can't hold is clipped: a passage of 1,200 characters has at most 600 terms; only
more than 63 occurrences of one term in a passage are lost, where BM25 has saturated.

Source: Robertson and Zaragoza 2009, "The Probabilistic Relevance Framework: BM25 and Beyond".
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

K1 = 1.2
B = 0.75
SEGMENT_LIMIT = 1 << 16
LONGEST = (1 << 10) - 1
MOST = (1 << 6) - 1

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Lists:
    """Posting lists of one segment: `postings[i]` belongs to `terms[i]`; lengths by ordinal."""

    terms: list[str]
    postings: list[bytes]
    lengths: NDArray[np.uint16]


def pack(ordinals: Ints, lengths: Ints, counts: Ints) -> NDArray[np.uint32]:
    clipped = np.minimum(lengths, LONGEST) << 6 | np.minimum(counts, MOST)
    return (ordinals << 16 | clipped).astype(np.uint32)


def build(documents: Sequence[Sequence[str]]) -> Lists:
    """Posting lists of passages given as lists of terms; at most SEGMENT_LIMIT of them."""
    if len(documents) > SEGMENT_LIMIT:
        raise ValueError(f"a segment holds at most {SEGMENT_LIMIT} passages")
    number: dict[str, int] = {}
    flat = [number.setdefault(term, len(number)) for terms in documents for term in terms]
    lengths = np.array([len(terms) for terms in documents], dtype=np.int64)
    ordinals = np.repeat(np.arange(len(documents)), lengths)
    keys, counts = np.unique(
        np.array(flat, dtype=np.int64) << 16 | ordinals, return_counts=True
    )  # sorted by term, then ordinal
    ordinals = keys & 0xFFFF
    packed = pack(ordinals, lengths[ordinals], counts)
    return Lists(list(number), _split(packed, keys >> 16, len(number)), _short(lengths))


def _short(lengths: Ints) -> NDArray[np.uint16]:
    return np.minimum(lengths, LONGEST).astype(np.uint16)


def _split(packed: NDArray[np.uint32], owners: Ints, total: int) -> list[bytes]:
    """Cut an array sorted by owner into one piece for each owner 0..total-1."""
    cuts = np.searchsorted(owners, np.arange(total + 1))
    return [packed[cuts[i] : cuts[i + 1]].tobytes() for i in range(total)]


def merge(rows: Sequence[tuple[str, int, bytes]], living: Sequence[NDArray[np.bool_]]) -> Lists:
    """One segment from several: rows are (term, segment index, postings), in any order.

    living[s]: (passages of s,) whether the passage is kept. Kept passages are numbered on in
    the order of the segments. Terms that lose all their passages vanish.
    """
    kept = np.concatenate(living)
    base = np.cumsum([0, *(len(flags) for flags in living)])
    renumber = np.cumsum(kept) - 1
    number: dict[str, int] = {}
    owners = np.array([number.setdefault(row[0], len(number)) for row in rows], dtype=np.int64)
    sizes = np.array([len(row[2]) // 4 for row in rows], dtype=np.int64)
    values = np.frombuffer(b"".join(row[2] for row in rows), dtype=np.uint32)
    old = (values >> 16) + np.repeat(base[[row[1] for row in rows]], sizes)
    owner = np.repeat(owners, sizes)
    alive = kept[old]
    fresh = renumber[old[alive]].astype(np.uint32)
    keys = owner[alive] << 16 | fresh
    order = np.argsort(keys, kind="stable")
    packed = (fresh << np.uint32(16) | values[alive] & np.uint32(0xFFFF))[order]
    lengths = np.zeros(int(kept.sum()), dtype=np.uint16)
    lengths[packed >> 16] = (packed >> 6 & LONGEST).astype(np.uint16)
    postings = _split(packed, keys[order] >> 16, len(number))
    present = [(term, data) for term, data in zip(number, postings, strict=True) if data]
    return Lists([term for term, _ in present], [data for _, data in present], lengths)


@dataclass(frozen=True)
class Statistics:
    """What BM25 needs to know of the whole workspace: living passages, their mean length."""

    passages: int
    mean_length: float

    def idf(self, frequency: Floats) -> Floats:
        """Never negative: log(1 + (N - n + ½) / (n + ½)); frequency n: passages with the term."""
        return np.log1p((self.passages - frequency + 0.5) / (frequency + 0.5))

    def saturation(self, count: float, length: float) -> float:
        """What `count` occurrences in a passage of `length` terms are worth, times idf."""
        norm = K1 * (1 - B + B * length / max(self.mean_length, 1e-9))
        return count * (K1 + 1) / (count + norm)

    def table(self) -> Floats:
        """`saturation` for each low half of a posting: (65,536,)."""
        return _table(self.mean_length)


@lru_cache(maxsize=64)
def _table(mean_length: float) -> Floats:
    low = np.arange(1 << 16)
    counts, lengths = (low & MOST).astype(np.float64), (low >> 6).astype(np.float64)
    norm = K1 * (1 - B + B * lengths / max(mean_length, 1e-9))
    made = np.asarray(counts * (K1 + 1) / (counts + norm), dtype=np.float64)
    made.flags.writeable = False
    return made


@dataclass(frozen=True)
class Hits:
    """The posting lists that a search read of one segment.

    values: the lists one after the other; sizes: (R,) how long each is; terms: (R,) whose it is,
    as an index into the question's terms.
    """

    values: NDArray[np.uint32]
    sizes: Ints
    terms: Ints

    def living(self, dead: Ints) -> Ints:
        """(R,) how many of each list's passages are not dead."""
        if not len(dead) or not len(self.sizes):
            return self.sizes
        flags = np.ones(SEGMENT_LIMIT, dtype=np.int64)
        flags[dead] = 0
        starts = np.cumsum(self.sizes) - self.sizes
        return np.add.reduceat(flags[self.values >> 16], starts)

    def scores(self, table: Floats, weights: Floats, passages: int) -> Floats:
        """(V, passages) BM25. weights: (V, T) idf times how often the view has the term."""
        ordinals = (self.values >> 16).astype(np.int64)
        impact = table[self.values & np.uint32(0xFFFF)]
        return np.array(
            [
                np.bincount(
                    ordinals, impact * np.repeat(row[self.terms], self.sizes), minlength=passages
                )
                for row in weights
            ]
        )


class Best:
    """The `limit` best slots of one view, fed a segment at a time; ties go to the lower slot."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._slots = np.empty(0, dtype=np.int64)
        self._scores = np.empty(0)

    def offer(self, scores: Floats, base: int) -> None:
        """scores: of slots base, base + 1, …; only positive ones count."""
        slots = np.flatnonzero(scores > self._bound(scores))
        self._slots = np.concatenate([self._slots, slots + base])
        self._scores = np.concatenate([self._scores, scores[slots]])
        if len(self._slots) > self._limit:
            order = np.lexsort((self._slots, -self._scores))[: self._limit]
            self._slots, self._scores = self._slots[order], self._scores[order]

    def _bound(self, scores: Floats) -> float:
        """What a slot must exceed: the last of the best so far, or, in the first segments, just
        less than the limit-th best of the maxima of runs of 64, which bounds the limit-th best
        of all from below."""
        if len(self._slots) == self._limit:
            return float(self._scores[-1])
        whole = len(scores) // 64 * 64
        if whole // 64 <= self._limit:
            return 0.0
        maxima = scores[:whole].reshape(-1, 64).max(axis=1)
        return max(float(np.nextafter(np.partition(maxima, -self._limit)[-self._limit], 0)), 0.0)

    def result(self) -> tuple[Ints, Floats]:
        """Slots and scores, best first."""
        order = np.lexsort((self._slots, -self._scores))
        return self._slots[order], self._scores[order]
