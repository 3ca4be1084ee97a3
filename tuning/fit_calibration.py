"""Features of answered questions → the probability of being right, and thresholds for risks.

Logistic regression on one half of the groups; thresholds on the other half, as
inference.learn_then_test finds them, with questions of one page or paragraph counted as what they
have in common makes them worth. The statement holds with 90% confidence for questions like those
it was computed on.

What lies beyond the first or last hundredth of a feature counts as that edge: a knowledge base of
one article has gaps to a second passage that no other one has, and a small weight times them would
outweigh all else.

A second one tells questions that a knowledge base has nothing about from all others. Its threshold
is found on knowledge bases that it was not fitted on: of each, at most one question in 20 that
belongs there is called out of scope.
"""

import argparse
import hashlib
import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inference.learn_then_test import threshold
from inference.manifest import NO_RANKER, load_manifest
from inference.models import load_ranker
from tuning.artefact import write_manifest
from tuning.reading_examples import rows

RISKS = (0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3)
OUTSIDE = "_outside"
INSIDE_TAKEN = 0.05  # of a base's own questions, called out of scope
CLIP = 6.0  # as inference.calibration clips
EDGE = 0.01  # of what was observed, at both ends of each feature: what lies beyond counts as this


@dataclass(frozen=True)
class Observed:
    """features: (N, F); correct: (N,) of 0 and 1; groups: (N,) names that stay in one half.

    kinds: (N,) names that the report tells apart; empty, it doesn't. bases: (N,) knowledge bases
    that were asked, and outside: (N,) whether the question belongs elsewhere; empty, nobody knows.
    """

    names: tuple[str, ...]
    features: NDArray[np.float64]
    correct: NDArray[np.float64]
    groups: NDArray[Any]
    kinds: NDArray[Any] = field(default_factory=lambda: np.array([]))
    bases: NDArray[Any] = field(default_factory=lambda: np.array([]))
    outside: NDArray[np.bool_] = field(default_factory=lambda: np.array([], dtype=bool))


def load(paths: Sequence[Path]) -> Observed:
    """What `manage.py evaluate --features-out` wrote. Rows without features are left out."""
    found = [row for path in paths for row in weighed(path)]
    names = tuple(sorted(found[0]["features"]))
    return Observed(
        names=names,
        features=np.array([[float(row["features"][name]) for name in names] for row in found]),
        correct=np.array([float(row["correct"]) for row in found]),
        groups=np.array([str(row.get("group") or row["id"]) for row in found]),
        kinds=np.array([kind for path in paths for kind in _kinds(path)]),
        bases=np.array([_base(path) for path in paths for _ in weighed(path)]),
        outside=np.array([OUTSIDE in path.name for path in paths for _ in weighed(path)]),
    )


def weighed(path: Path) -> list[dict[str, Any]]:
    """Its rows with features."""
    return [row for row in rows(path) if row["features"]]


def _base(path: Path) -> str:
    """Of `squad2_tune.0.jsonl` and `squad2_outside.1.jsonl`, `squad2`."""
    base: str = re.split(r"[_.]", path.name)[0]
    return base


def _kinds(path: Path) -> list[str]:
    """For each row with features, the file's name and whether there is an answer."""
    name = path.name.split(".")[0]
    return [
        f"{name}, {'answerable' if row.get('answerable', True) else 'no answer'}"
        for row in weighed(path)
    ]


def in_first_half(groups: Iterable[str]) -> NDArray[np.bool_]:
    """By a digest of the group's name, so that nothing depends on the order."""
    return np.array([hashlib.sha256(str(name).encode()).digest()[0] % 2 == 0 for name in groups])


def fit(observed: Observed) -> dict[str, Any]:
    """The contents of calibration.json, without the models."""
    from sklearn.linear_model import LogisticRegression

    first = in_first_half(observed.groups)
    form = _form(observed.features[first])
    standard = standardised(observed.features, form)
    head = LogisticRegression(C=0.3, max_iter=1000)
    head.fit(standard[first], observed.correct[first])
    confidence = head.predict_proba(standard[~first])[:, 1]
    correct, groups = observed.correct[~first], observed.groups[~first]
    scope = fit_scope(observed, standard)
    return {
        "features": list(observed.names),
        **form,
        "weights": _listed(head.coef_[0]),
        "bias": round(float(head.intercept_[0]), 6),
        "thresholds": {
            str(risk): _rounded(threshold(confidence, correct, risk, groups=groups))
            for risk in RISKS
        },
        **({"scope": scope} if scope else {}),
    }


def _form(features: NDArray[np.float64]) -> dict[str, list[float]]:
    """low, high, mean and scale of each feature. features: (N, F), what is fitted to."""
    low, high = np.quantile(features, [EDGE, 1 - EDGE], axis=0)
    inside = np.clip(features, low, high)
    scale = inside.std(axis=0)
    scale[scale < 1e-6] = 1.0
    named = {"low": low, "high": high, "mean": inside.mean(axis=0), "scale": scale}
    return {name: _listed(values) for name, values in named.items()}


