"""The intent head: softmax regression on the embedder's vectors.

Anything that may need the knowledge base is a `question`. A label other than that must be so sure
that at most one question in 1,000 is taken for it, measured on examples that were not trained on.
"""

import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inference.embedder import Embedder
from inference.intent import IntentHead
from tuning.artefact import write_manifest
from tuning.reading_examples import rows

LABELS = ("question", "greeting", "thanks", "goodbye", "smalltalk", "person")
QUESTIONS_TAKEN_WRONGLY = 0.001
MOST_QUESTIONS = 14_000
OWN_PHRASES = Path(__file__).with_name("own_phrases.json")  # for what public sets hold little of
OWN_WEIGHT = 8  # times each of our own phrases counts
_CLINC = {
    "greeting": "greeting", "thank_you": "thanks", "goodbye": "goodbye",
    **dict.fromkeys(
        ("are_you_a_bot", "what_is_your_name", "how_old_are_you", "who_made_you", "tell_joke",
         "where_are_you_from", "what_are_your_hobbies", "do_you_have_pets", "who_do_you_work_for",
         "what_can_i_ask_you", "meaning_of_life", "fun_fact"), "smalltalk"),
}  # fmt: skip
_NEITHER = {"yes", "no", "maybe", "repeat", "user_name", "change_ai_name", "change_user_name"}


@dataclass(frozen=True)
class IntentExample:
    text: str
    label: str
    weight: float = 1.0


def examples(data: Path | None, *, seed: int = 7) -> list[IntentExample]:
    """Public data where a folder is given, and our own phrases."""
    phrases = json.loads(OWN_PHRASES.read_text(encoding="utf-8"))
    own = [
        IntentExample(text, label, OWN_WEIGHT) for label, texts in phrases.items() for text in texts
    ]
    public = list(_public(data)) if data else []
    questions = [one for one in public if one.label == "question"]
    rest = [one for one in public if one.label != "question"]
    random.Random(seed).shuffle(questions)
    return [*own, *rest, *questions[:MOST_QUESTIONS]]


def _public(data: Path) -> Iterator[IntentExample]:
    for row in rows(data / "clinc150" / "train_val.jsonl"):
        if row["intent"] not in _NEITHER:
            yield IntentExample(row["text"], _CLINC.get(row["intent"], "question"))
    for row in rows(data / "bitext_support" / "bitext_8k.jsonl"):
        label = "person" if row["intent"] == "contact_human_agent" else "question"
        yield IntentExample(row["text"], label)
    for row in rows(data / "banking77" / "train.jsonl"):
        yield IntentExample(row["text"], "question")
    for row in rows(data / "doc2dial" / "turns.jsonl"):
        if row["query_role"] == "user":
            yield IntentExample(row["query"], "question")


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
        label: threshold(shares, labels[left_out], number) for number, label in enumerate(LABELS)
    }
    head.fit(vectors, labels, sample_weight=weights)
    _write(out, head, thresholds, embedder=model.fingerprint)
    return _report(IntentHead(out), labels[left_out], shares, thresholds)


def encode(model: Embedder, texts: Sequence[str]) -> NDArray[np.float32]:
    """(N, 384), in pieces of the size that the embedder takes."""
    pieces = [model.encode(texts[at : at + 1024]) for at in range(0, len(texts), 1024)]
    return np.concatenate(pieces)


def threshold(shares: NDArray[np.float64], labels: NDArray[np.int64], number: int) -> float:
    """The lowest share at which few enough questions are taken for this label; 0 for questions."""
    if number == 0:
        return 0.0
    best = shares.argmax(axis=1) == number
    rivals = np.sort(shares[(labels == 0) & best, number])[::-1]
    allowed = int(QUESTIONS_TAKEN_WRONGLY * int((labels == 0).sum()))
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
