"""Features of a sentence and the passages it cites → the probability that they say it.

Two logistic regressions: one that also uses what the reader makes of sentence and passage, and one
on words alone. Each has, for some risks, the lowest probability to pass at: with 90% confidence, no
larger share than the risk of unsupported sentences reaches it (inference.learn_then_test); and the
highest that tells against a sentence, which no larger share of supported ones stays below. The
first regression holds for one reader, the second for any.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from inference.errors import ModelUnavailable
from inference.manifest import load_manifest

CLIP = 6.0  # standard deviations; as tuning.fit_support clips


@dataclass(frozen=True)
class Head:
    """names, mean, scale, weights: one for each feature. thresholds, littles: risk, as str(float) →
    the lowest probability to pass at, the highest that tells against; None where none keeps it."""

    names: tuple[str, ...]
    mean: tuple[float, ...]
    scale: tuple[float, ...]
    weights: tuple[float, ...]
    bias: float
    thresholds: Mapping[str, float | None]
    littles: Mapping[str, float | None]

    def probability(self, features: Mapping[str, float]) -> float:
        """In (0, 1). A feature that is missing raises KeyError: the checks have changed."""
        total = self.bias
        for name, mean, scale, weight in zip(
            self.names, self.mean, self.scale, self.weights, strict=True
        ):
            total += weight * max(-CLIP, min(CLIP, (features[name] - mean) / scale))
        return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, total))))

    def threshold(self, risk: float) -> float:
        """Above 1, so that nothing passes, where no threshold keeps the risk."""
        found = self.thresholds.get(str(risk))
        return 2.0 if found is None else found

    def little(self, risk: float) -> float:
        """Below 0, so that nothing tells against a sentence, where none keeps the risk."""
        found = self.littles.get(str(risk))
        return -1.0 if found is None else found


class Support:
    """Raises ModelUnavailable for a missing, altered or unreadable artefact."""

    def __init__(self, folder: Path) -> None:
        manifest = load_manifest(folder, kind="support")
        try:
            raw = json.loads(manifest.path("support.json").read_text(encoding="utf-8"))
            self.words, self.read = _head(raw["words"]), _head(raw["read"])
            self._reader = str(raw["reader"])
        except (KeyError, TypeError, ValueError) as error:
            raise ModelUnavailable(f"support: unreadable ({type(error).__name__})") from None

    def fits(self, reader: str) -> bool:
        """Whether `read` was fitted to what this reader says."""
        return self._reader == reader


def _head(raw: Mapping[str, Any]) -> Head:
    return Head(
        names=tuple(str(name) for name in raw["features"]),
        mean=tuple(float(value) for value in raw["mean"]),
        scale=tuple(float(value) for value in raw["scale"]),
        weights=tuple(float(value) for value in raw["weights"]),
        bias=float(raw["bias"]),
        thresholds=raw["thresholds"],
        littles=raw["littles"],
    )
