"""On one article that says the same thing in two places, and what a bot would show of it."""

import json
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from benchmarks import help_centres
from benchmarks.judged_places import READ, counted, shown_places

TEXT = "Returns are free. Send it back within two weeks.\n\nYou have 14 days. Then it is yours."
GOLD, ALSO = "Send it back within two weeks.", "You have 14 days."


def _place(words: str) -> list[int]:
    start = TEXT.index(words)
    return [start, start + len(words), zlib.crc32(words.encode())]


def _put(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(help_centres, "QUESTIONS", tmp_path / "asked")
    article = {"doc_id": "a", "title": "Returns", "text": TEXT, "lang": "en"}
    _put(tmp_path / "kb_shop" / "docs.jsonl", [article])
    asked = {"id": "1", "doc_id": "a", "question": "how long", "answer": _place(GOLD)}
    missing = {"id": "2", "doc_id": "a", "question": "how heavy is it"}
    _put(tmp_path / "asked" / "shop.jsonl", [asked | {"also": [["a", *_place(ALSO)]]}, missing])
    return tmp_path


def _evidence(words: str) -> dict[str, Any]:
    start, end, _ = _place(words)
    return {"doc_id": "a", "answer_start": start, "answer_end": end}


def _texts(evidence: Sequence[Mapping[str, Any]]) -> list[str]:
    places = shown_places(list(map(dict, evidence)), {"a": {"text": TEXT}})
    for doc_id, start, end, digest in places:
        assert doc_id == "a" and digest == zlib.crc32(TEXT[start:end].encode())
    return [TEXT[start:end] for _, start, end, _ in places]


def test_judges_read_what_would_be_shown_around_the_words_and_each_text_once() -> None:
    as_shown = "within two weeks."  # the first one's place is of what is shown already
    found = map(_evidence, [as_shown, "14 days", "You have", "two weeks"])
    assert _texts(list(found)) == [as_shown, ALSO, GOLD]


def test_passages_without_words_and_those_further_down_are_not_judged() -> None:
    unread = {"doc_id": "a", "answer_start": None, "answer_end": None}
    empty = {"doc_id": "a", "answer_start": 3, "answer_end": 3}
    assert _texts([unread, empty]) == []
    assert _texts([unread] * READ + [_evidence("14 days")]) == []


def test_what_was_judged_to_answer_is_counted_and_can_be_left_out(data: Path) -> None:
    assert counted(data, "shop") == (
        "1 of 2 questions have 1 more places; of those without an answer 0"
    )
    own, _, _ = _place(GOLD)
    also, _, _ = _place(ALSO)
    for judged, starts in ((True, [own, also]), (False, [own])):
        first, second = help_centres.questions(data, "shop", judged=judged)
        assert [start for _, start, _ in first["spans"]] == starts
        assert (first["answers"], second["answerable"]) == ([GOLD], False)
