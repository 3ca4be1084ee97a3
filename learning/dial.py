"""The risk dial on a workspace's own audits: what each setting would answer, and how wrong.

Thresholds by Learn-then-Test with exact binomial bounds (inference.learn_then_test), at 90%
confidence, on random audits of the models that serve, and on nothing else. A setting is certified
once its test passes. It is refuted, and answers nothing, once the audits show that the shipped
threshold exceeds the risk. Until either, the shipped threshold stays.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, TypeVar
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from accounts.scope import workspace_scope
from accounts.workspaces import lock
from chatbot.models import ServedThresholds
from chatbot.sampling import chance
from inference.learn_then_test import fewest, is_above, lower_bound, threshold, upper_bound
from learning.labels import Judged, Label, audited, judged
from learning.serving_models import ServingModels, serving_or_none

State = Literal["certified", "refuted", "open"]
POINTS = 60  # of the curve
BINS = 10  # of the reliability diagram
BOTH_SIDES = 0.95  # each of a two-sided 90% interval's bounds
EXAMPLES = 3
Drawn = TypeVar("Drawn", Judged, Label)
MOST_MISTAKES = 40  # that further right answers are counted for


@dataclass(frozen=True)
class Setting:
    """What a risk would mean. threshold: the one in force, None: nothing is answered.

    coverage, wrong: shares of all audits that would be answered, and of those that are wrong, each
    (value, low, high); None without audits above it. missing: the fewest further right answers
    that could certify it, 0 if it is certified.
    """

    risk: float
    state: State
    threshold: float | None
    coverage: tuple[float, float, float] | None
    wrong: tuple[float, float, float] | None
    missing: int


@dataclass(frozen=True)
class Point:
    """Answering the most confident: the share of wrong ones with its interval."""

    coverage: float
    risk: float
    low: float
    high: float


@dataclass(frozen=True)
class Bin:
    """Audits of like confidence: how sure the bot was, and how often it was right."""

    confidence: float
    right: float
    count: int


@dataclass(frozen=True)
class DialView:
    """labels: oldest first, those that count."""

    workspace_id: UUID
    models_version: str
    labels: tuple[Judged, ...]
    left_out: int
    settings: tuple[Setting, ...]
    curve: tuple[Point, ...]
    bins: tuple[Bin, ...]
    calibration_error: float | None


def view(workspace_id: UUID) -> DialView | None:
    """None where the models cannot be used."""
    models = serving_or_none(workspace_id)
    if models is None:
        return None
    every = judged(workspace_id, models_version=models.version)
    labels = uniform(every)
    scores, right = _arrays(labels)
    bins = _bins(scores, right)
    return DialView(
        workspace_id=workspace_id,
        models_version=models.version,
        labels=tuple(labels),
        left_out=len(every) - len(labels),
        settings=tuple(_setting(scores, right, risk, models) for risk in models.calibration.risks),
        curve=_curve(scores, right),
        bins=bins,
        calibration_error=_error(bins),
    )


def set_thresholds(workspace_id: UUID) -> None:
    """Compute them anew for the models that serve. The same audits give the same thresholds.

    Of two at once the second waits, so that it reads every verdict that the first one read.
    """
    with workspace_scope(workspace_id):
        lock(workspace_id)
        found = view(workspace_id)
        if found is None:
            return
        own = {str(one.risk): one.threshold for one in found.settings if one.state != "open"}
        ServedThresholds.objects.update_or_create(
            workspace_id=workspace_id,
            models_version=found.models_version,
            defaults={"thresholds": own, "labels": len(found.labels)},
        )


def uniform(labels: Sequence[Drawn]) -> list[Drawn]:
    """The most labels that are one uniform sample, although the audited share changed.

    A turn was drawn if its chance lay below the share of that time. Among the audits since the
    share was last below s, those whose chance lies below s are a sample of share s. Which s is
    taken depends on shares and chances alone, never on a verdict.
    """
    best: list[Drawn] = []
    for share in sorted({one.share for one in labels}, reverse=True):
        below = [at for at, one in enumerate(labels) if one.share < share]
        since = labels[below[-1] + 1 :] if below else labels
        # What was drawn at this share has its chance below; only the others have to be asked.
        found = [one for one in since if one.share <= share or chance(one.turn_id) < share]
        if len(found) > len(best):
            best = found
    return best


def around(
    found: DialView, at: float | None, *, count: int = EXAMPLES
) -> tuple[list[Label], list[Label]]:
    """The audits just above the threshold, and those just below it, nearest first."""
    if at is None:
        ordered = sorted(found.labels, key=lambda one: -one.confidence)
        return [], _words(found, ordered[:count])
    above = sorted((one for one in found.labels if one.confidence >= at), key=_confidence)
    below = sorted((one for one in found.labels if one.confidence < at), key=_confidence)
    return _words(found, above[:count]), _words(found, below[::-1][:count])


def _words(found: DialView, labels: Sequence[Judged]) -> list[Label]:
    """The same in their order, with what was asked and answered."""
    ids = [one.audit_id for one in labels]
    read = audited(found.workspace_id, models_version=found.models_version, ids=ids)
    by_id = {one.audit_id: one for one in read}
    return [by_id[one] for one in ids if one in by_id]


def _confidence(label: Judged) -> float:
    return label.confidence


def _arrays(labels: Sequence[Judged]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    scores = np.array([one.confidence for one in labels], np.float64)
    return scores, np.array([float(one.right) for one in labels], np.float64)


def _setting(
    scores: NDArray[np.float64], right: NDArray[np.float64], risk: float, models: ServingModels
) -> Setting:
    shipped = models.calibration.threshold(risk)
    own = threshold(scores, right, risk)
    at, state = shipped, "open"
    if own is not None:
        at, state = own, "certified"
    elif shipped is not None and _exceeds(scores, right, shipped, risk):
        at, state = None, "refuted"
    answered = scores >= at if at is not None else np.zeros(len(scores), bool)
    count, wrong = int(answered.sum()), int((1 - right[answered]).sum())
    return Setting(
        risk=risk,
        state=state,  # type: ignore[arg-type]  # one of the three words above
        threshold=at,
        coverage=_share(count, len(scores)),
        wrong=_share(wrong, count),
        missing=0 if own is not None else _missing(scores, right, risk),
    )


def _exceeds(
    scores: NDArray[np.float64], right: NDArray[np.float64], at: float, risk: float
) -> bool:
    answered = scores >= at
    return lower_bound(int((1 - right[answered]).sum()), int(answered.sum())) > risk


def _missing(scores: NDArray[np.float64], right: NDArray[np.float64], risk: float) -> int:
    """The fewest further right answers, surer than the rest, with which a bound would hold."""
    wrong = np.cumsum(1 - right[np.argsort(-scores, kind="stable")]).astype(int)
    found = [fewest(risk)]
    for mistakes in range(min(MOST_MISTAKES, int(wrong[-1]) if len(wrong) else -1) + 1):
        longest = int((wrong <= mistakes).sum())
        found.append(_needed(mistakes, risk) - longest)
    return max(1, min(found))


@lru_cache(maxsize=1_000)
def _needed(mistakes: int, risk: float) -> int:
    """The fewest answers of which so many may be wrong, by bisection."""
    low, high = mistakes, 2 * fewest(risk)
    while is_above(mistakes, high, risk):
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if is_above(mistakes, middle, risk) else (low, middle)
    return high


def _share(part: int, whole: int) -> tuple[float, float, float] | None:
    if not whole:
        return None
    low, high = lower_bound(part, whole, BOTH_SIDES), upper_bound(part, whole, BOTH_SIDES)
    return part / whole, low, high


def _curve(scores: NDArray[np.float64], right: NDArray[np.float64]) -> tuple[Point, ...]:
    """At most POINTS, from the surest answers to all of them."""
    total = len(scores)
    if not total:
        return ()
    wrong = np.cumsum(1 - right[np.argsort(-scores, kind="stable")])
    counts = sorted({max(1, round(total * (at + 1) / POINTS)) for at in range(POINTS)})
    points = []
    for count in counts:
        share = _share(int(wrong[count - 1]), count)
        assert share is not None  # count is at least 1
        points.append(Point(count / total, *share))
    return tuple(points)


def _bins(scores: NDArray[np.float64], right: NDArray[np.float64]) -> tuple[Bin, ...]:
    """Of equal width in confidence; empty ones are left out."""
    of = np.minimum((scores * BINS).astype(int), BINS - 1)
    found = []
    for number in range(BINS):
        mine = of == number
        if mine.any():
            found.append(
                Bin(float(scores[mine].mean()), float(right[mine].mean()), int(mine.sum()))
            )
    return tuple(found)


def _error(bins: Sequence[Bin]) -> float | None:
    """Expected calibration error (Naeini, Cooper and Hauskrecht 2015)."""
    total = sum(one.count for one in bins)
    if not total:
        return None
    return sum(one.count * abs(one.confidence - one.right) for one in bins) / total
