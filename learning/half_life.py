"""Escalation half-life: how fast a repeated topic stops needing tier 2 or 3.

For each topic (a group of at least MIN_QUESTIONS questions of like meaning, counted from the first
that needed the large model or a person), the time runs from that first question until at most half
of its last WINDOW questions needed one. At the start the share is 1 by definition, so that is when
it has halved. A topic that has not come so far is observed until its last question and no longer:
what nobody asks any more is not known to be solved.

The half-life is the Kaplan-Meier median of these times (Kaplan and Meier 1958), so topics that
have not halved yet count for as long as they were observed. Its 95% interval is that of Brookmeyer
and Crowley 1982 on the log-minus-log scale. Median or upper bound None: longer than was observed.
"""

import math
from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from accounts.scope import workspace_scope
from learning.intervals import Z95
from learning.models import GapGroup, GapState

MIN_QUESTIONS = 5
WINDOW = 4


@dataclass(frozen=True)
class Lifetime:
    """ended: the share halved after this time; else it had not when it was seen last."""

    time: timedelta
    ended: bool


@dataclass(frozen=True)
class HalfLife:
    """low, high: the interval. topics: how many it is of; halved: of how many the share has."""

    median: timedelta | None
    low: timedelta | None
    high: timedelta | None
    topics: int
    halved: int


def halved_at(questions: Sequence[tuple[datetime, bool]]) -> datetime | None:
    """questions: (asked at, needed tier 2 or 3), oldest first."""
    needed = [one for _at, one in questions]
    if True not in needed:
        return None
    first = needed.index(True)
    for last in range(first + WINDOW, len(needed) + 1):
        if sum(needed[last - WINDOW : last]) <= WINDOW / 2:
            return questions[last - 1][0]
    return None


def half_life(workspace_id: UUID) -> HalfLife:
    """Of the workspace's topics that were not dismissed."""
    with workspace_scope(workspace_id):
        rows = GapGroup.objects.filter(state=GapState.OPEN, asked__gte=MIN_QUESTIONS)
        found = list(rows.values_list("first_at", "last_at", "halved_at"))
    return median_of(
        [
            Lifetime((halved or last) - first, ended=halved is not None)
            for first, last, halved in found
            if first is not None and last is not None
        ]
    )


def median_of(lifetimes: Sequence[Lifetime]) -> HalfLife:
    median, low, high = None, None, None
    for time, survival, variance in _curve(lifetimes):
        lower, upper = _band(survival, variance)
        low = time if low is None and lower <= 0.5 else low
        median = time if median is None and survival <= 0.5 else median
        high = time if high is None and upper <= 0.5 else high
    halved = sum(one.ended for one in lifetimes)
    return HalfLife(median, low, high, len(lifetimes), halved)


def _curve(lifetimes: Sequence[Lifetime]) -> list[tuple[timedelta, float, float]]:
    """(time, survival after it, Greenwood's sum) at each time at which shares halved."""
    survival, greenwood = 1.0, 0.0
    found = []
    times = sorted(one.time for one in lifetimes)
    ended = Counter(one.time for one in lifetimes if one.ended)
    for time, ends in sorted(ended.items()):
        at_risk = len(times) - bisect_left(times, time)
        survival *= 1 - ends / at_risk
        greenwood += ends / (at_risk * (at_risk - ends)) if at_risk > ends else math.inf
        found.append((time, survival, greenwood))
    return found


def _band(survival: float, greenwood: float) -> tuple[float, float]:
    """95% of the survival on the log-minus-log scale; 0 to 1 where it says nothing."""
    if survival <= 0 or survival >= 1:
        return survival, survival
    spread = math.exp(Z95 * math.sqrt(greenwood) / abs(math.log(survival)))
    return survival**spread, survival ** (1 / spread)
