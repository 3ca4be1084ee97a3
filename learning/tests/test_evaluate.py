import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from chatbot.answering import models
from inference.errors import ModelUnavailable
from learning.tests.conftest import FakePipeline, WriteRows
from tests.cast import Cast

BLOUSE = {
    "id": "a",
    "question": "May I return a blouse?",
    "history": [["visitor", "Hi"], ["bot", "Hello!"]],
    "spans": [["returns", 31, 38]],
    "answers": ["30 days"],
    "group": "shop",
}
OUTSIDE = {"id": "b", "question": "Who won?", "answerable": False}


def evaluate(file: Path, *arguments: str, workspace: str = "acme") -> tuple[str, str]:
    """What it printed and what it complained about."""
    out, err = StringIO(), StringIO()
    results = file.parent / "results.jsonl"
    call_command(
        "evaluate",
        str(file),
        f"--workspace={workspace}",
        f"--out={results}",
        *arguments,
        stdout=out,
        stderr=err,
    )
    return out.getvalue(), err.getvalue()


def rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_every_question_gets_a_row(
    cast: Cast, tier1: FakePipeline, write_rows: WriteRows, tmp_path: Path
) -> None:
    printed, complaints = evaluate(write_rows([BLOUSE, OUTSIDE, {"id": "c", "question": "hello"}]))
    answered, escalated, greeted = rows(tmp_path / "results.jsonl")
    assert set(answered) == {"id", "decision", "confidence", "answer", "evidence", "ms"}
    assert answered["id"] == "a" and answered["decision"] == "answer"
    assert answered["confidence"] == 0.8
    assert answered["answer"] == "You may return a blouse within 30 days."
    assert answered["evidence"] == [
        {
            "doc_id": "returns",
            "start": 0,
            "end": 60,
            "relevance": 0.9,
            "answer_start": 0,
            "answer_end": 39,
        },
        {
            "doc_id": "other",
            "start": 0,
            "end": 40,
            "relevance": None,
            "answer_start": None,
            "answer_end": None,
        },
    ]
    assert answered["ms"]["read"] == 12.5 and answered["ms"]["total"] >= 0
    assert escalated["decision"] == "escalate" and escalated["answer"] == ""
    assert escalated["confidence"] == 0.3 and escalated["evidence"][0]["answer_end"] == 60
    assert greeted["decision"] == "smalltalk" and greeted["evidence"] == []
    assert "recall@20" in printed and "AURC" in printed and complaints == ""


def test_the_dialogue_and_the_risk_reach_the_pipeline(
    cast: Cast, tier1: FakePipeline, write_rows: WriteRows
) -> None:
    evaluate(write_rows([BLOUSE]), "--risk=0.1")
    assert tier1.asked[0].history == (("visitor", "Hi"), ("bot", "Hello!"))
    assert tier1.asked[0].risk == 0.1 and tier1.asked[0].workspace_id == cast.workspace.id


def test_features_come_with_the_truth_where_it_is_known(
    cast: Cast, tier1: FakePipeline, write_rows: WriteRows, tmp_path: Path
) -> None:
    unlabelled = {"id": "d", "question": "And a blouse?"}
    path = write_rows([BLOUSE, OUTSIDE, {"id": "c", "question": "hello"}, unlabelled])
    evaluate(path, f"--features-out={tmp_path / 'features.jsonl'}")
    assert rows(tmp_path / "features.jsonl") == [
        {
            "id": "a",
            "features": {"margin": 8.0},
            "known": {},
            "correct": True,
            "answerable": True,
            "group": "shop",
        },
        {
            "id": "b",
            "features": {"margin": 3.0},
            "known": {},
            "correct": False,
            "answerable": False,
            "group": "b",
        },
    ]


def test_candidates_come_with_the_one_that_is_right_where_a_place_is_known(
    cast: Cast, tier1: FakePipeline, write_rows: WriteRows, tmp_path: Path
) -> None:
    path = write_rows([BLOUSE, OUTSIDE, {"id": "c", "question": "hello"}])
    evaluate(path, f"--candidates-out={tmp_path / 'candidates.jsonl'}", "--read=7")
    assert rows(tmp_path / "candidates.jsonl") == [
        {
            "id": "a",
            "group": "shop",
            "candidates": [
                {"gold": True, "features": {"rank": 1.0, "relevance": 0.9}},
                {"gold": False, "features": {"rank": 0.0}},
            ],
        }
    ]
    assert {request.read for request in tier1.asked} == {7}


