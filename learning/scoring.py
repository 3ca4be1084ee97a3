"""The table that `evaluate` prints: which metric is computed from which questions.

Retrieval counts questions whose place is known; reading counts answerable ones with gold answers
or spans; deciding counts questions of which it is known whether an answer is right. `right` is the
share of answerable questions whose answer is right or would have been, `false answers` the share
of unanswerable ones that were answered. Smalltalk and handoff answer no question: they lower
coverage and rank last in confidence.
"""

from collections.abc import Callable, Sequence

import numpy as np

from learning import metrics
from learning.judging import Outcome
from learning.matching import exact_match, span_f1, token_f1
from learning.metrics import Bools, Estimate, Floats, Indices, Metric

RECALLS = (1, 5, 10, 20)
MILLISECONDS = frozenset({"latency p50 ms", "latency p95 ms"})


def table(outcomes: Sequence[Outcome]) -> dict[str, Estimate]:
    """Metric → estimate, in the order to print. Intervals draw whole groups."""
    groups = [
        one.question.group if one.question.group is not None else (number,)
        for number, one in enumerate(outcomes)
    ]
    return metrics.estimates(
        {**_retrieval(outcomes), **_reading(outcomes), **_deciding(outcomes), **_time(outcomes)},
        groups,
    )


def _bools(outcomes: Sequence[Outcome], of: Callable[[Outcome], bool]) -> Bools:
    return np.array([of(one) for one in outcomes], dtype=np.bool_)


def _floats(outcomes: Sequence[Outcome], of: Callable[[Outcome], float]) -> Floats:
    return np.array([of(one) for one in outcomes], dtype=np.float64)


def _mean_of(values: Floats) -> Callable[[Indices], float]:
    return lambda rows: float(values[rows].mean()) if rows.size else float("nan")


def _retrieval(outcomes: Sequence[Outcome]) -> dict[str, Metric]:
    known = _bools(outcomes, lambda one: one.question.locatable)
    ranks = _floats(outcomes, lambda one: one.rank if one.question.locatable else np.inf)

    def recall(k: int) -> Metric:
        return Metric(lambda rows: metrics.recall_at(ranks[rows], k), known)

    return {
        **{f"recall@{k}": recall(k) for k in RECALLS},
        "MRR": Metric(lambda rows: metrics.mean_reciprocal_rank(ranks[rows]), known),
    }


def _reading(outcomes: Sequence[Outcome]) -> dict[str, Metric]:
    """Of the words found, also where the decision was not to show them; none found counts 0."""

    def among(gold: Callable[[Outcome], bool]) -> Bools:
        return _bools(outcomes, lambda one: one.question.answerable is not False and gold(one))

    def exact(one: Outcome) -> float:
        found = one.candidate
        return float(found is not None and exact_match(found.words, one.question.answers))

    def tokens(one: Outcome) -> float:
        return token_f1(one.candidate.words, one.question.answers) if one.candidate else 0.0

    def points(one: Outcome) -> float:
        return span_f1(one.candidate.place, one.question.spans) if one.candidate else 0.0

    texts = among(lambda one: bool(one.question.answers))
    return {
        "exact match": Metric(_mean_of(_floats(outcomes, exact)), texts),
        "F1": Metric(_mean_of(_floats(outcomes, tokens)), texts),
        "span F1": Metric(
            _mean_of(_floats(outcomes, points)), among(lambda one: bool(one.question.spans))
        ),
    }


def _deciding(outcomes: Sequence[Outcome]) -> dict[str, Metric]:
    everything = _bools(outcomes, lambda one: True)
    judged = _bools(outcomes, lambda one: one.question.judgeable)
    without = _bools(outcomes, lambda one: one.question.answerable is False)
    weighed = _bools(outcomes, lambda one: one.weighed)
    answered = _bools(outcomes, lambda one: one.answered)
    right = _bools(outcomes, lambda one: one.question.judgeable and one.right)
    confidence = _floats(outcomes, lambda one: one.decision.confidence if one.weighed else 0.0)
    return {
        "right": Metric(_mean_of(right.astype(np.float64)), judged & ~without),
        "coverage": Metric(lambda rows: metrics.coverage(answered[rows]), everything),
        "risk": Metric(
            lambda rows: metrics.selective_risk(answered[rows], right[rows]), judged & answered
        ),
        "false answers": Metric(lambda rows: metrics.coverage(answered[rows]), without),
        "AURC": Metric(
            lambda rows: metrics.area_under_risk_coverage(confidence[rows], right[rows]), judged
        ),
        "ECE": Metric(
            lambda rows: metrics.expected_calibration_error(confidence[rows], right[rows]),
            judged & weighed,
        ),
    }


def _time(outcomes: Sequence[Outcome]) -> dict[str, Metric]:
    everything = _bools(outcomes, lambda one: True)
    spent = _floats(outcomes, lambda one: one.total_ms)
    return {
        "latency p50 ms": Metric(lambda rows: metrics.percentile(spent[rows], 0.5), everything),
        "latency p95 ms": Metric(lambda rows: metrics.percentile(spent[rows], 0.95), everything),
    }


def printed(found: dict[str, Estimate]) -> list[str]:
    """One line a metric: value, 95% interval, how many questions it is computed from."""
    lines = [f"{'metric':<16}{'value':>9}  {'95% interval':<19}{'questions':>9}"]
    for name, one in found.items():
        digits = 1 if name in MILLISECONDS else 3
        value, low, high = (_number(x, digits) for x in (one.value, one.low, one.high))
        interval = f"{low} to {high}" if low != "-" else "-"
        lines.append(f"{name:<16}{value:>9}  {interval:<19}{one.count:>9}")
    return lines


def _number(value: float, digits: int) -> str:
    return "-" if np.isnan(value) else f"{value:.{digits}f}"
