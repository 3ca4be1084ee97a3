"""Scores → the probability that an answer is right, and the threshold for a stated risk.

Logistic regression on standardised features, none beyond the edges of what was observed when it was
fitted. A second one on the same features says whether the knowledge base has anything about a
question. Thresholds were chosen by Learn-then-Test with exact binomial bounds (Angelopoulos et al.,
arXiv 2110.01052) and hold for the fingerprints of the models that they were computed with: `fits`
says whether these are the ones in use.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from inference.logistic import probability
from inference.manifest import load_manifest


class Calibration:
    def __init__(self, folder: Path) -> None:
        self.manifest = load_manifest(folder, kind="calibration")
        self.fingerprint = self.manifest.fingerprint
        raw = json.loads(self.manifest.path("calibration.json").read_text(encoding="utf-8"))
        self.feature_names = tuple(str(name) for name in raw["features"])
        lows, highs = (raw.get(edge, ()) for edge in ("low", "high"))  # older ones have none
        self._edges = dict(zip(self.feature_names, zip(lows, highs, strict=True), strict=False))
        self._mean = [float(value) for value in raw["mean"]]
        self._scale = [float(value) for value in raw["scale"]]
        self._weights = [float(value) for value in raw["weights"]]
        self._bias = float(raw["bias"])
        self._thresholds = sorted((float(r), t) for r, t in raw["thresholds"].items())
        self._scope: Mapping[str, Any] | None = raw.get("scope")
        self._models = {str(kind): str(mark) for kind, mark in raw["models"].items()}

    def fits(self, fingerprints: Mapping[str, str]) -> bool:
        """True if it was computed with exactly these models; "" and not named are the same.

        One that names no intent head does not look at what the head says.
        """
        kinds = self._models.keys() | (fingerprints.keys() - {"intent"})
        return all(self._models.get(kind, "") == fingerprints.get(kind, "") for kind in kinds)

    def confidence(self, features: Mapping[str, float]) -> float:
        """In [0, 1]. A feature that is missing raises KeyError: the pipeline has changed."""
        return self._share(features, self._weights, self._bias)

    def out_of_scope(self, features: Mapping[str, float]) -> float | None:
        """The probability that nothing here is about the question; None where nobody fitted it."""
        if self._scope is None:
            return None
        return self._share(features, self._scope["weights"], self._scope["bias"])

    def is_out_of_scope(self, features: Mapping[str, float]) -> bool:
        found = self.out_of_scope(features)
        return found is not None and self._scope is not None and found >= self._scope["threshold"]

    def _share(self, features: Mapping[str, float], weights: Sequence[float], bias: float) -> float:
        head = (weights, bias)
        inside = {
            name: min(max(features[name], low), high) for name, (low, high) in self._edges.items()
        }
        return probability(
            {**features, **inside}, self.feature_names, self._mean, self._scale, head=head
        )

    @property
    def risks(self) -> tuple[float, ...]:
        """Those it has thresholds for, the lowest first."""
        return tuple(level for level, _ in self._thresholds)

    def level(self, risk: float) -> float | None:
        """The nearest calibrated risk that is not above the one asked for."""
        return max((level for level in self.risks if level <= risk + 1e-9), default=None)

    def threshold(self, risk: float) -> float | None:
        """The lowest confidence to answer at, of `level`; None where nothing keeps the risk."""
        found = dict(self._thresholds).get(self.level(risk) or 0.0)
        return None if found is None else float(found)