def test_a_broken_row_is_named_and_the_others_are_asked(
    cast: Cast, tier1: FakePipeline, write_rows: WriteRows, tmp_path: Path
) -> None:
    path = write_rows(["{", BLOUSE, {"id": "x"}])
    err = StringIO()
    with pytest.raises(CommandError, match="Some rows could not be asked"):
        call_command(
            "evaluate",
            str(path),
            "--workspace=acme",
            f"--out={tmp_path / 'results.jsonl'}",
            stdout=StringIO(),
            stderr=err,
        )
    assert err.getvalue().splitlines() == ["Row 1: is not JSON", "Row 3: has no question"]
    assert [row["id"] for row in rows(tmp_path / "results.jsonl")] == ["a"]


def test_a_stranger_workspace_is_refused_and_nothing_is_written(
    cast: Cast, tier1: FakePipeline, write_rows: WriteRows, tmp_path: Path
) -> None:
    with pytest.raises(CommandError, match="There is no workspace 'nobodys'"):
        evaluate(write_rows([BLOUSE]), workspace="nobodys")
    assert tier1.asked == [] and not (tmp_path / "results.jsonl").exists()


def test_twice_gives_the_same_rows(
    cast: Cast, tier1: FakePipeline, write_rows: WriteRows, tmp_path: Path
) -> None:
    path = write_rows([BLOUSE, OUTSIDE])
    evaluate(path)
    first = rows(tmp_path / "results.jsonl")
    evaluate(path)
    again = rows(tmp_path / "results.jsonl")
    assert [{**row, "ms": 0} for row in again] == [{**row, "ms": 0} for row in first]


def test_a_limit_asks_the_first_rows_only(
    cast: Cast, tier1: FakePipeline, write_rows: WriteRows
) -> None:
    evaluate(write_rows([BLOUSE, OUTSIDE]), "--limit=1")
    assert len(tier1.asked) == 1


@pytest.mark.parametrize(
    ("argument", "complaint"),
    [
        ("--risk=2", "--risk must lie between 0 and 1"),
        ("--limit=0", "--limit must be at least 1"),
        ("--features-out=nowhere/features.jsonl", "There is no folder"),
        ("--candidates-out=nowhere/candidates.jsonl", "There is no folder"),
        ("--read=0", "--read must lie between"),
        ("--read=31", "--read must lie between"),
        ("--features-out=.", "is a folder"),
    ],
)
def test_a_wrong_option_is_refused_before_anything_is_asked(
    cast: Cast, tier1: FakePipeline, write_rows: WriteRows, argument: str, complaint: str
) -> None:
    with pytest.raises(CommandError, match=complaint):
        evaluate(write_rows([BLOUSE]), argument)
    assert tier1.asked == []


def test_questions_are_never_overwritten(
    cast: Cast, tier1: FakePipeline, write_rows: WriteRows
) -> None:
    path = write_rows([BLOUSE])
    with pytest.raises(CommandError, match="must be different files"):
        evaluate(path, f"--features-out={path}")
    assert rows(path) == [BLOUSE]


def test_a_file_that_is_not_there_is_named(cast: Cast, tier1: FakePipeline, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"gone\.jsonl cannot be read"):
        evaluate(tmp_path / "gone.jsonl")


def test_without_models_it_says_so_and_keeps_older_results(
    cast: Cast, write_rows: WriteRows, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing() -> None:
        raise ModelUnavailable("reader: no manifest")

    monkeypatch.setattr(models, "warm_up", missing)
    (tmp_path / "results.jsonl").write_text("older\n")
    with pytest.raises(CommandError, match="cannot be used: reader: no manifest"):
        evaluate(write_rows([BLOUSE]))
    assert (tmp_path / "results.jsonl").read_text() == "older\n"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["questions.jsonl", "results.jsonl"]
