"""Answers in letters that no model reads: a section's own words, where its heading is asked for.

Held to the same dial as the compact model, by a calibration of its own (models/sections) that looks
at words and headings alone. Without that calibration nothing is answered this way.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from chatbot.answering import shown
from chatbot.answering.contract import ANSWER, AnswerRequest, Decision
from chatbot.answering.dial import dial
from inference.calibration import Calibration
from inference.errors import ModelUnavailable
from knowledge.retrieval import Candidate
from knowledge.sections import Named, named

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Chosen:
    named: Named
    calibration: Calibration

    @property
    def candidate(self) -> Candidate:
        return self.named.candidate


def choose(request: AnswerRequest, candidates: Sequence[Candidate]) -> Chosen | None:
    """The section that the question names best; None where nobody could say how surely."""
    calibration = shipped(settings.MODELS_DIR)
    found = named(request.workspace_id, request.question, candidates) if calibration else None
    return Chosen(found, calibration) if found and calibration else None


def decided(request: AnswerRequest, chosen: Chosen, decision: Decision) -> Decision:
    """decision: what becomes of it otherwise; its first evidence is the chosen passage."""
    calibration = chosen.calibration
    version = f"sections {calibration.fingerprint}"
    allowed = dial(request, calibration, version=version)
    confidence = calibration.confidence(chosen.named.seen)
    decision = replace(
        decision,
        confidence=confidence,
        threshold=allowed.threshold,
        risk=allowed.risk,
        certified=allowed.certified,
        features=chosen.named.seen,
        models_version=version,
        by_heading=True,
    )
    found = shown.section(request.workspace_id, chosen.named, draft=request.draft)
    if found is None:
        return replace(decision, reason="no_words")
    first = replace(decision.evidence[0], answer_start=found.start, answer_end=found.end)
    decision = replace(
        decision,
        evidence=(first, *decision.evidence[1:]),
        text=found.text,
        citations=(found.citation,),
    )
    if request.compact and allowed.threshold is not None and confidence >= allowed.threshold:
        return replace(decision, kind=ANSWER, reason="")
    return decision


@lru_cache(maxsize=4)
def shipped(models: Path) -> Calibration | None:
    """Read once for each process; None where it is not there or not whole."""
    try:
        return Calibration(models / "sections")
    except ModelUnavailable as error:
        log.error(
            "nothing is answered by headings",
            extra={"event": "models_unavailable", "reason": str(error)},
        )
        return None
