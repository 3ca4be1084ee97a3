"""What readings come to: F1 of a reader, and how far another lies from it on the same questions.

Intervals: 95%, 1,000 bootstrap samples of whole groups, which are paragraphs, pages or articles.
Every figure and every difference is computed on the same samples, so differences are paired.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from learning.metrics import Bools, Estimate, Floats, Indices, Metric, estimates

NAN = float("nan")


@dataclass(frozen=True)
class Read:
    """margin: of the best span over no answer. f1: of its words with gold, 0 without gold.

    Of several passages those of the best margin count. shown_f1: of what the service would show
    around these words. known_f1: the best F1 of any passage's own best span, as if it were known
    beforehand which passage answers. part: of the set, where it has any.
    """

    group: str
    answerable: bool
    margin: float
    f1: float
    shown_f1: float = NAN
    known_f1: float = NAN
    part: str = ""


Metrics = Callable[[Sequence[Read]], Mapping[str, Metric]]


def figures(metrics: Metrics, found: Sequence[Read]) -> dict[str, Estimate]:
    return estimates(metrics(found), [one.group for one in found])


def differences(
    metrics: Metrics, found: Sequence[Read], first: Sequence[Read]
) -> dict[str, Estimate]:
    """How much greater each figure is than that of `first`, which read the same questions."""
    before = metrics(first)
    further = {
        name: Metric(_difference(metric, before[name]), metric.among)
        for name, metric in metrics(found).items()
    }
    return estimates(further, [one.group for one in found])


def _difference(metric: Metric, before: Metric) -> Callable[[Indices], float]:
    return lambda at: metric.compute(at) - before.compute(at)


def squad2_metrics(found: Sequence[Read]) -> dict[str, Metric]:
    answerable = np.array([one.answerable for one in found])
    margins = np.array([one.margin for one in found])
    f1 = np.where(answerable, [one.f1 for one in found], 0.0)
    half = np.array([sum(map(ord, one.group)) % 2 for one in found])
    given = np.zeros(len(found), dtype=np.bool_)
    for number in (0, 1):
        other = half != number
        given[~other] = margins[~other] > _cut_off(margins[other], f1[other], answerable[other])
    score = np.where(given, f1, ~answerable)
    return {
        "F1": _mean(score, np.ones(len(found), dtype=np.bool_)),
        "F1 of answerable, answered": _mean(f1, answerable),
        "unanswerable recognised": _mean(~given, ~answerable),
    }


def _cut_off(margins: Floats, f1: Floats, answerable: Bools) -> float:
    """The margin above which answering gives the best mean F1; 0 where there are none to try."""
    if not margins.size:
        return 0.0
    order = np.argsort(-margins)
    gained = np.cumsum(f1[order]) + (~answerable).sum() - np.cumsum(~answerable[order])
    return float(margins[order[int(np.argmax(gained))]]) - 1e-6


def page_metrics(found: Sequence[Read]) -> dict[str, Metric]:
    """Of what can be answered; by parts, too, where there are any."""
    answerable = np.array([one.answerable for one in found])
    values = {
        "F1": np.array([one.f1 for one in found]),
        "F1 of what is shown": np.array([one.shown_f1 for one in found]),
        "F1, passage known": np.array([one.known_f1 for one in found]),
    }
    parts = np.array([one.part for one in found])
    among = {"": answerable} | {
        f"{name}, ": answerable & (parts == name)
        for name in dict.fromkeys(one.part for one in found if one.part)
    }
    return {
        f"{part}{name}": _mean(value, questions)
        for part, questions in among.items()
        for name, value in values.items()
    }


def help_metrics(found: Sequence[Read]) -> dict[str, Metric]:
    """As of pages, and how often an answerable question has the greater margin."""
    margins = np.array([one.margin for one in found])
    answerable = np.array([one.answerable for one in found])

    def told_apart(at: Indices) -> float:
        with_answer, without = margins[at][answerable[at]], margins[at][~answerable[at]]
        if not with_answer.size or not without.size:
            return NAN
        return float((with_answer[:, None] > without[None, :]).mean())

    everything = np.ones(len(found), dtype=np.bool_)
    return page_metrics(found) | {"answerable told apart": Metric(told_apart, everything)}


def _mean(values: Floats | Bools, among: Bools) -> Metric:
    return Metric(lambda at: float(values[at].mean()) if at.size else NAN, among)
