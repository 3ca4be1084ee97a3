"""What a message wants, from its embedding: softmax regression, a few kilobytes."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from inference.manifest import load_manifest


@dataclass(frozen=True)
class Intent:
    """`question_probability` is that of a message that needs the knowledge base."""

    label: str
    probability: float
    question_probability: float


class IntentHead:
    """Weights (L, 384) and bias (L,) in `head.npz`, trained for one embedder's fingerprint."""

    def __init__(self, folder: Path) -> None:
        self.manifest = load_manifest(folder, kind="intent")
        self.fingerprint = self.manifest.fingerprint
        self.embedder = str(self.manifest.settings["embedder"])
        self.labels = tuple(str(label) for label in self.manifest.settings["labels"])
        self.thresholds = {
            str(label): float(value)
            for label, value in self.manifest.settings["thresholds"].items()
        }
        with np.load(self.manifest.path("head.npz"), allow_pickle=False) as head:
            self._weights: NDArray[np.float32] = head["weights"].astype(np.float32)
            self._bias: NDArray[np.float32] = head["bias"].astype(np.float32)

    def classify(self, vectors: NDArray[np.float32]) -> Sequence[Intent]:
        """One intent for each row of (N, 384).

        A label other than `question` must reach its threshold, else it is a question.
        """
        logits = vectors @ self._weights.T + self._bias
        odds = np.exp(logits - logits.max(axis=1, keepdims=True))
        shares = odds / odds.sum(axis=1, keepdims=True)
        return [self._intent(row) for row in shares]

    def _intent(self, shares: NDArray[np.float32]) -> Intent:
        question = float(shares[self.labels.index("question")])
        best = int(np.argmax(shares))
        label, probability = self.labels[best], float(shares[best])
        if label != "question" and probability < self.thresholds[label]:
            return Intent("question", question, question)
        return Intent(label, probability, question)
