"""Golden questions come in from a file, whole or not at all, and stay in their workspace."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from accounts.errors import Invalid
from learning import golden
from learning.questions import Question
from learning.tests.conftest import WriteRows
from tests.cast import Cast

BLOUSE = {
    "id": "a",
    "question": "May I return a blouse?",
    "history": [["visitor", "Hi"], ["bot", "Hello!"]],
    "doc_id": "returns",
    "spans": [["returns", 31, 38]],
    "answers": ["30 days"],
    "group": "shop",
}
OUTSIDE = {"id": "b", "question": "Who won?", "answerable": False}


def run(*arguments: str, workspace: str = "acme") -> str:
    out = StringIO()
    call_command("golden", *arguments, f"--workspace={workspace}", stdout=out, stderr=StringIO())
    return out.getvalue()


def keys(cast: Cast) -> list[str]:
    return [one.id for one in golden.questions(cast.workspace.id)]


def test_a_file_comes_in_and_goes_out_the_same(
    cast: Cast, write_rows: WriteRows, tmp_path: Path
) -> None:
    assert "2 golden questions are new" in run("import", str(write_rows([BLOUSE, OUTSIDE])))
    target = tmp_path / "out.jsonl"
    run("export", str(target))
    lines = target.read_text(encoding="utf-8").splitlines()
    assert [json.loads(line) for line in lines] == [BLOUSE, OUTSIDE]
    assert golden.questions(cast.other.workspace.id) == []


def test_the_same_id_again_changes_the_question(cast: Cast, write_rows: WriteRows) -> None:
    run("import", str(write_rows([BLOUSE, OUTSIDE])))
    changed = {**BLOUSE, "question": "Can a blouse go back?"}
    assert "0 golden questions are new, 1 were there" in run("import", str(write_rows([changed])))
    assert [one.question for one in golden.questions(cast.workspace.id)] == [
        "Can a blouse go back?",
        "Who won?",
    ]
    run("import", str(write_rows([changed])), "--replace")
    assert keys(cast) == ["a"]
    assert "1 golden questions removed" in run("remove", "a", "nobody")
    assert keys(cast) == []


def test_a_broken_row_keeps_the_whole_file_out(cast: Cast, write_rows: WriteRows) -> None:
    with pytest.raises(CommandError, match="Nothing was brought in"):
        run("import", str(write_rows([BLOUSE, {"id": "c"}])))
    assert keys(cast) == []


@pytest.mark.parametrize(
    "broken",
    [
        {"id": "x" * 201, "question": "Too long an id?"},
        {"id": "x", "question": "Whose group?", "group": "g" * 501},
        {"id": "x", "question": "Nothing?", "answers": ["a\0b"]},
    ],
)
def test_what_cannot_be_stored_is_refused_with_all_that_came_with_it(
    cast: Cast, write_rows: WriteRows, broken: dict[str, Any]
) -> None:
    with pytest.raises(CommandError, match="Nothing was brought in"):
        run("import", str(write_rows([BLOUSE, broken])), "--replace")
    assert keys(cast) == []


def test_there_is_a_most(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(golden, "MOST", 1)
    golden.keep(cast.workspace.id, [Question("a", "One?")], actor=cast.alice)
    with pytest.raises(Invalid, match="at most 1"):
        golden.keep(cast.workspace.id, [Question("b", "Two?")], actor=cast.alice)
    golden.keep(cast.workspace.id, [Question("b", "Two?")], actor=cast.alice, replace=True)
    assert keys(cast) == ["b"]


def test_an_unknown_workspace_and_file_are_said(cast: Cast, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="no workspace"):
        run("import", "x.jsonl", workspace="nowhere")
    with pytest.raises(CommandError, match="cannot be read"):
        run("import", str(tmp_path / "nothing.jsonl"))
