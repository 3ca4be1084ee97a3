"""Thresholds of support keep their risk on sentences that nobody fitted them to."""

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from inference.errors import ModelUnavailable
from inference.learn_then_test import passing_threshold
from inference.support import Support
from tuning import fit_support

MODELS = Path(__file__).resolve().parents[2] / "models"


def observed(count: int, *, seed: int) -> list[dict[str, Any]]:
    """Words tell a little, the reader tells more."""
    rng = np.random.default_rng(seed)
    found = []
    for number in range(count):
        supported = bool(rng.random() < 0.3)
        share, margin = rng.normal(float(supported), 1.0), rng.normal(2.0 * supported, 1.0)
        found.append(
            {
                "group": str(number % 60),
                "supported": supported,
                "words": {"share": float(share)},
                "read": {"asked_margin": float(margin)},
            }
        )
    return found


def test_of_new_false_sentences_no_more_pass_than_the_risk() -> None:
    kept = 0
    for seed in range(10):
        fitted = fit_support.fit(observed(500, seed=500 + seed), observed(3_000, seed=seed))
        new = [row for row in observed(8_000, seed=1000 + seed) if not row["supported"]]
        scores = fit_support.probabilities(fitted["read"], new)
        kept += float((scores >= fitted["read"]["thresholds"]["0.05"]).mean()) <= 0.05
    assert kept >= 8


def test_the_reader_lets_more_true_sentences_pass() -> None:
    fitted = fit_support.fit(observed(500, seed=9), observed(3_000, seed=1))
    new = [row for row in observed(5_000, seed=2) if row["supported"]]
    passed = {
        name: float((fit_support.probabilities(one, new) >= one["thresholds"]["0.05"]).mean())
        for name, one in fitted.items()
    }
    assert passed["read"] > passed["words"] + 0.1


def test_what_is_written_says_the_same_when_it_is_read(tmp_path: Path) -> None:
    shutil.copytree(MODELS / "reader", tmp_path / "reader")
    rows = observed(2_000, seed=3)
    fitted = fit_support.fit(rows, observed(2_000, seed=4))
    fit_support.write(fitted, tmp_path)
    support = Support(tmp_path / "support")
    for row, wanted in zip(
        rows[:50], fit_support.probabilities(fitted["read"], rows), strict=False
    ):
        assert support.read.probability(row["words"] | row["read"]) == pytest.approx(wanted)
    little, enough = support.read.little(0.05), support.read.threshold(0.05)
    assert 0 < little < enough < 1


def test_an_altered_file_is_refused(tmp_path: Path) -> None:
    shutil.copytree(MODELS / "support", tmp_path / "support")
    path = tmp_path / "support" / "support.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"reader": "mine"}))
    with pytest.raises(ModelUnavailable):
        Support(tmp_path / "support")


def test_few_false_sentences_show_no_risk() -> None:
    assert passing_threshold(np.linspace(0, 1, 40), 0.05) is None
    assert passing_threshold(np.array([]), 0.05) is None
    at = passing_threshold(np.linspace(0, 1, 2_000), 0.05)
    assert at is not None and 0.95 < at < 0.97


def test_sentences_that_stand_or_fall_together_count_less() -> None:
    rng = np.random.default_rng(7)
    groups = np.repeat(np.arange(40), 50)
    scores = rng.normal(size=40)[groups] + 0.1 * rng.normal(size=2_000)
    alone = passing_threshold(scores, 0.1)
    together = passing_threshold(scores, 0.1, groups=groups)
    assert alone is not None and (together is None or together > alone)
