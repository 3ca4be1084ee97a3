"""Ask tier 1 many labelled questions in one process, and write down what it decided.

Files appear whole or not at all: each is written beside its place and moved there at the end.
"""

import json
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

from chatbot.answering.contract import ESCALATE, AnswerRequest, Decision, Evidence
from chatbot.answering.enough import known
from knowledge.retrieval import seen_by
from learning.judging import Outcome, is_gold
from learning.questions import Question

Answerer = Callable[[AnswerRequest], Decision]


def outcomes(
    questions: Sequence[Question],
    answer: Answerer,
    *,
    workspace_id: UUID,
    risk: float | None,
    read: int | None = None,
) -> Iterator[Outcome]:
    """One after the other, so that latencies are those of one visitor. None = as set."""
    for one in questions:
        request = AnswerRequest(
            workspace_id=workspace_id,
            question=one.question,
            history=one.history,
            audiences=seen_by(one.audience),
            risk=risk,
            read=read,
        )
        started = time.perf_counter()
        decision = answer(request)
        yield Outcome(one, decision, total_ms=(time.perf_counter() - started) * 1000)


def result_row(outcome: Outcome) -> dict[str, Any]:
    """A row of the results. An escalation shows no answer, but its evidence has the offsets."""
    decision = outcome.decision
    return {
        "id": outcome.question.id,
        "decision": decision.kind,
        "confidence": decision.confidence,
        "answer": "" if decision.kind == ESCALATE else decision.text,
        "evidence": [_evidence(row) for row in decision.evidence],
        "ms": dict(outcome.ms),
    }


def _evidence(row: Evidence) -> dict[str, Any]:
    return {
        "doc_id": row.doc_id,
        "start": row.start,
        "end": row.end,
        "relevance": row.relevance,
        "answer_start": row.answer_start,
        "answer_end": row.answer_end,
    }


def features_row(outcome: Outcome) -> dict[str, Any] | None:
    """What a calibration is fitted on; None where no model weighed it or nobody knows the truth.

    `correct`: whether the answer is right, or would have been (learning.judging.is_right).
    `known`: what would say whether it was enough to read so many passages.
    """
    question = outcome.question
    decision = outcome.decision
    if not question.judgeable or not decision.features or decision.by_heading:
        return None
    return {
        "id": question.id,
        "features": dict(decision.features),
        "known": known(decision.ranked),
        "correct": outcome.right,
        "answerable": question.answerable is not False,
        "group": question.group if question.group is not None else question.id,
    }


def candidates_row(outcome: Outcome) -> dict[str, Any] | None:
    """What the rankers are trained on; None where no place is known or nothing was ranked.

    Rows of candidates that were read have the reader's features too.
    """
    question, decision = outcome.question, outcome.decision
    if not question.locatable or not decision.ranked:
        return None
    rows = zip(decision.evidence, decision.ranked, strict=True)
    return {
        "id": question.id,
        "group": question.group if question.group is not None else question.id,
        "candidates": [
            {"gold": is_gold(evidence, question), "features": dict(features)}
            for evidence, features in rows
        ],
    }


@contextmanager
def written(path: Path) -> Iterator[Callable[[Mapping[str, Any]], None]]:
    """A function that adds a JSON line; the file is in place after the block, if it succeeds."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with part.open("w", encoding="utf-8", newline="\n") as file:
            yield lambda row: print(json.dumps(row, ensure_ascii=False), file=file)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
