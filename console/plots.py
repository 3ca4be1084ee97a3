"""Plots of outcomes by day as shapes of SVG: numbers in, coordinates out, as console.curve does."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from console.curve import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH
from learning.intervals import wilson
from learning.outcomes import Figures, Row, Span

BY_DAY = 62  # days; longer spans are drawn by the week
GAP = 0.2  # of a bar's place
LABELS = 6  # below the axis
PARTS = ("small_talk", "tier1", "tier2", "people", "nobody")  # from the bottom up


@dataclass(frozen=True)
class Bar:
    """One part of a stacked bar."""

    x: float
    y: float
    width: float
    height: float
    part: str
    count: int


@dataclass(frozen=True)
class Mark:
    """A share with its interval: a dot at y, whiskers from high to low, all as coordinates."""

    x: float
    y: float
    high: float
    low: float
    says: str


@dataclass(frozen=True)
class Plot:
    bars: tuple[Bar, ...]
    marks: tuple[Mark, ...]
    line: str
    x_ticks: tuple[tuple[float, str], ...]
    y_ticks: tuple[tuple[float, str], ...]
    weekly: bool


@dataclass(frozen=True)
class Bin:
    """The days of one bar, added up."""

    first: date
    counts: Mapping[str, int]


def binned(rows: Sequence[Row], span: Span) -> list[Bin]:
    """One for each day, or for each week of a long span; days without conversations too."""
    width = 7 if (span.last - span.first).days + 1 > BY_DAY else 1
    by_day = {row.key: row.figures for row in rows}
    found = []
    first = span.first
    while first <= span.last:
        days = [first + timedelta(days=number) for number in range(width)]
        figures = [by_day[str(day)] for day in days if str(day) in by_day]
        found.append(Bin(first, _added(figures)))
        first += timedelta(days=width)
    return found


def _added(figures: Sequence[Figures]) -> dict[str, int]:
    names = (*PARTS, "conversations", "bot", "confirmed", "wrong")
    return {name: sum(int(getattr(one, name)) for one in figures) for name in names}


def volumes(bins: Sequence[Bin]) -> Plot:
    """Conversations, stacked by who answered."""
    most = max((one.counts["conversations"] for one in bins), default=0)
    top = _round_up(most)
    bars = []
    for number, one in enumerate(bins):
        at = 0
        for part in PARTS:
            count = one.counts[part]
            if count:
                y, height = _y((at + count) / top), _y(at / top) - _y((at + count) / top)
                bars.append(Bar(_left(number, bins), y, _width(bins), height, part, count))
            at += count
    ticks = sorted({0, top // 2, top}) if top > 1 else [0, 1]
    words = tuple((_y(value / top), str(value)) for value in ticks)
    return Plot(tuple(bars), (), "", _x_ticks(bins), words, _is_weekly(bins))


def shares(bins: Sequence[Bin], part: str, *wholes: str) -> Plot:
    """The share of `part` in the sum of `wholes`, with its 95% interval; empty days have none."""
    marks = []
    for number, one in enumerate(bins):
        hits, count = one.counts[part], sum(one.counts[name] for name in wholes)
        interval = wilson(hits, count)
        if interval is None:
            continue
        low, high = interval
        x = _left(number, bins) + _width(bins) / 2
        says = f"{one.first:%d.%m.}: {hits}/{count} = {100 * hits / count:.0f}%"
        says += f" ({100 * low:.0f}–{100 * high:.0f}%)"
        marks.append(Mark(x, _y(hits / count), _y(high), _y(low), says))
    line = " ".join(f"{mark.x:.1f},{mark.y:.1f}" for mark in marks)
    ticks = tuple((_y(at / 4), f"{25 * at}%") for at in range(5))
    return Plot((), tuple(marks), line, _x_ticks(bins), ticks, _is_weekly(bins))


def _is_weekly(bins: Sequence[Bin]) -> bool:
    return len(bins) > 1 and (bins[1].first - bins[0].first).days == 7


def _x_ticks(bins: Sequence[Bin]) -> tuple[tuple[float, str], ...]:
    every = max(1, -(-len(bins) // LABELS))
    return tuple(
        (_left(number, bins) + _width(bins) / 2, f"{one.first:%d.%m.}")
        for number, one in enumerate(bins)
        if number % every == 0
    )


def _round_up(most: int) -> int:
    """The top of an axis: 1, 2 or 5 with noughts, half of it whole."""
    size = 1
    while True:
        for step in (1, 2, 4, 6, 10):
            if most <= step * size:
                return step * size
        size *= 10


def _left(number: int, bins: Sequence[Bin]) -> float:
    place = (WIDTH - LEFT - RIGHT) / len(bins)
    return LEFT + (number + GAP / 2) * place


def _width(bins: Sequence[Bin]) -> float:
    return (1 - GAP) * (WIDTH - LEFT - RIGHT) / len(bins)


def _y(share: float) -> float:
    return TOP + (1 - min(1.0, share)) * (HEIGHT - TOP - BOTTOM)
