"""The half-life of escalations: when a share has halved, and medians that books give."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from learning.half_life import Lifetime, halved_at, median_of

START = datetime(2026, 1, 1, tzinfo=UTC)


def asked(needed: str) -> list[tuple[datetime, bool]]:
    """One question a day; 1 where it needed help."""
    return [(START + timedelta(days=day), one == "1") for day, one in enumerate(needed)]


@pytest.mark.parametrize(
    ("needed", "day"),
    [
        ("1111", None),  # nothing has changed
        ("11100", 4),  # of 1,1,0,0 half
        ("1100", 3),
        ("1010", 3),
        ("110", None),  # fewer than four questions
        ("0001111", None),  # what came before the first that needed help does not count
        ("001100", 5),
        ("1110111", None),
        ("0000", None),
    ],
)
def test_a_share_has_halved_when_half_of_the_last_four_need_no_help(
    needed: str, day: int | None
) -> None:
    assert halved_at(asked(needed)) == (None if day is None else START + timedelta(days=day))


def lifetimes(ended: Sequence[int], going_on: Sequence[int] = ()) -> list[Lifetime]:
    return [
        *(Lifetime(timedelta(days=day), ended=True) for day in ended),
        *(Lifetime(timedelta(days=day), ended=False) for day in going_on),
    ]


def days(span: timedelta | None) -> float | None:
    return None if span is None else span / timedelta(days=1)


def test_the_median_and_its_interval_are_those_of_the_textbook() -> None:
    """Gehan 1965, weeks of remission; R's survfit, log-log: 23 (13, NA) and 8 (4, 11)."""
    treated = median_of(
        lifetimes([6, 6, 6, 7, 10, 13, 16, 22, 23], [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35])
    )
    assert (days(treated.median), days(treated.low), days(treated.high)) == (23, 13, None)
    assert (treated.topics, treated.halved) == (21, 9)
    control = median_of(
        lifetimes([1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23])
    )
    assert (days(control.median), days(control.low), days(control.high)) == (8, 4, 11)


def test_topics_that_have_not_halved_yet_count() -> None:
    assert days(median_of(lifetimes([1, 2, 3])).median) == 2
    longer = median_of(lifetimes([1, 2, 3], [9, 9, 9, 9]))
    assert longer.median is None and longer.high is None


def test_without_topics_there_is_no_half_life() -> None:
    nothing = median_of([])
    assert (nothing.median, nothing.low, nothing.high, nothing.topics) == (None, None, None, 0)
