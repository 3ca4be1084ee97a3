"""Intervals of shares, for figures that are shown and not for the guarantee of the risk dial."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor

Z95 = 1.959964


def wilson(hits: int, count: int) -> tuple[float, float] | None:
    """95% interval of a share (Wilson 1927); None where nothing was counted."""
    if not count:
        return None
    share, square = hits / count, Z95 * Z95
    middle = (share + square / (2 * count)) / (1 + square / count)
    spread = (share * (1 - share) / count + square / (4 * count * count)) ** 0.5
    reach = Z95 * spread / (1 + square / count)
    return max(0.0, middle - reach), min(1.0, middle + reach)


@dataclass(frozen=True)
class Quantile:
    """A quantile with its 95% interval; of few values, that of the smallest and the largest."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Spread:
    """How values are spread: half lie below the median, nine in ten below p90."""

    count: int
    median: Quantile
    p90: Quantile


def spread(values: Sequence[float]) -> Spread | None:
    """None of no values. Cost: one sort."""
    if not values:
        return None
    ordered = sorted(values)
    return Spread(len(ordered), quantile(ordered, 0.5), quantile(ordered, 0.9))


def quantile(ordered: Sequence[float], share: float) -> Quantile:
    """Of values in order; the interval is that of order statistics, which assumes no distribution.

    Source: Conover, Practical Nonparametric Statistics, 3.2 (normal approximation of the ranks).
    """
    count = len(ordered)
    reach = Z95 * (count * share * (1 - share)) ** 0.5
    low = max(0, floor(count * share - reach))
    high = min(count - 1, ceil(count * share + reach))
    return Quantile(ordered[min(count - 1, int(count * share))], ordered[low], ordered[high])
