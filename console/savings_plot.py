"""What was spent and what it would have cost, added up day by day, as coordinates of an SVG."""

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate

from console.curve import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH
from console.plots import Bin
from learning.statement import Row

EVERY = 5  # days between labels
PARTS = {0: "small_talk", 1: "tier1", 2: "tier2", 3: "people"}


@dataclass(frozen=True)
class MoneyPlot:
    """Lines of points from the first of the month to its last day."""

    spent: str
    instead: str
    x_ticks: tuple[tuple[float, str], ...]
    y_ticks: tuple[tuple[float, str], ...]


def money(days: Sequence[Row], month: date) -> MoneyPlot:
    count = monthrange(month.year, month.month)[1]
    spent, instead = [0.0] * count, [0.0] * count
    for row in days:
        if row.day:
            spent[row.day.day - 1] += row.figures.cost_usd
            instead[row.day.day - 1] += row.figures.counterfactual_usd
    spent, instead = list(accumulate(spent)), list(accumulate(instead))
    top = max(spent[-1], instead[-1]) or 1.0
    ticks = [(_x(day, count), str(day)) for day in range(1, count + 1, EVERY)]
    return MoneyPlot(
        _line(spent, top),
        _line(instead, top),
        tuple(ticks),
        tuple((_y(share), f"{share * top:.3g}") for share in (0.0, 0.5, 1.0)),
    )


def bins(days: Sequence[Row], month: date) -> list[Bin]:
    """Answers of each day by tier, for console.plots.volumes."""
    count = monthrange(month.year, month.month)[1]
    found = [dict.fromkeys((*PARTS.values(), "nobody"), 0) for _ in range(count)]
    for row in days:
        if row.day and row.tier in PARTS:
            found[row.day.day - 1][PARTS[row.tier]] += row.figures.answers
    return [
        Bin(month.replace(day=number), {**one, "conversations": sum(one.values())})
        for number, one in enumerate(found, start=1)
    ]


def _line(values: Sequence[float], top: float) -> str:
    points = (f"{_x(n, len(values)):.1f},{_y(v / top):.1f}" for n, v in enumerate(values, 1))
    return " ".join(points)


def _x(day: int, count: int) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * (day - 1) / (count - 1)


def _y(share: float) -> float:
    return TOP + (1 - share) * (HEIGHT - TOP - BOTTOM)