def _listed(values: NDArray[np.float64]) -> list[float]:
    return [round(float(value), 6) for value in values]


def standardised(features: NDArray[np.float64], form: Mapping[str, Any]) -> NDArray[np.float64]:
    """(N, F), as inference.calibration has them. form: a calibration; older ones have no edges."""
    inside = np.clip(features, form["low"], form["high"]) if "low" in form else features
    standard = (inside - np.array(form["mean"])) / np.array(form["scale"])
    clipped: NDArray[np.float64] = np.clip(standard, -CLIP, CLIP)
    return clipped


def fit_scope(observed: Observed, standard: NDArray[np.float64]) -> dict[str, Any] | None:
    """Weights, bias and threshold; None where fewer than two bases were asked from outside.

    standard: (N, F) features in standard deviations, clipped.
    """
    from sklearn.linear_model import LogisticRegression

    outside, bases = observed.outside, observed.bases
    asked = sorted(set(bases[outside].tolist())) if outside.size else []
    if len(asked) < 2 or outside.all():
        return None
    threshold = 0.5
    for base in asked:
        other = bases != base
        head = LogisticRegression(C=0.3, max_iter=1000).fit(standard[other], outside[other])
        inside = np.sort(head.predict_proba(standard[~other & ~outside])[:, 1])[::-1]
        allowed = int(INSIDE_TAKEN * len(inside))
        if len(inside):
            threshold = max(threshold, float(inside[allowed]) + 1e-4)
    head = LogisticRegression(C=0.3, max_iter=1000).fit(standard, outside)
    return {
        "weights": _listed(head.coef_[0]),
        "bias": round(float(head.intercept_[0]), 6),
        "threshold": min(round(threshold, 5), 0.99999),
    }


def _rounded(found: float | None) -> float | None:
    """Down, so that the answers that set it still reach it."""
    return None if found is None else math.floor(found * 1e5) / 1e5


def undecided() -> dict[str, Any]:
    """Answers nothing: with it the first observations are made."""
    lists: dict[str, Any] = {
        name: [] for name in ("features", "low", "high", "mean", "scale", "weights")
    }
    return lists | {"bias": 0.0, "thresholds": dict.fromkeys(map(str, RISKS))}


def report(observed: Observed, fitted: Mapping[str, Any]) -> dict[str, Any]:
    """Coverage and risk at each threshold, on the half that set them."""
    second = ~in_first_half(observed.groups)
    standard = standardised(observed.features, fitted)
    total = standard @ np.array(fitted["weights"]) + fitted["bias"]
    confidence = (1.0 / (1.0 + np.exp(-total)))[second]
    correct = observed.correct[second]
    found: dict[str, Any] = {"questions": len(correct), "right_if_all": float(correct.mean())}
    for risk, at in fitted["thresholds"].items():
        answered = confidence >= at if at is not None else np.zeros(len(correct), bool)
        wrong = float(1.0 - correct[answered].mean()) if answered.any() else None
        found[risk] = {"threshold": at, "coverage": float(answered.mean()), "risk": wrong}
        if at is not None and observed.kinds.size:
            found[risk]["by_kind"] = _by_kind(observed.kinds[second], answered, correct)
    return found


def _by_kind(
    kinds: NDArray[Any], answered: NDArray[np.bool_], correct: NDArray[np.float64]
) -> dict[str, dict[str, float]]:
    """Of each kind: how many, the share answered, and the share of all that is answered wrongly."""
    found = {}
    for kind in sorted(set(kinds.tolist())):
        mine = kinds == kind
        found[kind] = {
            "questions": int(mine.sum()),
            "answered": round(float(answered[mine].mean()), 3),
            "answered_wrongly": round(float((answered & (correct == 0))[mine].mean()), 3),
        }
    return found


def write(fitted: Mapping[str, Any], models: Path) -> None:
    """models/calibration, for exactly the models that lie beside it."""
    out = models / "calibration"
    out.mkdir(parents=True, exist_ok=True)
    fingerprints = {
        kind: load_manifest(models / kind, kind=kind).fingerprint
        for kind in ("embedder", "reader", "intent")
    }
    ranker = load_ranker(models / "ranker", fingerprints)
    fingerprints["ranker"] = ranker.fingerprint if ranker else NO_RANKER
    text = json.dumps({**fitted, "models": fingerprints}, indent=1) + "\n"
    (out / "calibration.json").write_text(text, encoding="utf-8")
    write_manifest(out, kind="calibration", name="calibration", settings={})


def main() -> None:
    parser = argparse.ArgumentParser(description="Fit the calibration to observed answers.")
    parser.add_argument(
        "features",
        type=Path,
        nargs="*",
        help="files of evaluate --features-out; without any, a calibration that answers nothing",
    )
    parser.add_argument("--models", type=Path, required=True)
    given = parser.parse_args()
    if not given.features:
        write(undecided(), given.models)
        return
    observed = load(given.features)
    fitted = fit(observed)
    write(fitted, given.models)
    print(json.dumps(report(observed, fitted), indent=1))


if __name__ == "__main__":
    main()
