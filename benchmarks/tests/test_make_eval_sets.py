"""On a data folder of three pages, two paragraphs and a handful of questions."""

import gzip
import json
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from benchmarks import help_centres
from benchmarks.make_eval_sets import make
from learning.questions import read_questions
from tuning.placed_questions import TextHasChanged
from tuning.reading_examples import held_out_pages

PAGE = "\nPlates\nYou may keep your plates. Fees are due.\n"


def _put(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def _turn(number: int, doc_id: str, role: str = "user") -> dict[str, Any]:
    start = PAGE.index("You")
    return {
        "id": f"t{number}",
        "doc_id": doc_id,
        "query": "May I keep them?",
        "query_role": role,
        "history": [["user", "Plates?"], ["agent", "What about them?"]] if number else [],
        "answer_start": start,
        "answer_end": start + 25,
        "answer_text": PAGE[start : start + 25],
    }


HELP = "Plug it in. Press the red button for three seconds."


def _help_centres(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each with two articles, the second in Spanish, and two questions about the first."""
    place = [HELP.index("Press"), len(HELP), zlib.crc32(HELP[HELP.index("Press") :].encode())]
    said = [0, 11, zlib.crc32(HELP[:11].encode())]
    asked = {"id": "1", "doc_id": "a", "question": "and then?", "answer": place}
    asked["history"] = [["visitor", "it is dead"], ["bot", said]]
    asked["also"] = [["b", 0, 8, zlib.crc32(b"To reset")]]
    missing = {"id": "2", "doc_id": "a", "question": "how heavy is it"}
    monkeypatch.setattr(help_centres, "QUESTIONS", folder / "asked")
    for name in (*help_centres.CALIBRATED, help_centres.KEPT_APART):
        english = {"doc_id": "a", "title": "Start", "text": HELP, "lang": "en"}
        again = {"doc_id": "b", "title": "Reset", "text": f"To reset: {HELP}"}
        spanish = {"doc_id": "c", "title": "Inicio", "text": "Hola", "lang": "es"}
        _put(folder / f"kb_{name}" / "docs.jsonl", [english, again, spanish])
        _put(folder / "asked" / f"{name}.jsonl", [asked, missing])


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "data"
    _help_centres(folder, monkeypatch)
    pages = [(f"p{i}#0", f"Page {i}", PAGE) for i in range(5)]
    pages.append(("p0#1", "Page 0", "A variant." + PAGE))
    _put(
        folder / "doc2dial" / "docs.jsonl",
        [{"doc_id": d, "title": t, "text": x, "domain": "dmv"} for d, t, x in pages],
    )
    turns = [*(_turn(i, f"p{i}#0") for i in range(5)), _turn(9, "p0#0", role="agent")]
    _put(folder / "doc2dial" / "turns.jsonl", turns)
    contexts = [("X#0", "It was red."), ("X#1", "It cost 3 crowns.")]
    _put(
        folder / "squad2" / "tune_contexts.jsonl",
        [{"para": p, "title": "X_y", "context": c} for p, c in contexts],
    )
    _put(folder / "squad2" / "train_contexts.jsonl", [])
    _put(
        folder / "squad2" / "tune.jsonl",
        [
            {
                "id": "s1",
                "para": "X#1",
                "question": "What did it cost?",
                "answers": [["3 crowns", 8], ["3", 8], ["3 crowns", 8]],
                "no_answer": False,
            },
            {"id": "s2", "para": "X#0", "question": "Why?", "answers": [], "no_answer": True},
        ],
    )
    oos = [("is it late", "val", True), ("go on", "train", True), ("pay", "val", False)]
    _put(
        folder / "clinc150" / "train_val.jsonl",
        [{"text": t, "split": s, "oos": o, "intent": "x"} for t, s, o in oos],
    )
    _put(folder / "banking77" / "train.jsonl", [{"text": "my card", "intent": "c"}] * 2)
    _put(
        folder / "dstc11_track5" / "knowledge.jsonl",
        [
            {"id": f"h{i}", "domain": "hotel", "entity": "YEW", "type": t, "question": q, "text": x}
            for i, (t, q, x) in enumerate(
                [("faq", "Pets?", "No pets."), ("review", "", "Fine."), ("faq", "Cost?", "9 euro.")]
            )
        ]
        + [
            {"id": "t", "domain": "hotel", "entity": "OAK", "type": "faq"}
            | {"question": "Bar?", "text": "No bar."}
        ],
    )
    sections = [("symptoms", "It itches."), ("causes", "A mite."), ("treatment", "A salve.")]
    text = "".join(
        json.dumps(
            {"id": t, "src": "S", "focus": "Gout", "qtype": t, "question": f"{t}?"} | {"answer": a}
        )
        + "\n"
        for t, a in sections
    )
    (folder / "medquad").mkdir()
    (folder / "medquad" / "medquad_with_answers.jsonl.gz").write_bytes(gzip.compress(text.encode()))
    return folder


def _read(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_every_question_can_be_asked_and_its_answer_stands_where_it_says(
    data: Path, tmp_path: Path
) -> None:
    make(data, tmp_path / "out")
    for kb, questions in (
        ("doc2dial", "doc2dial"),
        ("squad2", "squad2_tune"),
        ("dstc11", "dstc11"),
        ("medquad", "medquad"),
        ("arduino", "arduino"),
    ):
        texts = {row["doc_id"]: row["text"] for row in _read(tmp_path / "out" / f"{kb}.kb.jsonl")}
        broken: list[tuple[int, str]] = []
        path = tmp_path / "out" / f"{questions}.eval.jsonl"
        found = read_questions(path, on_broken=lambda *why, to=broken: to.append(why))
        assert found and not broken
        for question in found:
            said = {texts[span.doc_id][span.start : span.end] for span in question.spans}
            judged = {"To reset"} if kb == "arduino" else set()
            assert said - judged == set(question.answers)


def test_doc2dial_keeps_the_dialogue_and_marks_pages_that_were_not_trained_on(
    data: Path, tmp_path: Path
) -> None:
    make(data, tmp_path / "out")
    rows = _read(tmp_path / "out" / "doc2dial.eval.jsonl")
    assert [row["id"] for row in rows] == ["t0", "t1", "t2", "t3", "t4"]
    assert rows[1]["history"] == [["visitor", "Plates?"], ["bot", "What about them?"]]
    held_out = held_out_pages(data)
    assert len(held_out) == 1
    assert [row["group"] for row in rows if row["held_out"]] == held_out
    alone = _read(tmp_path / "out" / "doc2dial_held_out.eval.jsonl")
    assert alone == [row for row in rows if row["held_out"]]


def test_a_variant_of_the_page_is_gold_too(data: Path, tmp_path: Path) -> None:
    make(data, tmp_path / "out")
    first = _read(tmp_path / "out" / "doc2dial.eval.jsonl")[0]
    start = PAGE.index("You")
    assert first["spans"] == [["p0#0", start, start + 25], ["p0#1", start + 10, start + 35]]


def test_paragraphs_become_one_article_and_their_offsets_move(data: Path, tmp_path: Path) -> None:
    make(data, tmp_path / "out")
    (article,) = _read(tmp_path / "out" / "squad2.kb.jsonl")
    assert article["text"] == "It was red.\n\nIt cost 3 crowns." and article["title"] == "X y"
    cost, why = _read(tmp_path / "out" / "squad2_tune.eval.jsonl")
    assert cost["spans"] == [["X_y", 21, 22], ["X_y", 21, 29]] and cost["group"] == "X#1"
    assert why["answerable"] is False and why["spans"] == [] and why["answers"] == []


def test_a_place_is_named_in_the_dialogue_and_its_questions_are_not_in_the_article(
    data: Path, tmp_path: Path
) -> None:
    make(data, tmp_path / "out")
    article, trained_on = _read(tmp_path / "out" / "dstc11.kb.jsonl")
    assert trained_on["doc_id"] == "hotel: OAK"  # a distractor: nobody asks about it
    assert article == {"doc_id": "hotel: YEW", "title": "Yew", "text": "No pets.\n\n9 euro."}
    asked = _read(tmp_path / "out" / "dstc11.eval.jsonl")
    assert {row["question"] for row in asked} == {"Pets?", "Cost?"}
    assert asked[0]["history"] == [["visitor", "I have a question about Yew."]]


def test_questions_of_other_sets_have_no_answer(data: Path, tmp_path: Path) -> None:
    make(data, tmp_path / "out")
    rows = _read(tmp_path / "out" / "doc2dial_outside.eval.jsonl")
    assert [row["question"] for row in rows] == ["is it late", "my card", "What did it cost?"]
    assert not any(row["answerable"] for row in rows)


def test_twice_gives_the_same_files(data: Path, tmp_path: Path) -> None:
    make(data, tmp_path / "one")
    make(data, tmp_path / "two")
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes()


def test_questions_about_a_help_centre_take_their_words_from_its_articles(
    data: Path, tmp_path: Path
) -> None:
    make(data, tmp_path / "out")
    assert [row["doc_id"] for row in _read(tmp_path / "out" / "arduino.kb.jsonl")] == ["a", "b"]
    asked, missing = _read(tmp_path / "out" / "arduino.eval.jsonl")
    assert asked["history"] == [["visitor", "it is dead"], ["bot", "Plug it in."]]
    assert asked["answers"] == ["Press the red button for three seconds."]
    # The same words in another article, and what was judged to answer, too.
    assert asked["spans"] == [["a", 12, 51], ["b", 22, 61], ["b", 0, 8]]
    assert missing["answerable"] is False and missing["spans"] == []
    assert _read(tmp_path / "out" / "arduino_answerable.eval.jsonl") == [asked]


def test_another_version_of_an_article_is_refused(data: Path, tmp_path: Path) -> None:
    path = data / "kb_arduino" / "docs.jsonl"
    path.write_text(path.read_text(encoding="utf-8").replace("red", "blue"), encoding="utf-8")
    with pytest.raises(TextHasChanged, match="Press the blue"):
        make(data, tmp_path / "out")


def test_another_version_of_an_article_that_also_answers_is_refused(
    data: Path, tmp_path: Path
) -> None:
    path = data / "kb_arduino" / "docs.jsonl"
    path.write_text(path.read_text(encoding="utf-8").replace("To reset", "Resetting"), "utf-8")
    with pytest.raises(TextHasChanged, match="Resetti"):
        make(data, tmp_path / "out")
