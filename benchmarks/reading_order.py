"""Which of the passages that were read should answer: the weights of chatbot/answering/choose.py.

    python -m benchmarks.reading_order WORKSPACE=FILE… [--read 8]

FILE: labelled questions as for `manage.py evaluate`, WORKSPACE: where their articles are imported.
For each question with a place that answers, the best of fusion are read. Weights for the share of
the fused score, the margin and the relevance are fitted by softmax regression over the passages of
a question, on four fifths of the groups, and measured on the fifth left out. A choice is right if
the words that the reader chose in it touch the place that answers.
"""

import argparse
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

if TYPE_CHECKING:
    from chatbot.answering.choose import Read
    from learning.questions import Question

FOLDS = 5
STEPS, RATE = 3_000, 0.2
Array = NDArray[np.float64]


@dataclass(frozen=True)
class Asked:
    """features: (P, 3) of fused share, margin, relevance; right: (P,) of 0 and 1."""

    group: str
    features: Array
    right: Array


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("sets", nargs="+", metavar="WORKSPACE=FILE")
    parser.add_argument("--read", type=int, default=8)
    given = parser.parse_args()
    print("python -m benchmarks.reading_order", " ".join(sys.argv[1:]), flush=True)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from config.local.private import ensure_services

    with ensure_services(["manage.py", "reading_order"]):
        import django

        django.setup()
        sets = {name: list(_observed(name, given.read)) for name in given.sets}
    for depth in sorted({3, 5, given.read}):
        _report(sets, depth)


def _observed(name: str, read: int) -> Iterator[Asked]:
    from accounts.access import workspace_by_slug
    from learning.questions import read_questions

    slug, _, file = name.partition("=")
    workspace = workspace_by_slug(slug)
    questions = read_questions(Path(file), on_broken=print)
    for question in tqdm([one for one in questions if one.spans], desc=slug, disable=None):
        found = _read(workspace.id, question, read)
        if found:
            best = max(one.candidate.fused for one in found)
            yield Asked(
                group=question.group or question.id,
                features=np.array([_features(one, best) for one in found]),
                right=np.array([_right(one, question) for one in found]),
            )


def _read(workspace_id: object, question: "Question", read: int) -> "list[Read]":
    from chatbot.answering import models
    from chatbot.answering.choose import Read
    from chatbot.answering.views import view_texts
    from inference.reader import ReaderPassage, question_with_history
    from knowledge.retrieval import Filters, View, search

    loaded = models.loaded()
    texts = view_texts(question.question, question.history)
    vectors = loaded.embedder.encode(texts)
    views = [View(text, vector) for text, vector in zip(texts, vectors, strict=True)]
    candidates = search(workspace_id, views=views, filters=Filters(), k=30)[:read]  # type: ignore[arg-type]  # a UUID, imported late
    readings = loaded.reader.read(
        question_with_history(question.question, question.history),
        [ReaderPassage(one.title, one.heading_path, one.text) for one in candidates],
    )
    pairs = enumerate(zip(candidates, readings, strict=True))
    return [Read(one, reading, rank) for rank, (one, reading) in pairs]


def _features(one: "Read", best: float) -> list[float]:
    return [one.candidate.fused / best, max(-10.0, min(10.0, one.margin)), one.reading.relevance]


def _right(one: "Read", question: "Question") -> float:
    if not one.has_words or one.reading.start is None or one.reading.end is None:
        return 0.0
    start = one.candidate.start + one.reading.start
    end = one.candidate.start + one.reading.end
    spans = [span for span in question.spans if span.doc_id == one.candidate.doc_id]
    return float(any(span.start < end and start < span.end for span in spans))


def fit(asked: Sequence[Asked]) -> Array:
    """Weights (3,) that make the right passages of a question likely, by gradient ascent."""
    asked = [one for one in asked if one.right.any()]
    depth = max((len(one.right) for one in asked), default=0)
    features, right = np.zeros((len(asked), depth, 3)), np.zeros((len(asked), depth))
    there = np.zeros((len(asked), depth))
    for number, one in enumerate(asked):
        count = len(one.right)
        features[number, :count], right[number, :count] = one.features, one.right
        there[number, :count] = 1.0
    weights = np.zeros(3)
    for _ in range(STEPS if asked else 0):
        scores = features @ weights
        odds = np.exp(scores - scores.max(axis=1, keepdims=True)) * there
        every = odds / odds.sum(axis=1, keepdims=True)
        wanted = odds * right / (odds * right).sum(axis=1, keepdims=True)
        weights += RATE * np.einsum("np,npf->f", wanted - every, features) / len(asked)
    return weights


def _share(asked: Sequence[Asked], weights: Array) -> float:
    return float(np.mean([one.right[int(np.argmax(one.features @ weights))] for one in asked]))


def _report(sets: Mapping[str, Sequence[Asked]], depth: int) -> None:
    cut = {
        name: [Asked(one.group, one.features[:depth], one.right[:depth]) for one in asked]
        for name, asked in sets.items()
    }
    every = [one for asked in cut.values() for one in asked]
    folds = {group: i % FOLDS for i, group in enumerate(sorted({one.group for one in every}))}
    fitted = [fit([one for one in every if folds[one.group] != fold]) for fold in range(FOLDS)]
    print(
        f"{depth} passages read; weights of fused share, margin, relevance: {fit(every).round(2)}"
    )
    for name, asked in cut.items():
        shares = {
            "any right": float(np.mean([one.right.any() for one in asked])),
            "fusion": _share(asked, np.array([1.0, 0.0, 0.0])),
            "margin": _share(asked, np.array([0.0, 1.0, 0.0])),
            "relevance": _share(asked, np.array([0.0, 0.0, 1.0])),
            "fitted": float(
                np.mean(
                    [
                        one.right[int(np.argmax(one.features @ fitted[folds[one.group]]))]
                        for one in asked
                    ]
                )
            ),
        }
        told = "  ".join(f"{key} {value:.3f}" for key, value in shares.items())
        print(f"  {name.partition('=')[0]:12} n {len(asked):5}  {told}", flush=True)


if __name__ == "__main__":
    main()
