"""The intent head: softmax regression on the embedder's vectors.

Anything that may need the knowledge base is a `question`. A label other than that must be so sure
that at most one question in 1,000 is taken for it, measured on examples that were not trained on;
complaints and what is out of scope may take a few more, since they are answered where they can be.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inference.embedder import Embedder
from inference.intent import IntentHead
from tuning.artefact import write_manifest
from tuning.intent_examples import LABELS, examples

QUESTIONS_TAKEN_WRONGLY = 0.001
# These are searched and read for as questions are, and only then do they make a difference.
AFTER_READING = {"complaint": 0.005, "out_of_scope": 0.01}


def train(embedder: Path, out: Path, *, data: Path | None, seed: int = 7) -> dict[str, Any]:
    """Write the artefact; returns accuracy, and recall by label, on a fifth that was left out."""
    from sklearn.linear_model import LogisticRegression

    found = examples(data, seed=seed)
    model = Embedder(embedder, threads=1)
    vectors = encode(model, [one.text for one in found])
    labels = np.array([LABELS.index(one.label) for one in found])
    weights = np.array([one.weight for one in found])
    left_out = np.random.default_rng(seed).random(len(found)) < 0.2
    head = LogisticRegression(C=20.0, max_iter=400)
    head.fit(vectors[~left_out], labels[~left_out], sample_weight=weights[~left_out])
    shares = head.predict_proba(vectors[left_out])
    thresholds = {
        label: threshold(
            shares, labels[left_out], number, AFTER_READING.get(label, QUESTIONS_TAKEN_WRONGLY)
        )
        for number, label in enumerate(LABELS)
    }
    head.fit(vectors, labels, sample_weight=weights)
    _write(out, head, thresholds, embedder=model.fingerprint)
    return _report(IntentHead(out), labels[left_out], shares, thresholds)


def encode(model: Embedder, texts: Sequence[str]) -> NDArray[np.float32]:
    """(N, 384), in pieces of the size that the embedder takes."""
    pieces = [model.encode(texts[at : at + 1024]) for at in range(0, len(texts), 1024)]
    return np.concatenate(pieces)


def threshold(
    shares: NDArray[np.float64], labels: NDArray[np.int64], number: int, taken: float
) -> float:
    """The lowest share at which few enough questions are taken for this label; 0 for questions."""
    if number == 0:
        return 0.0
    best = shares.argmax(axis=1) == number
    rivals = np.sort(shares[(labels == 0) & best, number])[::-1]
    allowed = int(taken * int((labels == 0).sum()))
    return float(max(0.5, rivals[allowed] + 0.01 if len(rivals) > allowed else 0.5))


def _write(out: Path, head: Any, thresholds: dict[str, float], *, embedder: str) -> None:
    out.mkdir(parents=True, exist_ok=True)
    np.savez(
        out / "head.npz",
        weights=head.coef_.astype(np.float32),
        bias=head.intercept_.astype(np.float32),
    )
    settings = {"labels": list(LABELS), "thresholds": thresholds, "embedder": embedder}
    write_manifest(out, kind="intent", name="intent head", settings=settings)


def _report(
    head: IntentHead,
    labels: NDArray[np.int64],
    shares: NDArray[np.float64],
    thresholds: dict[str, float],
) -> dict[str, Any]:
    """Of the head trained without these examples, with its thresholds."""
    sure = shares >= np.array([thresholds[label] for label in head.labels])
    best = shares.argmax(axis=1)
    taken = np.where(sure[np.arange(len(best)), best], best, 0)
    recall = {
        label: round(float((taken[labels == number] == number).mean()), 4)
        for number, label in enumerate(LABELS)
    }
    return {"examples": len(labels), "recall": recall, "thresholds": thresholds}


if __name__ == "__main__":
    import sys

    print(train(Path(sys.argv[1]), Path(sys.argv[2]), data=Path(sys.argv[3])))
