"""Intervals of shares, for figures that are shown and not for the guarantee of the risk dial."""

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
