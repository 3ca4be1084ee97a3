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

from accounts.scope import workspace_scope
from chatbot.answering.contract import ANSWER, BY_HEADING, AnswerRequest, Decision
from chatbot.answering.dial import dial
from chatbot.answering.shown import Shown, section
from inference.calibration import Calibration
from inference.errors import ModelUnavailable
from knowledge.models import Passage
from knowledge.retrieval import Candidate
from knowledge.sections import Named, named

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Chosen:
    """shown: None where nothing stands in the section. candidate: the passage that shown begins in.

    That is not always the passage that was found: a title or a long section begins in another one.
    """

    named: Named
    calibration: Calibration
    shown: Shown | None
    candidate: Candidate


def choose(request: AnswerRequest, candidates: Sequence[Candidate]) -> Chosen | None:
    """The section that the question names best; None where nobody could say how surely."""
    calibration = shipped(settings.MODELS_DIR)
    if calibration is None:
        return None
    found = named(request.workspace_id, request.question, candidates)
    if found is None:
        return None
    words = section(request.workspace_id, found, draft=request.draft)
    holding = found.candidate if words is None else _holding(request, found, words, candidates)
    return Chosen(found, calibration, words, holding)


def _holding(
    request: AnswerRequest, found: Named, words: Shown, candidates: Sequence[Candidate]
) -> Candidate:
    revision_id = found.candidate.revision_id
    for one in (found.candidate, *candidates):
        if one.revision_id == revision_id and one.start <= words.start < one.end:
            return one
    draft = request.draft
    if draft is not None and draft.revision.id == revision_id:
        passages = draft.prepared.passages
    else:
        with workspace_scope(request.workspace_id):
            passages = list(Passage.objects.filter(revision_id=revision_id))
    for row in passages:
        if row.start <= words.start < row.end:
            return replace(
                found.candidate,
                passage_id=row.id,
                heading_path=tuple(row.heading_path),
                start=row.start,
                end=row.end,
                text=row.text,
            )
    return found.candidate


def decided(request: AnswerRequest, chosen: Chosen, decision: Decision) -> Decision:
    """decision: what becomes of it otherwise; its first evidence is the chosen passage."""
    calibration = chosen.calibration
    version = f"{BY_HEADING}{calibration.fingerprint}"
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
    found = chosen.shown
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
