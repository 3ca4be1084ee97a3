"""A tier 1 that decides by rules that the tests state, and files for it."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from chatbot.answering import models, pipeline
from chatbot.answering.contract import (
    ANSWER,
    ESCALATE,
    SMALLTALK,
    AnswerRequest,
    Citation,
    Decision,
    Evidence,
)

ARTICLE = "You may return a blouse within 30 days. Refunds take a week."
WriteRows = Callable[[Sequence[Mapping[str, Any] | str]], Path]


def passage(doc_id: str, start: int, end: int, **fields: Any) -> Evidence:
    """A passage of ARTICLE, whatever the article is called."""
    return Evidence(
        passage_id=f"{doc_id}-{start}",
        revision_id="revision",
        article_id=doc_id,
        doc_id=doc_id,
        title="Returns",
        heading_path=("Returns", "Blouses"),
        url="",
        start=start,
        end=end,
        text=ARTICLE[start:end],
        fused=0.1,
        **fields,
    )


def decision(kind: str, *, confidence: float, shown: tuple[int, int] = (0, 39)) -> Decision:
    """From the article `returns`: its passage is the first row, one of `other` the second."""
    read = passage("returns", 0, 60, relevance=0.9, answer_start=shown[0], answer_end=shown[1])
    return Decision(
        kind=kind,
        reason="" if kind == ANSWER else "low_confidence",
        confidence=confidence,
        text=ARTICLE[slice(*shown)],
        citations=(Citation(1, "returns", "Returns", "Blouses", "/help/returns", "30 days"),),
        evidence=(read, passage("other", 0, 40)),
        threshold=0.5,
        risk=0.05,
        features={"margin": confidence * 10},
        ranked=({"rank": 1.0, "relevance": 0.9}, {"rank": 0.0}),
        stages_ms={"read": 12.5},
        models_version="abc",
    )


class FakePipeline:
    """Greets, answers what asks for the blouse, escalates the rest; remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[AnswerRequest] = []

    def answer(self, request: AnswerRequest) -> Decision:
        self.asked.append(request)
        if request.question == "hello":
            return Decision(SMALLTALK, "greeting", 0.99, text="Hello!")
        if "blouse" in request.question:
            return decision(ANSWER, confidence=0.8)
        return decision(ESCALATE, confidence=0.3, shown=(40, 60))


@pytest.fixture
def tier1(monkeypatch: pytest.MonkeyPatch) -> FakePipeline:
    fake = FakePipeline()
    monkeypatch.setattr(pipeline, "answer", fake.answer)
    monkeypatch.setattr(models, "warm_up", lambda: None)
    return fake


@pytest.fixture
def write_rows(tmp_path: Path) -> WriteRows:
    """Rows as they are, or a line of text, into a file of JSON lines."""

    def write(rows: Sequence[Mapping[str, Any] | str]) -> Path:
        path = tmp_path / "questions.jsonl"
        lines = [row if isinstance(row, str) else json.dumps(row) for row in rows]
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path

    return write
