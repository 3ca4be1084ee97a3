"""Rankers learn an order, ship as ONNX with the same scores, and refuse what they don't know."""

import json
import random
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from inference.ranker import Ranker, Trees
from tuning.train_rankers import boost, load, recalls, train
from tuning.tree_export import write_trees

MODELS = {"embedder": "e", "reader": "r"}


def questions(count: int = 120, *, seed: int = 1) -> list[dict[str, Any]]:
    """Gold is where `sign` and `relevance` are high; fusion's rank says nothing."""
    rng = random.Random(seed)
    found = []
    for number in range(count):
        gold = rng.randrange(10)
        candidates = []
        for rank in range(10):
            hit = rank == gold
            features = {
                "rank": float(rank),
                "sign": rng.gauss(2.0 if hit else 0.0, 1.0),
                "noise": rng.random(),
            }
            if rank < 5 or hit:
                features |= {"relevance": rng.gauss(0.8 if hit else 0.2, 0.1), "before": 1.0}
            candidates.append({"gold": hit, "features": features})
        found.append({"id": str(number), "group": str(number % 12), "candidates": candidates})
    return found


def test_both_orders_beat_fusion_on_groups_they_have_not_seen(tmp_path: Path) -> None:
    report = train(questions(), tmp_path, models=MODELS, read=5)
    for name in ("before", "after"):
        assert report[name]["trees"][1] > report[name]["fusion"][1] + 0.2
        assert report[name]["onnx_error"] < 1e-5
    ranker = Ranker(tmp_path)
    assert ranker.read == 5
    assert ranker.fits(MODELS) and not ranker.fits({"embedder": "e", "reader": "another"})
    assert "relevance" in ranker.after.names and "relevance" not in ranker.before.names
    assert not {"before", "after"} & set(ranker.after.names)
    likely = {"rank": 3.0, "sign": 3.0, "noise": 0.5}
    scores = ranker.before.score([likely, {**likely, "sign": -1.0}])
    assert scores.shape == (2,) and scores[0] > scores[1]
    assert ranker.before.score([]).shape == (0,)
    with pytest.raises(KeyError):
        ranker.before.score([{"rank": 1.0}])


def test_every_value_falls_on_the_side_of_a_split_that_lightgbm_puts_it(tmp_path: Path) -> None:
    """Values at the thresholds themselves too."""
    lists = load(questions(), after=False)
    booster = boost(lists, np.ones(len(lists.sizes), dtype=np.bool_))
    write_trees(booster, tmp_path / "trees.onnx")
    dumped = json.dumps(booster.dump_model())
    thresholds = [float(found) for found in re.findall(r'"threshold": ([-\d.e+]+)', dumped)][:300]
    assert thresholds
    table = np.array([[t, t, t] for t in thresholds], np.float32)
    rows = [dict(zip(lists.names, map(float, row), strict=True)) for row in table]
    found = Trees(tmp_path / "trees.onnx", lists.names).score(rows)
    assert np.abs(found - booster.predict(table)).max() < 1e-5


def test_the_same_candidates_give_the_same_artefact(tmp_path: Path) -> None:
    train(questions(), tmp_path / "one", models=MODELS)
    train(questions(), tmp_path / "two", models=MODELS)
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes()


def test_questions_without_an_answer_among_the_candidates_are_left_out() -> None:
    asked = questions(20)
    for one in asked[:5]:
        for candidate in one["candidates"]:
            candidate["gold"] = False
    lists = load(asked, after=False)
    assert len(lists.sizes) == 15
    assert recalls(lists, lists.gold.astype(float))[1] == 1.0
    with pytest.raises(ValueError, match="no question"):
        load(asked[:5], after=False)
