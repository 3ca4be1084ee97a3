"""When a kept answer may be given again: two thresholds for each risk of the dial.

`cosine`, of the two questions' vectors: whether they ask the same. `gain`, by the reader's margin
over the cited passages for the new question and for the first one: whether the passages answer the
new one as well. Both were chosen by benchmarks/cache_quality.py for one embedder and one reader:
with others nothing is given again until that was done anew. Where no bound keeps a risk, the same
words alone are the same question.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings

from inference.errors import ModelUnavailable
from inference.manifest import load_manifest

FOLDER, KIND, FILE = "cache", "cache", "cache.json"


@dataclass(frozen=True)
class Bounds:
    """The lowest cosine and gain at which an answer is given again."""

    cosine: float
    gain: float


@dataclass(frozen=True)
class CacheCalibration:
    """`thresholds`: risk → bounds, None where nothing keeps it. `models`: part → fingerprint."""

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
        thresholds={
            float(risk): Bounds(float(pair["cosine"]), float(pair["gain"])) if pair else None
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
        return parsed(json.loads(manifest.path(FILE).read_text(encoding="utf-8")))
    except ModelUnavailable:
        return None
