"""Plots as SVG paths: numbers in, coordinates out; the template draws, style sheets colour."""

from collections.abc import Sequence
from dataclasses import dataclass

from learning.dial import Bin, Point

WIDTH, HEIGHT = 560.0, 260.0
LEFT, BOTTOM, TOP, RIGHT = 44.0, 34.0, 12.0, 24.0


@dataclass(frozen=True)
class Curve:
    """line: of the observed share of wrong answers; band: its interval; dial: where the risk is."""

    line: str
    band: str
    dial: float | None
    x_ticks: tuple[tuple[float, str], ...]
    y_ticks: tuple[tuple[float, str], ...]


@dataclass(frozen=True)
class Dot:
    """size: the radius, by the number of audits."""

    x: float
    y: float
    size: float
    count: int


@dataclass(frozen=True)
class Reliability:
    dots: tuple[Dot, ...]
    ticks: tuple[tuple[float, float, str], ...]  # x, y, words
    diagonal: tuple[float, float, float, float]


def curve(points: Sequence[Point], *, risk: float) -> Curve | None:
    """Coverage to the right, wrong answers upwards; None without audits."""
    if not points:
        return None
    top = min(1.0, max(0.1, 1.1 * max(one.high for one in points[len(points) // 10 :]), risk * 1.3))
    line = " ".join(f"{_x(one.coverage):.1f},{_y(one.risk, top):.1f}" for one in points)
    upper = [f"{_x(one.coverage):.1f},{_y(min(top, one.high), top):.1f}" for one in points]
    lower = [f"{_x(one.coverage):.1f},{_y(one.low, top):.1f}" for one in reversed(points)]
    return Curve(
        line=line,
        band=" ".join([*upper, *lower]),
        dial=_y(risk, top),
        x_ticks=tuple((_x(at / 4), f"{25 * at}%") for at in range(5)),
        y_ticks=tuple((_y(top * at / 4, top), f"{100 * top * at / 4:.0f}%") for at in range(5)),
    )


def reliability(bins: Sequence[Bin]) -> Reliability | None:
    """How sure the bot was to the right, how often it was right upwards."""
    if not bins:
        return None
    most = max(one.count for one in bins)
    dots = [
        Dot(_x(one.confidence), _y(one.right, 1.0), 3 + 7 * (one.count / most) ** 0.5, one.count)
        for one in bins
    ]
    ticks = tuple((_x(at / 4), _y(at / 4, 1.0), f"{25 * at}%") for at in range(5))
    return Reliability(tuple(dots), ticks, (_x(0), _y(0, 1.0), _x(1), _y(1.0, 1.0)))


def _x(share: float) -> float:
    return LEFT + share * (WIDTH - LEFT - RIGHT)


def _y(share: float, top: float) -> float:
    return TOP + (1 - min(1.0, share / top)) * (HEIGHT - TOP - BOTTOM)
