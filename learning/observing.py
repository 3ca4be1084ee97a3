"""Tier 1 asked many questions by certain models, each decision judged and kept in a file.

A second call with the same file asks only what is missing, so a training that was stopped loses at
most one question.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from chatbot.answering.contract import AnswerRequest
from inference.models import Models
from learning.evaluation import candidates_row, features_row
from learning.judging import Outcome
from learning.questions import Question


class Asked(Protocol):
    @property
    def question(self) -> Question: ...

    @property
    def group(self) -> str:
        """Questions of one group stand or fall together."""


EVERY_AUDIENCE = ("public", "signed_in", "internal")


@dataclass(frozen=True)
class Observations:
    """Rows in the order of the questions: right and first are None where nobody knows."""

    rows: tuple[Mapping[str, Any], ...]

    @property
    def ids(self) -> list[str]:
        return [row["id"] for row in self.rows]

    @property
    def groups(self) -> NDArray[Any]:
        return np.array([row["group"] for row in self.rows])

    @property
    def features(self) -> list[Mapping[str, Any]]:
        """What the confidence is fitted on."""
        return [row["features"] for row in self.rows if row["features"]]

    @property
    def candidates(self) -> list[Mapping[str, Any]]:
        """What the rankers are trained on."""
        return [row["candidates"] for row in self.rows if row["candidates"]]

    def values(self, name: str) -> NDArray[np.float64]:
        """(N,) of right, first or confidence; NaN where nobody knows."""
        return np.array(
            [np.nan if row[name] is None else float(row[name]) for row in self.rows], np.float64
        )


def observe(
    models: Models,
    asked: Sequence[Asked],
    file: Path,
    *,
    workspace_id: UUID,
    read: int | None = None,
    on_one: Callable[[float], None] = lambda share: None,
) -> Observations:
    """Cost: a question to tier 1 each. on_one gets the share done, and may raise to stop."""
    from chatbot.answering.pipeline import answer_with

    known = _known(file)
    with file.open("a", encoding="utf-8", newline="\n") as out:
        for number, one in enumerate(asked):
            if one.question.id not in known:
                request = AnswerRequest(
                    workspace_id=workspace_id,
                    question=one.question.question,
                    history=one.question.history,
                    audiences=EVERY_AUDIENCE,
                    read=read,
                )
                row = _row(one, Outcome(one.question, answer_with(models, request), 0.0))
                known[one.question.id] = row
                print(json.dumps(row, ensure_ascii=False), file=out, flush=True)
            on_one((number + 1) / len(asked))
    return Observations(tuple(known[one.question.id] for one in asked))


def _row(asked: Asked, outcome: Outcome) -> dict[str, Any]:
    question = outcome.question
    grouped = {"group": asked.group}
    features, candidates = features_row(outcome), candidates_row(outcome)
    return {
        "id": question.id,
        "group": asked.group,
        "right": outcome.right if question.judgeable else None,
        "first": outcome.rank == 1 if question.locatable else None,
        "confidence": outcome.decision.confidence if outcome.weighed else 0.0,
        "features": {**features, **grouped} if features else None,
        "candidates": {**candidates, **grouped} if candidates else None,
    }


def _known(file: Path) -> dict[str, dict[str, Any]]:
    """Rows of an earlier call; a last line that was cut off is asked again."""
    found: dict[str, dict[str, Any]] = {}
    if not file.exists():
        return found
    whole = []
    for line in file.read_bytes().splitlines(keepends=True):
        if not line.endswith(b"\n"):
            break
        row = json.loads(line)
        found[row["id"]] = row
        whole.append(line)
    file.write_bytes(b"".join(whole))
    return found
