"""Observed sentences → the probability that their passages say them, and thresholds for risks.

    python -m tuning.fit_support WORK/known.jsonl WORK/held_out.jsonl --models models

The files are those of `benchmarks.support_quality --observe`. Two logistic regressions on
standardised features, on words alone and with the reader's, are fitted to pages that the reader has
learned from, which may flatter it. The other pages set the thresholds, so that they hold whatever
the weights are worth. A threshold is the lowest probability at which, of the unsupported sentences
that break no hard rule, no larger share than the risk would pass, with 90% confidence: exact
binomial bounds at the effective sample size, since sentences of one page have much in common. A
little is the same from below, of supported sentences.
"""

import argparse
import json
import math
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inference.learn_then_test import passing_threshold
from inference.manifest import load_manifest
from inference.support import CLIP
from tuning.artefact import write_manifest
from tuning.reading_examples import rows

RISKS = (0.02, 0.05, 0.1, 0.2)
RIDGE = 1.0  # of the weights, in standard deviations
STEPS = 30  # of Newton's, until nothing changes
Row = Mapping[str, Any]


def fit(known: Sequence[Row], held_out: Sequence[Row]) -> dict[str, Any]:
    """The contents of support.json, without the reader."""
    return {
        "words": head(known, held_out, with_reader=False),
        "read": head(known, held_out, with_reader=True),
    }


def head(fitting: Sequence[Row], setting: Sequence[Row], *, with_reader: bool) -> dict[str, Any]:
    """Weights from the first rows, thresholds from the second."""
    names, values, supported = _matrix(fitting, with_reader)
    mean, scale = values.mean(axis=0), values.std(axis=0)
    scale[scale < 1e-6] = 1.0
    weights, bias = logistic(np.clip((values - mean) / scale, -CLIP, CLIP), supported)
    found = {
        "features": list(names),
        "mean": _rounded(mean),
        "scale": _rounded(scale),
        "weights": _rounded(weights),
        "bias": round(bias, 6),
    }
    scores = probabilities(found, setting)
    false = np.array([not row["supported"] for row in setting])
    groups = np.array([row["group"] for row in setting])
    return found | {
        "thresholds": {
            str(risk): _up(passing_threshold(scores[false], risk, groups=groups[false]))
            for risk in RISKS
        },
        "littles": {
            str(risk): _negative(passing_threshold(-scores[~false], risk, groups=groups[~false]))
            for risk in RISKS
        },
    }


def probabilities(fitted: Mapping[str, Any], observed: Sequence[Row]) -> NDArray[np.float64]:
    """(N,) as inference.support computes them."""
    _, values, _ = _matrix(observed, with_reader="asked_margin" in fitted["features"])
    standard = (values - np.array(fitted["mean"])) / np.array(fitted["scale"])
    total = np.clip(standard, -CLIP, CLIP) @ np.array(fitted["weights"]) + fitted["bias"]
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(total, -30, 30))), np.float64)


def logistic(
    standard: NDArray[np.float64], right: NDArray[np.float64]
) -> tuple[NDArray[np.float64], float]:
    """Weights (F,) and bias; both classes count alike. standard: (N, F), right: (N,) of 0 and 1."""
    ones = np.column_stack([standard, np.ones(len(standard))])
    share = right.mean()
    each = np.where(right > 0, 0.5 / share, 0.5 / (1.0 - share))
    ridge = np.diag([RIDGE] * standard.shape[1] + [0.0])
    beta = np.zeros(ones.shape[1])
    for _ in range(STEPS):
        p = 1.0 / (1.0 + np.exp(-np.clip(ones @ beta, -30, 30)))
        gradient = ones.T @ (each * (p - right)) + ridge @ beta
        curvature = (ones * (each * p * (1.0 - p))[:, None]).T @ ones + ridge
        step = np.linalg.solve(curvature, gradient)
        beta = beta - step
        if float(np.abs(step).max()) < 1e-8:
            break
    return beta[:-1], float(beta[-1])


def _matrix(
    observed: Sequence[Row], with_reader: bool
) -> tuple[tuple[str, ...], NDArray[np.float64], NDArray[np.float64]]:
    """Names (F,), values (N, F), supported (N,)."""
    seen = [row["words"] | (row["read"] if with_reader else {}) for row in observed]
    names = tuple(sorted(seen[0]))
    values = np.array([[float(one[name]) for name in names] for one in seen])
    return names, values, np.array([float(row["supported"]) for row in observed])


def _rounded(values: NDArray[np.float64]) -> list[float]:
    return [round(float(value), 6) for value in values]


def _up(found: float | None) -> float | None:
    """So that what must not pass still doesn't."""
    return None if found is None else math.ceil(found * 1e5) / 1e5


def _negative(found: float | None) -> float | None:
    """Of a threshold of negated scores; down."""
    return None if found is None else math.floor(-found * 1e5) / 1e5


def unbroken(path: Path) -> list[dict[str, Any]]:
    """The sentences that break no hard rule."""
    return [row for row in rows(path) if not row["rule"]]


def write(fitted: Mapping[str, Any], models: Path) -> None:
    """models/support, for the reader that lies beside it."""
    out = models / "support"
    out.mkdir(parents=True, exist_ok=True)
    reader = load_manifest(models / "reader", kind="reader").fingerprint
    text = json.dumps({**fitted, "reader": reader}, indent=1) + "\n"
    (out / "support.json").write_text(text, encoding="utf-8")
    write_manifest(out, kind="support", name="support", settings={})


def make(data: Path, models: Path, work: Path) -> None:
    """Observe and fit, for the reader in models. What was observed is not observed again."""
    args = ["--data", str(data), "--observe", str(work), "--models", str(models)]
    subprocess.run([sys.executable, "-m", "benchmarks.support_quality", *args], check=True)
    write(fit(unbroken(work / "known.jsonl"), unbroken(work / "held_out.jsonl")), models)


def main() -> None:
    parser = argparse.ArgumentParser(description="Fit the support of sentences by passages.")
    parser.add_argument("known", type=Path, help="of pages that the reader has learned from")
    parser.add_argument("held_out", type=Path, help="of other pages")
    parser.add_argument("--models", type=Path, required=True)
    given = parser.parse_args()
    fitted = fit(unbroken(given.known), unbroken(given.held_out))
    write(fitted, given.models)
    for name, one in fitted.items():
        print(name, json.dumps(one["thresholds"]))


if __name__ == "__main__":
    main()
