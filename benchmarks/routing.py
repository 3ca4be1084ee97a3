"""Which questions go to the large model: what a router's order is worth.

A router gives each question a score; those with the lowest go to the large model first. Performance
gap recovered, PGR, of a share of calls: how much of the way from the small model's quality to the
large one's is gone; APGR is its mean over all shares (Ong et al. 2024, RouteLLM, arXiv 2406.18665).
AUGRC: the mean over all shares answered of the share of all questions answered and wrong (Traub et
al. 2024, arXiv 2407.01032); lower is better. Arrays have one entry a question.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
NEIGHBOURS = (5, 10, 20, 40, 80, 160)


@dataclass(frozen=True)
class Cases:
    """small, large: quality of each one's answer, in [0, 1]. cost: of asking the large one."""

    small: Floats
    large: Floats
    cost: Floats
    groups: NDArray[np.str_]

    def of(self, rows: NDArray[np.intp]) -> "Cases":
        return Cases(self.small[rows], self.large[rows], self.cost[rows], self.groups[rows])


def quality(cases: Cases, kept: NDArray[np.bool_]) -> float:
    """Mean, where those kept are the small model's."""
    return float(np.where(kept, cases.small, cases.large).mean())


def spend(cases: Cases, kept: NDArray[np.bool_]) -> float:
    """Of what always asking the large model costs."""
    return float(cases.cost[~kept].sum() / cases.cost.sum())


def curve(cases: Cases, scores: Floats) -> Floats:
    """(N + 1,) quality with the 0, 1, … N lowest scores at the large model."""
    order = np.argsort(scores, kind="stable")
    gained = (cases.large - cases.small)[order]
    total = cases.small.sum() + np.concatenate([[0.0], np.cumsum(gained)])
    return np.asarray(total / len(scores), dtype=np.float64)


def apgr(cases: Cases, scores: Floats) -> float:
    """NaN where both models are as good as each other."""
    gap = float(cases.large.mean() - cases.small.mean())
    if abs(gap) < 1e-9:
        return float("nan")
    return float((curve(cases, scores).mean() - cases.small.mean()) / gap)


def pgr_at(cases: Cases, scores: Floats, share: float) -> float:
    """share: of all questions that go to the large model."""
    gap = float(cases.large.mean() - cases.small.mean())
    at = round(share * len(scores))
    return float((curve(cases, scores)[at] - cases.small.mean()) / gap)


def augrc(cases: Cases, scores: Floats) -> float:
    order = np.argsort(-scores, kind="stable")
    return float(np.cumsum(1 - cases.small[order]).mean() / len(scores))


def nearest(vectors: Floats, known: Floats, right: Floats, count: int) -> Floats:
    """(N,) the share right among the `count` nearest of the known; vectors are of unit length."""
    like = vectors @ known.T
    at = np.argpartition(-like, min(count, like.shape[1] - 1), axis=1)[:, :count]
    return np.asarray(right[at].mean(axis=1), dtype=np.float64)


def tuned_neighbours(known: Floats, right: Floats) -> int:
    """Of NEIGHBOURS, the one whose Brier score is least on one half with the other known."""
    half = np.arange(len(right)) % 2 == 0
    errors = {
        count: float(
            ((nearest(known[half], known[~half], right[~half], count) - right[half]) ** 2).mean()
        )
        for count in NEIGHBOURS
        if count < (~half).sum()
    }
    return min(errors, key=lambda one: errors[one])


def routers(cases: Cases, lengths: Floats, more: Mapping[str, Floats]) -> Mapping[str, Floats]:
    """`more` with those that know nothing and everything: random, length and the oracle."""
    rng = np.random.default_rng(5)
    return {
        "random": rng.random(len(lengths)),
        "length of the question": -lengths,
        **more,
        "oracle": cases.small - cases.large,
    }


def bootstrap(
    cases: Cases, scores: Mapping[str, Floats], measure: str, draws: int = 1_000
) -> Mapping[str, tuple[float, float, float]]:
    """Each router's apgr or augrc with its 95% interval; whole groups are drawn."""
    compute = {"apgr": apgr, "augrc": augrc}[measure]
    names, number = np.unique(cases.groups, return_inverse=True)
    members = [np.flatnonzero(number == at) for at in range(len(names))]
    rng = np.random.default_rng(3)
    drawn = [
        np.concatenate([members[at] for at in rng.integers(len(members), size=len(members))])
        for _ in range(draws)
    ]
    found = {}
    for name, one in scores.items():
        values = [compute(cases.of(rows), one[rows]) for rows in drawn]
        low, high = np.nanquantile(values, [0.025, 0.975])
        found[name] = (compute(cases, one), float(low), float(high))
    return found


def share_interval(
    values: Floats, groups: NDArray[np.str_], draws: int = 1_000
) -> tuple[float, float, float]:
    """The mean and its 95% interval; whole groups are drawn."""
    if not len(values):
        return float("nan"), float("nan"), float("nan")
    _, number = np.unique(groups, return_inverse=True)
    total, count = np.bincount(number, weights=values), np.bincount(number)
    drawn = np.random.default_rng(4).integers(len(count), size=(draws, len(count)))
    means = total[drawn].sum(axis=1) / count[drawn].sum(axis=1)
    low, high = np.quantile(means, [0.025, 0.975])
    return float(values.mean()), float(low), float(high)


def said(estimate: Sequence[float]) -> str:
    mean, low, high = estimate
    return f"{mean:.3f} [{low:.3f}, {high:.3f}]"
