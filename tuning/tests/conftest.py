"""Small data in the form of the public sets, made here."""

import gzip
import json
import os
import zlib
from pathlib import Path
from typing import Any

import pytest

from tuning import base_model, own_examples, reading_examples
from tuning.reader_batches import ReaderRow, encode_all
from tuning.reading_examples import held_out_pages

if "PYTEST_XDIST_WORKER" in os.environ:
    # Processes side by side: threads of each would wait for cores that the others have.
    os.environ["OMP_NUM_THREADS"] = "1"

TOKENIZER = base_model.folder() / "tokenizer.json"
SHORT = 64  # tokens
CAT = "Can I bring a cat?"
HOTELS = ("ELM", "OAK", "ASH", "FIR", "PINE", "YEW", "BEECH", "LIME")  # two are held out
ILLNESSES = ("Scabies", "Mumps", "Measles", "Gout", "Cough", "Asthma")  # two are held out


def write_rows(path: Path, rows: list[dict[str, Any]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    path.write_text(text, encoding="utf-8")


def squad(folder: Path, contexts: str, questions: str) -> None:
    """Twelve paragraphs of two articles; every third question has no answer."""
    paragraphs, asked = [], []
    for number in range(12):
        para = f"A{number % 2}#{number}"
        context = f"Machine {number} was built in {1900 + number}. It weighs {number} tons."
        paragraphs.append({"para": para, "title": f"Machines_{number % 2}", "context": context})
        year = str(1900 + number)
        asked.append(
            {
                "id": str(number),
                "para": para,
                "question": f"When was machine {number} built?",
                "answers": [] if number % 3 == 0 else [[year, context.index(year)]],
                "no_answer": number % 3 == 0,
            }
        )
    write_rows(folder / contexts, paragraphs)
    write_rows(folder / questions, asked)


def doc2dial(folder: Path) -> None:
    """Ten pages with one dialogue turn each, about 2,000 characters long."""
    pages, turns, pairs = [], [], []
    for number in range(10):
        filler = "".join(f"Line {i} of page {number} says little.\n" for i in range(40))
        answer = f"The fee of form {number} is {number + 5} dollars. "
        text = filler + answer + filler
        start = text.index(answer)
        pages.append({"doc_id": f"p{number}", "title": f"Form {number}", "text": text})
        turns.append(
            {
                "doc_id": f"p{number}",
                "query": "how much is it?",
                "query_role": "user",
                "history": [["user", f"I need form {number}"], ["agent", "Here it is."]],
                "answer_start": start,
                "answer_end": start + len(answer),
            }
        )
        located = [{"doc_id": f"p{number}", "start": start, "end": start + len(answer)}]
        pairs.append(
            {"query": f"fee of form {number}?", "no_info_reply": False, "located": located}
        )
    write_rows(folder / "docs.jsonl", pages)
    write_rows(folder / "turns.jsonl", turns)
    write_rows(folder / "pairs.jsonl", pairs)


def places(folder: Path) -> None:
    """Eight hotels that answer the same two questions, and a dialogue about each."""
    known, turns = [], []
    for number, name in enumerate(HOTELS):
        for key, question, text in (
            ("pets", "Are pets allowed?", f"Pets cost {number} euro a night at {name}."),
            ("bar", "Is there a bar?", f"The bar of {name} opens at {number + 1} pm."),
        ):
            row = {"id": f"{name}|{key}", "domain": "hotel", "entity": name, "type": "faq"}
            known.append(row | {"question": question, "text": text})
        turns.append(
            {
                "turns": [
                    ["U", f"I look for {name}"],
                    ["S", "Found it."],
                    ["U", "Can I bring a cat?"],
                ],
                "needs_knowledge": True,
                "knowledge": [f"{name}|pets"],
            }
        )
    write_rows(folder / "knowledge.jsonl", known)
    write_rows(folder / "val.jsonl", turns)


def illnesses(folder: Path) -> None:
    found = []
    for name in ILLNESSES:
        for kind in ("symptoms", "treatment"):
            row = {"src": "S", "focus": name, "qtype": kind, "question": f"{kind} of {name}?"}
            found.append(json.dumps(row | {"answer": f"The {kind} of {name} are many."}) + "\n")
    folder.mkdir(parents=True)
    with gzip.open(folder / "medquad_with_answers.jsonl.gz", "wt", encoding="utf-8") as file:
        file.writelines(found)


def own_questions(folder: Path, data: Path) -> None:
    """One question of our own, about a page that is not held out."""
    held_out = set(held_out_pages(data))
    pages = reading_examples.rows(data / "doc2dial" / "docs.jsonl")
    page = next(row for row in pages if row["title"] not in held_out)
    start = page["text"].index("The fee")
    words = page["text"][start : start + 20]
    row = {"id": "own", "doc_id": page["doc_id"], "question": "anything to pay?"}
    row["answer"] = [start, start + 20, zlib.crc32(words.encode())]
    write_rows(folder / "doc2dial.jsonl", [row])


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "data"
    monkeypatch.setattr(own_examples, "QUESTIONS", tmp_path / "own")
    squad(folder / "squad2", "train_contexts.jsonl", "train.jsonl")
    squad(folder / "squad_train_part", "contexts_v1.1.jsonl", "train_part_v1.1.jsonl")
    squad(folder / "squad2", "tune_contexts.jsonl", "tune.jsonl")
    doc2dial(folder / "doc2dial")
    places(folder / "dstc11_track5")
    illnesses(folder / "medquad")
    own_questions(tmp_path / "own", folder)
    return folder


@pytest.fixture
def few_rows(data: Path) -> list[ReaderRow]:
    """Eight short ones of the reader's, so that a step takes a fraction of a second."""
    rows = encode_all(TOKENIZER, reading_examples.load(data).train)
    return [row for row in rows if len(row.ids) < SHORT][:8]
