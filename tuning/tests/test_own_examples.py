"""Questions of our own become examples in which the answer stands where it should."""

import json
import random
import zlib
from pathlib import Path
from typing import Any

import pytest

from tuning import own_examples, placed_questions
from tuning.own_examples import CUTS, load, titled

TEXT = "Plug it in.\n\n## Reset\n\nPress the red button.\n\n### Lamps\n\nGreen is good.\n"


def placed(words: str) -> list[int]:
    start = TEXT.index(words)
    return [start, start + len(words), zlib.crc32(words.encode())]


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    articles = [
        {"doc_id": "a", "title": "Hub", "text": TEXT},
        {"doc_id": "b", "title": "Cable", "text": "A cable costs nine euro.\n"},
        {"doc_id": "c", "title": "Nobody asks", "text": "About this.\n"},
    ]
    asked: list[dict[str, Any]] = [
        {
            "id": "1",
            "doc_id": "a",
            "question": "it hangs",
            "answer": placed("Press the red button."),
        },
        {"id": "2", "doc_id": "b", "question": "how long is it"},
    ]
    asked[0]["history"] = [["visitor", "hello"], ["bot", placed("Plug it in.")]]
    for path, found in (("kb_chatwoot/docs.jsonl", articles), ("asked/chatwoot.jsonl", asked)):
        (tmp_path / path).parent.mkdir()
        (tmp_path / path).write_text("".join(json.dumps(row) + "\n" for row in found))
    monkeypatch.setattr(own_examples, "QUESTIONS", tmp_path / "asked")
    return tmp_path


def test_the_answer_stands_in_its_passage_under_its_headings(data: Path) -> None:
    examples = list(load(data, random.Random(1), None))
    answered = [one for one in examples if one.relevant]
    assert len(answered) == CUTS and len({one.group for one in answered}) == CUTS
    for one in answered:
        assert one.passage[one.start : one.end] == "Press the red button."
        assert one.question == "it hangs | Plug it in. | hello"
        assert one.title.startswith("Hub")


def test_what_is_not_answered_is_asked_of_passages_without_the_answer(data: Path) -> None:
    examples = list(load(data, random.Random(1), None))
    missing = [one for one in examples if one.question == "how long is it"]
    assert {one.title for one in missing} == {"Hub", "Cable"}
    assert not any(one.relevant for one in missing)
    assert not any(one.title == "Nobody asks" for one in examples)


def test_another_version_of_the_article_is_refused(data: Path) -> None:
    path = data / "kb_chatwoot" / "docs.jsonl"
    path.write_text(path.read_text().replace("red", "blue"))
    with pytest.raises(placed_questions.TextHasChanged, match="Press the blue"):
        list(load(data, random.Random(1), None))


def test_headings_above_a_place() -> None:
    assert titled("Hub", TEXT, 0) == "Hub"
    assert titled("Hub", TEXT, TEXT.index("Press")) == "Hub > Reset"
    assert titled("Hub", TEXT, TEXT.index("Green")) == "Hub > Reset > Lamps"
    assert titled("Reset", TEXT + "## Next\n", len(TEXT) + 8) == "Reset > Next"
