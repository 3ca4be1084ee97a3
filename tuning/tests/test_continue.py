"""A workspace's own rankers and confidence go on from the shipped ones."""

import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from inference.manifest import load_manifest
from inference.ranker import Ranker, Trees
from tuning import continue_confidence, continue_rankers, fit_steps, train_rankers
from tuning.continue_confidence import confidence_of, continued, log_loss
from tuning.tests.test_train_rankers import MODELS, questions
from tuning.tree_export import write_trees

OWN = {"embedder": "e", "reader": "another"}


@pytest.fixture
def shipped(tmp_path: Path) -> Path:
    """Trained where `sign` tells the gold passage."""
    train_rankers.train(questions(), tmp_path / "shipped", models=MODELS, read=5)
    return tmp_path / "shipped"


def turned(count: int, *, seed: int = 3) -> list[dict[str, Any]]:
    """A workspace in which `sign` says the opposite of what the shipped rankers learned."""
    found = questions(count, seed=seed)
    for one in found:
        for candidate in one["candidates"]:
            candidate["features"]["sign"] *= -1
    return found


def table(one: dict[str, Any]) -> list[dict[str, float]]:
    return [row["features"] for row in one["candidates"]]


def test_own_questions_change_the_order(shipped: Path, tmp_path: Path) -> None:
    found = continue_rankers.continue_rankers(turned(200), shipped, tmp_path / "own", models=OWN)
    before = found["before"]
    assert before.rounds > 0 and before.recall[1][0] > before.shipped[1][0] + 0.2
    own = Ranker(tmp_path / "own")
    assert own.fits(OWN) and own.read == 5
    unseen = turned(60, seed=9)
    hits = {
        name: np.mean(
            [
                one["candidates"][int(np.argmax(ranker.before.score(table(one))))]["gold"]
                for one in unseen
            ]
        )
        for name, ranker in (("own", own), ("shipped", Ranker(shipped)))
    }
    assert hits["own"] > hits["shipped"] + 0.2


def test_reading_ends_as_with_the_shipped_rankers(shipped: Path, tmp_path: Path) -> None:
    head = {"read": 1, "mean": [0.0], "scale": [1.0], "weights": [-1.0], "bias": 0.0}
    fit_steps.write({"features": ["margin"], "least": 0.1, "steps": [head]}, shipped)
    for name, asked in (("own", turned(200)), ("few", turned(3))):
        continue_rankers.continue_rankers(asked, shipped, tmp_path / name, models=OWN)
        own = Ranker(tmp_path / name)
        assert own.steps is not None and own.steps.is_enough(1, {"margin": 5.0})
        assert not own.steps.is_enough(1, {"margin": 1.0})


def test_the_added_trees_count_beside_the_shipped_ones(shipped: Path, tmp_path: Path) -> None:
    lists = train_rankers.load(turned(200), after=False, names=Ranker(shipped).before.names)
    base = continue_rankers._scores(lists, Ranker(shipped).before)
    every = np.ones(len(lists.judged.sizes), np.bool_)
    booster = continue_rankers._boosted(lists, every, base, 20)
    target = tmp_path / "joined.onnx"
    write_trees(booster, target, after=shipped / "before.onnx")
    joined = Trees(target, lists.names)
    wanted = base + booster.predict(lists.features)
    assert np.abs(continue_rankers._scores(lists, joined) - wanted).max() < 1e-5


@pytest.mark.parametrize("count", [0, 10])
def test_few_questions_leave_the_shipped_trees(shipped: Path, tmp_path: Path, count: int) -> None:
    own = tmp_path / "own"
    assert not continue_rankers.continue_rankers(turned(count), shipped, own, models=OWN)
    for name in ("before.onnx", "after.onnx"):
        assert (own / name).read_bytes() == (shipped / name).read_bytes()
    assert load_manifest(own, kind="ranker").settings["models"] == OWN


SHIPPED: dict[str, Any] = {
    "features": ["margin", "noise"],
    "mean": [0.0, 0.0],
    "scale": [1.0, 1.0],
    "weights": [2.0, 0.0],
    "bias": 0.0,
    "thresholds": {"0.02": None, "0.1": 0.7, "0.3": 0.4},
}


def observed(count: int, *, slope: float, seed: int = 5) -> list[dict[str, Any]]:
    """Right with the probability sigmoid(slope · margin)."""
    rng = random.Random(seed)
    found = []
    for number in range(count):
        margin = rng.gauss(0, 1.5)
        right = rng.random() < 1 / (1 + np.exp(-slope * margin))
        features = {"margin": margin, "noise": rng.random(), "unknown": 1.0}
        found.append({"features": features, "correct": right, "group": str(number % 40)})
    return found


def test_confidence_follows_many_answers_and_not_few() -> None:
    many = continue_confidence.load(observed(800, slope=-1.5), SHIPPED)
    moved, confidence = continued(many, SHIPPED)
    assert moved["weights"][0] < -1.0 and moved["features"] == SHIPPED["features"]
    shipped_loss = log_loss(confidence_of(many, SHIPPED), many.right).mean()
    assert log_loss(confidence, many.right).mean() < shipped_loss / 2
    few = continue_confidence.load(observed(6, slope=-1.5), SHIPPED)
    kept, _ = continued(few, SHIPPED)
    assert abs(kept["weights"][0] - 2.0) < abs(moved["weights"][0] - 2.0)
    assert kept["thresholds"] == SHIPPED["thresholds"]


def test_confidence_that_is_right_already_stays() -> None:
    same = continue_confidence.load(observed(600, slope=2.0, seed=8), SHIPPED)
    found, _ = continued(same, SHIPPED)
    assert found["weights"] == pytest.approx(SHIPPED["weights"], abs=0.25)


def test_thresholds_come_from_what_was_observed_where_there_is_enough() -> None:
    hopeless = [{**row, "correct": False} for row in observed(400, slope=2.0)]
    found, _ = continued(continue_confidence.load(hopeless, SHIPPED), SHIPPED)
    assert found["thresholds"]["0.1"] is None and found["thresholds"]["0.3"] is None
    sure = [{**row, "correct": True} for row in observed(600, slope=2.0)]
    found, _ = continued(continue_confidence.load(sure, SHIPPED), SHIPPED)
    assert found["thresholds"]["0.02"] is not None
