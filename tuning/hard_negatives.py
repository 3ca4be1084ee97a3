"""Passages that look like the answer and are not: what words and vectors find first.

The same two signals, joined the same way, as in the retriever that the reader will read for:
reciprocal rank fusion (Cormack et al. 2009) of a lexical and a dense order.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inference.embedder import MAX_TEXTS, Embedder

RANK_CONSTANT = 60


@dataclass(frozen=True)
class Piece:
    """A passage of an article; `group` is what it must not be told apart from (its page)."""

    title: str
    text: str
    group: str

    @property
    def searched(self) -> str:
        return f"{self.title}\n{self.text}"


class Miner:
    def __init__(self, pieces: Sequence[Piece], embedder: Embedder | None) -> None:
        """Without an embedder, words alone. Cost: an embedder run for each piece."""
        from sklearn.feature_extraction.text import TfidfVectorizer

        self.pieces = list(pieces)
        self._embedder = embedder
        self._vectoriser = TfidfVectorizer(sublinear_tf=True)
        texts = [piece.searched for piece in self.pieces]
        self._lexical = self._vectoriser.fit_transform(texts)
        self._dense = None if embedder is None else _encoded(embedder, texts)

    def nearest(self, questions: Sequence[str], *, count: int) -> list[list[Piece]]:
        """For each question the first `count` pieces, best first."""
        words = self._vectoriser.transform(questions) @ self._lexical.T
        vectors = (
            None
            if self._embedder is None or self._dense is None
            else _encoded(self._embedder, questions) @ self._dense.T
        )
        found = []
        for number in range(len(questions)):
            fused = _reciprocal_ranks(np.asarray(words[number].todense())[0])
            if vectors is not None:
                fused = fused + _reciprocal_ranks(vectors[number])
            found.append([self.pieces[at] for at in np.argsort(-fused, kind="stable")[:count]])
        return found


def _reciprocal_ranks(scores: NDArray[Any]) -> NDArray[np.float64]:
    """What has nothing in common with the question has no rank."""
    order = np.argsort(-scores, kind="stable")
    ranks = np.empty(len(scores), np.float64)
    ranks[order] = np.arange(len(scores))
    return np.where(scores > 0, 1.0 / (RANK_CONSTANT + ranks), 0.0)


def _encoded(embedder: Embedder, texts: Sequence[str]) -> NDArray[np.float32]:
    parts = [embedder.encode(texts[at : at + MAX_TEXTS]) for at in range(0, len(texts), MAX_TEXTS)]
    return np.concatenate(parts)
