import json
from pathlib import Path

import pytest

from learning.matching import Span
from learning.questions import BrokenRow, parsed, read_questions
from learning.tests.conftest import WriteRows


def test_a_full_row_is_read_as_it_stands() -> None:
    found = parsed(
        json.dumps(
            {
                "id": 7,
                "question": " And for a blouse? ",
                "history": [["visitor", "Can I return it?"], ["bot", "Yes."]],
                "doc_id": "returns",
                "spans": [["returns", 3, 9]],
                "answers": ["30 days", " "],
                "answerable": True,
                "group": "shop",
                "note": "not ours",
            }
        ).encode()
    )
    assert found.id == "7" and found.question == "And for a blouse?"
    assert found.history == (("visitor", "Can I return it?"), ("bot", "Yes."))
    assert found.spans == (Span("returns", 3, 9),) and found.answers == ("30 days",)
    assert found.judgeable and found.locatable and found.group == "shop"


def test_a_question_alone_is_enough_but_nobody_can_judge_it() -> None:
    found = parsed(b'{"id": "a", "question": "Where?"}')
    assert not found.judgeable and not found.locatable and found.answerable is None


def test_an_unanswerable_question_can_be_judged_and_stands_nowhere() -> None:
    found = parsed(b'{"id": "a", "question": "Where?", "doc_id": "x", "answerable": false}')
    assert found.judgeable and not found.locatable


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"{", "is not JSON"),
        (b"[" * 100_000, "is not JSON"),
        (b"\xff", "is not UTF-8"),
        (b'["a"]', "is not a JSON object"),
        (b'{"question": "Where?"}', "has no id"),
        (b'{"id": true, "question": "Where?"}', "has no id"),
        (b'{"id": "a"}', "has no question"),
        (b'{"id": "a", "question": "  "}', "question: The message is empty"),
        (b'{"id": "a", "question": "' + b"x" * 4001 + b'"}', "question: At most 4000 characters"),
        (b'{"id": "a", "question": "\\ud800"}', "half of a surrogate pair"),
        (b'{"id": "a", "question": "?", "history": "hi"}', "history is not a list"),
        (b'{"id": "a", "question": "?", "history": [["user", "hi"]]}', "'user' is not visitor"),
        (b'{"id": "a", "question": "?", "history": [["bot"]]}', "message 1 is not"),
        (b'{"id": "a", "question": "?", "spans": [["d", 9, 3]]}', "a span is not"),
        (b'{"id": "a", "question": "?", "spans": [["d", "3", 9]]}', "a span is not"),
        (b'{"id": "a", "question": "?", "spans": 3}', "spans is not a list"),
        (b'{"id": "a", "question": "?", "answers": "x"}', "answers is not a list"),
        (b'{"id": "a", "question": "?", "answerable": "no"}', "answerable is neither"),
        (b'{"id": "a", "question": "?", "doc_id": 3}', "doc_id is not a text"),
    ],
)
def test_a_broken_row_says_why(line: bytes, reason: str) -> None:
    with pytest.raises(BrokenRow, match=reason):
        parsed(line)


def test_broken_rows_have_their_number_and_the_others_are_read(write_rows: WriteRows) -> None:
    path = write_rows(
        [{"id": "a", "question": "One?"}, "", "no json", {"id": "a", "question": "Twice?"}]
    )
    broken: list[tuple[int, str]] = []
    found = read_questions(path, on_broken=lambda *why: broken.append(why))
    assert [one.question for one in found] == ["One?"]
    assert [number for number, _ in broken] == [3, 4]
    assert "twice" in broken[1][1]


def test_a_line_separator_inside_a_text_ends_no_row(tmp_path: Path) -> None:
    path = tmp_path / "questions.jsonl"
    path.write_text('{"id": "a", "question": "One\u2028two?"}\n', encoding="utf-8")
    found = read_questions(path, on_broken=lambda *why: None)
    assert found[0].question == "One\u2028two?"


def test_a_limit_counts_rows_from_the_first(write_rows: WriteRows) -> None:
    path = write_rows([{"id": str(i), "question": "?"} for i in range(5)])
    found = read_questions(path, on_broken=lambda *why: None, limit=2)
    assert [one.id for one in found] == ["0", "1"]
