"""When enough was read: the rule beside the rankers, and rankers without one."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from inference.errors import ModelUnavailable
from inference.manifest import sha256
from inference.ranker import Ranker
from inference.steps import Steps

RULE: dict[str, Any] = {
    "features": ["margin", "after"],
    "least": 0.1,
    "steps": [
        {"read": 1, "mean": [1.0, 0.0], "scale": [2.0, 1.0], "weights": [-1.0, 0.0], "bias": 0.0}
    ],
}


def ranker(folder: Path, *, named: str | None, rule: Any = RULE) -> Path:
    """The shipped one with this rule beside it, if it is named."""
    shutil.copytree("models/ranker", folder)
    path = folder / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    (folder / "steps.json").unlink(missing_ok=True)
    manifest["files"].pop("steps.json", None)
    manifest["settings"].pop("steps", None)
    if named:
        manifest["settings"]["steps"] = named
        text = json.dumps(rule)
        (folder / "steps.json").write_text(text, encoding="utf-8")
        manifest["files"]["steps.json"] = sha256(folder / "steps.json")
    path.write_text(json.dumps(manifest), encoding="utf-8")
    return folder


def test_a_gain_by_hand() -> None:
    steps = Steps(RULE)
    # (5 - 1) / 2 = 2 standard deviations, so 1 / (1 + e²).
    assert steps.gain(1, {"margin": 5.0, "after": 9.0}) == pytest.approx(0.1192, abs=1e-4)
    assert not steps.is_enough(1, {"margin": 5.0, "after": 9.0})
    assert steps.is_enough(1, {"margin": 7.0, "after": 9.0})  # 1 / (1 + e³) = .047


def test_where_nobody_fitted_a_rule_nothing_is_enough() -> None:
    known = {"margin": 100.0, "after": 0.0}
    assert Steps(RULE).gain(2, known) is None
    assert not Steps(RULE).is_enough(2, known)


def test_a_feature_that_is_missing_shows() -> None:
    with pytest.raises(KeyError):
        Steps(RULE).gain(1, {"margin": 1.0})


def test_the_manifest_says_whether_there_are_steps(tmp_path: Path) -> None:
    with_steps = Ranker(ranker(tmp_path / "with", named="steps.json"))
    without = Ranker(ranker(tmp_path / "without", named=None))
    assert with_steps.steps is not None and with_steps.steps.least == 0.1
    assert without.steps is None and without.read == with_steps.read
    assert with_steps.fingerprint != without.fingerprint  # a confidence fits one of them alone


@pytest.mark.parametrize(
    "rule", [[], {}, {"features": ["margin"], "least": 0.1}, RULE | {"features": ["margin"]}]
)
def test_a_rule_that_cannot_be_read_makes_the_rankers_unavailable(
    tmp_path: Path, rule: Any
) -> None:
    with pytest.raises(ModelUnavailable, match=r"steps\.json"):
        Ranker(ranker(tmp_path / "broken", named="steps.json", rule=rule))
    with pytest.raises(ModelUnavailable, match="names no file"):
        Ranker(ranker(tmp_path / "other", named="elsewhere.json"))
