"""Confidence and thresholds of a small calibration that can be worked by hand."""

import json
import math
from pathlib import Path

import pytest

from inference.calibration import Calibration
from inference.errors import ModelUnavailable
from inference.manifest import FORMAT, sha256


def calibration(folder: Path, **changes: object) -> Calibration:
    raw = {
        "features": ["margin", "dense"],
        "mean": [1.0, 0.5],
        "scale": [2.0, 0.1],
        "weights": [1.0, -0.5],
        "bias": 0.25,
        "thresholds": {"0.02": None, "0.05": 0.9, "0.2": 0.6},
        "models": {"embedder": "e", "reader": "r"},
    } | changes
    path = folder / "calibration.json"
    path.write_text(json.dumps(raw), encoding="utf-8")
    manifest = {
        "format": FORMAT,
        "kind": "calibration",
        "name": "hand",
        "files": {path.name: sha256(path)},
        "settings": {},
    }
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return Calibration(folder)


def test_confidence_by_hand(tmp_path: Path) -> None:
    found = calibration(tmp_path).confidence({"margin": 3.0, "dense": 0.6, "unused": 9.0})
    assert found == pytest.approx(1 / (1 + math.exp(-(0.25 + 1.0 - 0.5))))


def test_a_feature_far_off_counts_no_more_than_six_deviations(tmp_path: Path) -> None:
    one = calibration(tmp_path)
    assert one.confidence({"margin": 1e9, "dense": 0.5}) == one.confidence(
        {"margin": 13.0, "dense": 0.5}
    )


def test_a_missing_feature_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(KeyError, match="dense"):
        calibration(tmp_path).confidence({"margin": 1.0})


def test_scope_by_hand(tmp_path: Path) -> None:
    far, near = {"margin": 1.0, "dense": 0.3}, {"margin": 1.0, "dense": 0.5}
    scope = {"weights": [0.0, -1.0], "bias": 0.5, "threshold": 0.9}
    one = calibration(tmp_path, scope=scope)
    assert one.out_of_scope(far) == pytest.approx(1 / (1 + math.exp(-2.5)))
    assert one.is_out_of_scope(far) and not one.is_out_of_scope(near)
    unknown = calibration(tmp_path)
    assert unknown.out_of_scope(far) is None and not unknown.is_out_of_scope(far)


@pytest.mark.parametrize(
    ("risk", "threshold"),
    [(0.01, None), (0.02, None), (0.05, 0.9), (0.1, 0.9), (0.2, 0.6), (0.5, 0.6)],
)
def test_the_nearest_stricter_risk_decides(
    tmp_path: Path, risk: float, threshold: float | None
) -> None:
    assert calibration(tmp_path).threshold(risk) == threshold


def test_a_damaged_file_is_refused(tmp_path: Path) -> None:
    calibration(tmp_path)
    (tmp_path / "calibration.json").write_text("{", encoding="utf-8")
    with pytest.raises(ModelUnavailable):
        Calibration(tmp_path)


def test_it_fits_the_rankers_that_it_was_made_with(tmp_path: Path) -> None:
    pair = {"embedder": "e", "reader": "r"}
    without = calibration(tmp_path)
    assert without.fits(pair) and without.fits({**pair, "ranker": ""})
    assert not without.fits({**pair, "ranker": "k"})
    ranked = calibration(tmp_path, models={**pair, "ranker": "k"})
    assert ranked.fits({**pair, "ranker": "k"})
    told = calibration(tmp_path, models={**pair, "intent": "i"})
    assert told.fits({**pair, "intent": "i"}) and not told.fits({**pair, "intent": "j"})
    assert without.fits({**pair, "intent": "j"})  # it does not look at the intent
    assert not ranked.fits(pair) and not ranked.fits({**pair, "ranker": ""})
