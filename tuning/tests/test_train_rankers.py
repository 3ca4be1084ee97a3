"""Rankers learn an order, ship as ONNX with the same scores, and refuse what they don't know."""

import json
import random
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from inference.calibration import Calibration
from inference.manifest import NO_RANKER, load_manifest
from inference.models import load_ranker
from inference.ranker import Ranker, Trees
from tuning import fit_calibration
from tuning.artefact import write_manifest
from tuning.ranking_quality import Judged, by_reads, recalls
from tuning.train_rankers import FROM_READING, boost, load, train
from tuning.tree_export import write_trees

MODELS = {"embedder": "e", "reader": "r"}


def questions(count: int = 120, *, seed: int = 1, read: int = 5) -> list[dict[str, Any]]:
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
            if rank < read or (hit and read):
                features |= dict.fromkeys(FROM_READING, 0.0)
                features |= {"relevance": rng.gauss(0.8 if hit else 0.2, 0.1), "before": 1.0}
            candidates.append({"gold": hit, "features": features})
        found.append({"id": str(number), "group": str(number % 12), "candidates": candidates})
    return found


def test_both_orders_beat_fusion_on_groups_they_have_not_seen(tmp_path: Path) -> None:
    report = train(questions(), tmp_path, models=MODELS, read=5)
    fusion = report["fusion"][1][0]
    assert report["before"][1][0] > fusion + 0.2
    assert report["by_reads"][8][1][0] > fusion + 0.2
    low, high = report["before"][1][1:]
    assert low <= report["before"][1][0] <= high
    assert max(report["onnx_error"].values()) < 1e-5
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
    booster = boost(lists, np.ones(120, dtype=np.bool_))
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


def test_an_order_is_judged_by_all_questions_but_learns_from_those_with_an_answer() -> None:
    asked = questions(20)
    for one in asked[:5]:
        for candidate in one["candidates"]:
            candidate["gold"] = False
    lists = load(asked, after=False)
    assert lists.teaches.sum() == 15
    assert recalls(lists.judged, lists.judged.gold.astype(float))[1][0] == 0.75
    with pytest.raises(ValueError, match="no question"):
        load(asked[:5], after=False)
    with pytest.raises(ValueError, match="no candidate was read"):
        load(questions(5, read=0), after=True)


def test_the_first_order_never_needs_the_reader_even_if_everything_was_read(tmp_path: Path) -> None:
    train(questions(read=10), tmp_path, models=MODELS)
    ranker = Ranker(tmp_path)
    assert not FROM_READING & set(ranker.before.names)
    assert set(ranker.after.names) >= FROM_READING


def test_few_questions_of_one_group_still_give_rankers(tmp_path: Path) -> None:
    few = [{**one, "group": "one"} for one in questions(3, read=10)]
    report = train(few, tmp_path, models=MODELS)
    assert report["before"] == report["fusion"]
    assert np.isfinite(Ranker(tmp_path).before.score([{"rank": 0, "sign": 1, "noise": 1}])).all()


def test_deeper_reading_is_judged_by_what_was_read_first() -> None:
    judged = Judged(gold=np.array([0, 0, 1, 0]), sizes=np.array([4]), groups=np.array(["a"]))
    before = np.array([4.0, 3.0, 2.0, 1.0])
    after = np.array([0.1, 0.2, 0.9, np.nan])
    found = by_reads(judged, before, after, reads=(2, 3, 4))
    assert [found[depth][1][0] for depth in (2, 3, 4)] == [0.0, 1.0, 1.0]


def test_rankers_of_other_models_are_left_aside(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert load_ranker(tmp_path / "none", MODELS) is None and not caplog.records
    train(questions(), tmp_path, models=MODELS)
    fitting = load_ranker(tmp_path, {**MODELS, "intent": "i"})
    assert fitting is not None and not caplog.records
    assert load_ranker(tmp_path, {**MODELS, "reader": "newer"}) is None
    assert "other models" in caplog.text


def test_a_calibration_says_which_models_it_was_made_with(tmp_path: Path) -> None:
    used = {}
    for kind in (*MODELS, "intent"):
        (tmp_path / kind).mkdir()
        write_manifest(tmp_path / kind, kind=kind, name=kind, settings={})
        used[kind] = load_manifest(tmp_path / kind, kind=kind).fingerprint

    def written() -> Calibration:
        fit_calibration.write(fit_calibration.undecided(), tmp_path)
        return Calibration(tmp_path / "calibration")

    without = written()
    pair = {kind: used[kind] for kind in MODELS}
    train(questions(), tmp_path / "ranker", models=pair)
    ranked = {**used, "ranker": Ranker(tmp_path / "ranker").fingerprint}
    assert without.fits({**used, "ranker": NO_RANKER}) and not without.fits(ranked)
    assert written().fits(ranked) and not written().fits({**ranked, "intent": "another"})
    train(questions(), tmp_path / "ranker", models={**pair, "reader": "older"})
    assert written().fits({**used, "ranker": NO_RANKER})
