"""Small data in the form of the public sets, made here."""

import json
from pathlib import Path
from typing import Any

import pytest


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


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    squad(folder / "squad2", "train_contexts.jsonl", "train.jsonl")
    squad(folder / "squad_train_part", "contexts_v1.1.jsonl", "train_part_v1.1.jsonl")
    doc2dial(folder / "doc2dial")
    return folder
