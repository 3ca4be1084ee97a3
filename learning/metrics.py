"""Numbers that say how good the answers are, with how sure these numbers are.

All of it is plain arithmetic on arrays with one entry for each question. A metric of no
questions is NaN, never a made-up zero. Ties in confidence never depend on the order of the rows:
rows of equal confidence count as in the mean over all their orders.
"""

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Indices = NDArray[np.intp]

ECE_BINS = 15
DRAWS = 1_000


@dataclass(frozen=True)
class Estimate:
    """`low`, `high`: a 95% interval. `count`: questions that it is computed from."""

    value: float
    low: float
    high: float
    count: int


@dataclass(frozen=True)
class Metric:
    """`compute` takes the indices of some questions, with repeats; `among`: where it is defined."""

    compute: Callable[[Indices], float]
    among: Bools


def _mean(values: Floats | Bools) -> float:
    return float(np.mean(values)) if values.size else float("nan")


def recall_at(ranks: Floats, k: int) -> float:
    """Share of questions whose gold passage is among the first k. ranks: 1 is best, inf: absent."""
    return _mean(ranks <= k)


def mean_reciprocal_rank(ranks: Floats) -> float:
    """0 counts for a question whose gold passage is absent."""
    return _mean(1.0 / ranks)


def coverage(answered: Bools) -> float:
    """Share of questions that were answered."""
    return _mean(answered)


def selective_risk(answered: Bools, right: Bools) -> float:
    """Share of wrong answers among the answers that were given."""
    return _mean(~right[answered])


def risk_coverage_curve(confidence: Floats, right: Bools) -> Floats:
    """(N,): the risk if only the 1, 2, … N most confident questions were answered."""
    order, wrong = _by_confidence(confidence, right)
    return np.asarray(np.cumsum(wrong) / np.arange(1, order.size + 1), dtype=np.float64)


def area_under_risk_coverage(confidence: Floats, right: Bools) -> float:
    """Mean risk over all coverages: 0 is best. Geifman and El-Yaniv 2017, arXiv 1705.08500."""
    return _mean(risk_coverage_curve(confidence, right))


def expected_calibration_error(confidence: Floats, right: Bools, bins: int = ECE_BINS) -> float:
    """Mean distance of confidence and share of right answers over bins of equal size.

    Naeini, Cooper and Hauskrecht 2015, with equal-mass bins as in Nixon et al., arXiv 1904.01685.
    Fewer questions than bins: a bin each.
    """
    if not confidence.size:
        return float("nan")
    order, wrong = _by_confidence(confidence, right)
    gap = confidence[order] - (1.0 - wrong)
    parts = np.array_split(gap, min(bins, gap.size))
    return float(sum(abs(part.sum()) for part in parts) / gap.size)


def _by_confidence(confidence: Floats, right: Bools) -> tuple[Indices, Floats]:
    """The order from most to least confident, and how wrong each is in that order.

    Rows of equal confidence share their errors equally.
    """
    order = np.argsort(-confidence, kind="stable")
    wrong = 1.0 - right[order].astype(np.float64)
    _, group = np.unique(-confidence[order], return_inverse=True)
    shared = np.bincount(group, weights=wrong) / np.maximum(1, np.bincount(group))
    return order, np.asarray(shared[group], dtype=np.float64)


def percentile(values: Floats, share: float) -> float:
    """share: 0.5 for the median. Between two values, the line between them."""
    return float(np.quantile(values, share)) if values.size else float("nan")


def estimates(
    metrics: Mapping[str, Metric],
    groups: Sequence[Hashable],
    *,
    draws: int = DRAWS,
    seed: int = 0,
) -> dict[str, Estimate]:
    """Each metric with its 95% percentile-bootstrap interval (Efron and Tibshirani 1993).

    groups: what each question belongs to. Whole groups are drawn, since questions about one page
    stand or fall together; questions each of their own group give the ordinary bootstrap.
    Of fewer than two groups the interval is NaN. Cost: draws × metrics.
    """
    repeats: dict[str, list[float]] = {name: [] for name in metrics}
    for rows in _resamples(groups, draws, np.random.default_rng(seed)):
        for name, metric in metrics.items():
            repeats[name].append(_of(metric, rows))
    everything = np.arange(len(groups))
    return {
        name: _estimate(metric, _of(metric, everything), np.array(repeats[name], dtype=np.float64))
        for name, metric in metrics.items()
    }


def _resamples(
    groups: Sequence[Hashable], draws: int, rng: np.random.Generator
) -> Iterator[Indices]:
    members: dict[Hashable, list[int]] = {}
    for index, group in enumerate(groups):
        members.setdefault(group, []).append(index)
    parts = [np.array(rows, dtype=np.intp) for rows in members.values()]
    if len(parts) < 2:
        return  # one group says nothing about how groups differ
    for _ in range(draws):
        yield np.concatenate([parts[i] for i in rng.integers(len(parts), size=len(parts))])


def _of(metric: Metric, rows: Indices) -> float:
    return metric.compute(rows[metric.among[rows]])


def _estimate(metric: Metric, value: float, repeats: Floats) -> Estimate:
    count = int(metric.among.sum())
    defined = repeats[~np.isnan(repeats)]
    if not defined.size:
        return Estimate(value, float("nan"), float("nan"), count)
    low, high = np.quantile(defined, [0.025, 0.975])
    return Estimate(value, float(low), float(high), count)
