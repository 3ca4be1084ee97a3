"""Plots of the desk's report by day, drawn as console.plots draws those of outcomes."""

from collections.abc import Sequence
from datetime import date, timedelta

from console.curve import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH
from console.plots import GAP, LABELS, Bar, Mark, Plot
from learning.desk_report import Figures, Row
from learning.intervals import Spread

Days = Sequence[tuple[date, Figures | None]]


def days_of(rows: Sequence[Row], first: date, last: date) -> Days:
    """Every day of the span, those without handoffs too."""
    by_day = {row.key: row.figures for row in rows}
    count = (last - first).days + 1
    every = [first + timedelta(days=number) for number in range(count)]
    return [(day, by_day.get(str(day))) for day in every]


def handed_off(days: Days) -> Plot:
    """How many conversations came to people, a bar for each day."""
    top = _top(max((one.handoffs for _, one in days if one), default=0))
    bars = tuple(
        Bar(_left(number, days), _y(one.handoffs / top), _width(days),
            _y(0) - _y(one.handoffs / top), "people", one.handoffs)
        for number, (_, one) in enumerate(days)
        if one and one.handoffs
    )  # fmt: skip
    ticks = tuple((_y(part / 2), f"{top * part / 2:g}") for part in range(3))
    return Plot(bars, (), "", _x_ticks(days), ticks, weekly=False)


def waits(days: Days) -> Plot:
    """The median wait in minutes, with its interval; days without a wait have none."""
    known = [(number, day, one.wait) for number, (day, one) in enumerate(days) if one and one.wait]
    top = _top(round(max((wait.median.high for _, _, wait in known), default=0) / 60))
    marks = tuple(_mark(number, day, wait, days=days, top=top) for number, day, wait in known)
    line = " ".join(f"{mark.x:.1f},{mark.y:.1f}" for mark in marks)
    ticks = tuple((_y(part / 4), f"{top * part / 4:g}") for part in range(5))
    return Plot((), marks, line, _x_ticks(days), ticks, weekly=False)


def _mark(number: int, day: date, wait: Spread, *, days: Days, top: int) -> Mark:
    x = _left(number, days) + _width(days) / 2
    value, low, high = (one / 60 for one in (wait.median.value, wait.median.low, wait.median.high))
    says = f"{day:%d.%m.}: {value:.1f} ({low:.1f}–{high:.1f})"
    return Mark(x, _y(value / top), _y(high / top), _y(low / top), says)


def _top(most: int) -> int:
    """The end of an axis: 1, 2, 4, 6 or 10 with noughts."""
    size = 1
    while True:
        for step in (1, 2, 4, 6, 10):
            if most <= step * size:
                return step * size
        size *= 10


def _x_ticks(days: Days) -> tuple[tuple[float, str], ...]:
    every = max(1, -(-len(days) // LABELS))
    return tuple(
        (_left(number, days) + _width(days) / 2, f"{day:%d.%m.}")
        for number, (day, _) in enumerate(days)
        if number % every == 0
    )


def _left(number: int, days: Days) -> float:
    place = (WIDTH - LEFT - RIGHT) / len(days)
    return LEFT + (number + GAP / 2) * place


def _width(days: Days) -> float:
    return (1 - GAP) * (WIDTH - LEFT - RIGHT) / len(days)


def _y(share: float) -> float:
    return TOP + (1 - min(1.0, share)) * (HEIGHT - TOP - BOTTOM)
