"""When a kept answer may be given again: a regression, and two thresholds for each risk.

`cosine` of the two questions' vectors says whether they ask the same; `answers` how likely the
cited passages and the kept sentences answer the new question, by what the reader makes of them.
The regression was fitted and the thresholds chosen by benchmarks/cache_quality.py, for one embedder
and one reader: with others nothing is given again until that was done anew.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings

from inference.errors import ModelUnavailable
from inference.manifest import load_manifest

FOLDER, KIND = "cache", "cache"
CLIP = 6.0


@dataclass(frozen=True)
class Regression:
    """Logistic, on standardised features. `names` are the contract: a missing one is a KeyError."""

    names: tuple[str, ...]
    mean: tuple[float, ...]
    scale: tuple[float, ...]
    weights: tuple[float, ...]
    bias: float

    @classmethod
    def of(cls, raw: Mapping[str, Any]) -> "Regression":
        mean, scale, weights = (tuple(map(float, raw[x])) for x in ("mean", "scale", "weights"))
        return cls(tuple(raw["features"]), mean, scale, weights, float(raw["bias"]))

    def probability(self, features: Mapping[str, float]) -> float:
        total = self.bias
        rows = zip(self.names, self.mean, self.scale, self.weights, strict=True)
        for name, mean, scale, weight in rows:
            total += weight * max(-CLIP, min(CLIP, (features[name] - mean) / scale))
        return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, total))))


@dataclass(frozen=True)
class Bounds:
    """The lowest cosine and probability at which an answer is given again."""

    cosine: float
    answers: float


@dataclass(frozen=True)
class CacheCalibration:
    answers: Regression
    thresholds: Mapping[float, Bounds | None]
    models: Mapping[str, str]

    def fits(self, fingerprints: Mapping[str, str]) -> bool:
        """True if it was made with exactly this embedder and this reader."""
        return all(fingerprints.get(kind) == mark for kind, mark in self.models.items())

    def bounds(self, risk: float) -> Bounds | None:
        """Of the nearest risk that is not above the one asked for; None: nothing keeps it."""
        level = max((one for one in self.thresholds if one <= risk + 1e-9), default=None)
        return None if level is None else self.thresholds[level]


def parsed(raw: Mapping[str, Any]) -> CacheCalibration:
    return CacheCalibration(
        answers=Regression.of(raw["answers"]),
        thresholds={
            float(risk): Bounds(float(pair["cosine"]), float(pair["answers"])) if pair else None
            for risk, pair in raw["thresholds"].items()
        },
        models={str(kind): str(mark) for kind, mark in raw["models"].items()},
    )


def loaded() -> CacheCalibration | None:
    """None where there is none, or its file is not what its manifest says."""
    return _load(Path(settings.MODELS_DIR) / FOLDER)


@lru_cache(maxsize=4)
def _load(folder: Path) -> CacheCalibration | None:
    try:
        manifest = load_manifest(folder, kind=KIND)
    except ModelUnavailable:
        return None
    return parsed(json.loads(manifest.path("cache.json").read_text(encoding="utf-8")))
