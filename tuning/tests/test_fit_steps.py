"""The rule that ends reading: learned from what was observed, and paid for by the half it saw."""

import json
import random
from pathlib import Path
from typing import Any

import pytest

from inference.ranker import Ranker
from tuning import fit_calibration, fit_steps, train_rankers
from tuning.tests.test_train_rankers import MODELS, questions

MOST = 3


def observed(folder: Path, *, count: int = 400, seed: int = 5) -> Path:
    """After one passage a great margin is right, and a small one is put right by reading on."""
    rng = random.Random(seed)
    sure = [rng.random() < 0.6 for _ in range(count)]
    for read in range(1, MOST + 1):
        (folder / str(read)).mkdir(parents=True)
        rows = []
        for number, one in enumerate(sure):
            margin = rng.gauss(6.0 if one or read == MOST else 0.0, 1.0)
            right = one or read == MOST or rng.random() < 0.3
            rows.append(row(number, {"margin": margin, "after": rng.random()}, right))
        text = "".join(json.dumps(one) + "\n" for one in rows)
        (folder / str(read) / "squad2_tune.0.jsonl").write_text(text, encoding="utf-8")
    return folder


def row(number: int, known: dict[str, float], right: bool) -> dict[str, Any]:
    return {
        "id": str(number),
        "group": f"page {number % 40}",
        "features": {"margin": known["margin"]},
        "known": known,
        "correct": right,
    }


def test_it_stops_where_reading_on_gains_nothing(tmp_path: Path) -> None:
    read = fit_steps.load(observed(tmp_path / "seen"))
    fitted = fit_steps.fit(read)
    report = fit_steps.report(read, fitted)
    assert report["read"] < 2.2 and report["right_after_all"] == 1.0
    assert report["lost"] < 0.05
    at = fit_steps.places(fit_steps.gains(read, fitted), fitted["least"])
    doubtful = read.known[0, :, read.names.index("margin")] < 2.0
    assert at[doubtful].min() > 0 and at[~doubtful].mean() < 0.1


def test_where_every_passage_counts_all_are_read(tmp_path: Path) -> None:
    folder = observed(tmp_path / "seen")
    for path in folder.glob("[12]/*.jsonl"):
        rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
        text = "".join(json.dumps({**one, "correct": False}) + "\n" for one in rows)
        path.write_text(text, encoding="utf-8")
    read = fit_steps.load(folder)
    fitted = fit_steps.fit(read)
    assert fit_steps.report(read, fitted)["read"] == MOST


def test_the_other_half_teaches_nothing(tmp_path: Path) -> None:
    read = fit_steps.load(observed(tmp_path / "seen"))
    mine = fit_calibration.in_first_half(read.groups)
    turned = read.right.copy()
    turned[:, ~mine] = 1.0 - turned[:, ~mine]
    other = fit_steps.Read(read.names, read.known, turned, read.groups, read.rows, read.files)
    assert fit_steps.fit(read) == fit_steps.fit(other)


def test_the_confidence_learns_from_each_question_as_far_as_it_is_read(tmp_path: Path) -> None:
    read = fit_steps.load(observed(tmp_path / "seen"))
    fitted = fit_steps.fit(read)
    (path,) = fit_steps.taken(read, fitted, tmp_path / "taken")
    assert path.name == "squad2_tune.0.jsonl"
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    at = fit_steps.places(fit_steps.gains(read, fitted), fitted["least"])
    assert rows == [read.rows[number][one] for one, number in enumerate(at.tolist())]
    assert 0 < at.mean() < MOST - 1
    assert fit_calibration.load([path]).names == ("margin",)


def test_it_lies_beside_the_rankers_and_changes_what_they_are(tmp_path: Path) -> None:
    train_rankers.train(questions(), tmp_path / "ranker", models=MODELS, read=MOST)
    before = Ranker(tmp_path / "ranker")
    fitted = fit_steps.fit(fit_steps.load(observed(tmp_path / "seen")))
    for least in (0.5, fitted["least"]):  # a second rule takes the first one's place
        fit_steps.write({**fitted, "least": least}, tmp_path / "ranker")
    after = Ranker(tmp_path / "ranker")
    assert before.steps is None and after.steps is not None
    assert after.steps.least == fitted["least"]
    assert after.fingerprint != before.fingerprint
    assert (after.read, after.models) == (before.read, before.models)
    assert after.steps.is_enough(1, {"margin": 7.0, "after": 0.5})
    assert not after.steps.is_enough(1, {"margin": 0.0, "after": 0.5})


def test_numbers_that_were_asked_other_questions_are_refused(tmp_path: Path) -> None:
    folder = observed(tmp_path / "seen")
    path = folder / "2" / "squad2_tune.0.jsonl"
    path.write_text("\n".join(path.read_text("utf-8").splitlines()[1:]) + "\n", encoding="utf-8")
    with pytest.raises(ValueError, match="the same questions"):
        fit_steps.load(folder)
    with pytest.raises(ValueError, match="no folders"):
        fit_steps.load(tmp_path)
