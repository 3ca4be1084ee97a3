"""Logistic regression on standardised features, as JSON holds it."""

import math
from collections.abc import Mapping, Sequence

CLIP = 6.0  # standard deviations from the mean; tuning.fit_calibration clips as far


def probability(
    features: Mapping[str, float],
    names: Sequence[str],
    mean: Sequence[float],
    scale: Sequence[float],
    *,
    head: tuple[Sequence[float], float],
) -> float:
    """In [0, 1]. head: weights and bias. A feature that is missing raises KeyError."""
    weights, total = head
    for name, middle, width, weight in zip(names, mean, scale, weights, strict=True):
        value = (features[name] - middle) / width
        total += weight * max(-CLIP, min(CLIP, value))
    return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, total))))
