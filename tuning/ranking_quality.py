"""How good an order of candidates is: recall with intervals, and what reading more would give."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

KS = (1, 3, 4, 5, 6, 8)
READS = (3, 4, 5, 6, 8)
DRAWS = 1_000

Scores = NDArray[np.floating[Any]]
Hits = NDArray[np.bool_]


@dataclass(frozen=True)
class Judged:
    """Candidates of all questions, one after the other.

    gold: (N,) of 0 and 1; sizes: (Q,) candidates of each question; groups: (Q,) names.
    """

    gold: NDArray[np.int64]
    sizes: NDArray[np.int64]
    groups: NDArray[Any]

    @property
    def spans(self) -> list[slice]:
        ends = np.cumsum(self.sizes).tolist()
        return [slice(end - size, end) for end, size in zip(ends, self.sizes.tolist(), strict=True)]


def first_gold(judged: Judged, scores: Scores) -> NDArray[np.float64]:
    """(Q,) place of the first gold candidate by score, from 1; infinite where there is none.

    Equal scores stay in the order in which the candidates come.
    """
    places = np.full(len(judged.sizes), np.inf)
    for number, span in enumerate(judged.spans):
        gold = judged.gold[span][np.argsort(-scores[span], kind="stable")]
        if gold.any():
            places[number] = float(gold.argmax()) + 1
    return places


def recalls(judged: Judged, scores: Scores, ks: Sequence[int] = KS) -> dict[int, list[float]]:
    """Share of all questions with gold among the first k, and its 95% interval."""
    places = first_gold(judged, scores)
    return {k: interval(places <= k, judged.groups) for k in ks}


def interval(hits: Hits | NDArray[np.float64], groups: NDArray[Any]) -> list[float]:
    """The mean with its percentile bootstrap, whole groups drawn: [mean, low, high].

    Of a single group the bounds are the mean itself.
    """
    _, number = np.unique(groups, return_inverse=True)
    total = np.bincount(number, weights=hits.astype(float))
    count = np.bincount(number)
    drawn = np.random.default_rng(0).integers(len(count), size=(DRAWS, len(count)))
    repeats = total[drawn].sum(axis=1) / count[drawn].sum(axis=1)
    low, high = np.quantile(repeats, [0.025, 0.975])
    return [round(float(value), 3) for value in (hits.mean(), low, high)]


def by_reads(
    judged: Judged, before: Scores, after: Scores, reads: Sequence[int] = READS
) -> dict[int, dict[int, list[float]]]:
    """Recall after reading, for each number of passages read.

    after: (N,) scores of what was read, NaN for the others. What stands among the first by
    `before` but was not read keeps its place after what was: a lower bound for that depth.
    """
    found = {}
    for depth in reads:
        scores = np.empty(len(before))
        for span in judged.spans:
            place = np.argsort(np.argsort(-before[span], kind="stable"), kind="stable")
            is_read = (place < depth) & ~np.isnan(after[span])
            # What is read comes first, in its own order; all else keeps its place below.
            order = np.argsort(-np.where(is_read, after[span], -np.inf), kind="stable")
            above = np.empty(len(order))
            above[order] = np.arange(len(order), 0, -1) + len(order)
            scores[span] = np.where(is_read, above, -place)
        found[depth] = recalls(judged, scores, (1, 5))
    return found


def card(report: Mapping[str, Any], read: int, sources: Sequence[str]) -> str:
    """The text for people that goes with the rankers. report: of train_rankers.train."""

    def shown(name: str, of: Mapping[int, Sequence[float]]) -> str:
        cells = (f"{of[k][0]:.3f} ({of[k][1]:.3f}–{of[k][2]:.3f})" for k in (1, 5))
        return f"| {name} | {' | '.join(cells)} |"

    lines = [
        shown("fusion", report["fusion"]),
        shown("before reading", report["before"]),
        *(shown(f"after reading {depth}", of) for depth, of in report["by_reads"].items()),
    ]
    named = f" of {', '.join(sources)}" if sources else ""
    table = "\n".join(lines)
    return f"""# Rankers

**What they do.** Two LambdaMART ensembles of boosted trees. The first orders the candidates that \
retrieval found, and up to {read} are read; the second orders those with what the reader says of \
them. Where `steps.json` lies beside them, it says when fewer are enough (`tuning/fit_steps.py`).

**Trained on** (`tuning/train_rankers.py`): {report["questions"]} questions in \
{report["groups"]} groups{named}.

**Recall** on groups left out of training (five folds), with 95% intervals over groups:

| order | recall@1 | recall@5 |
|---|---|---|
{table}

What the first ranker would have chosen, but was not read when these questions were observed, \
counts as not read: the rows after reading are lower bounds.

**Licence.** Apache-2.0, as the code.
"""
