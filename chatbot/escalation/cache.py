"""Answer a question with an earlier answer of the large model that passed the check.

`lookup` runs in the worker that has the models, with no transaction open, when tier 1 has decided
to escalate; `give` writes in the transaction that records. Nothing leaves the machine, so neither
budget nor consent is asked; where no large model may answer, or none is set up, no kept one does.
Whatever a missed invalidation left behind cannot answer: passages are compared as they are now.

Tier 1 reads a repeated question too: an article may be new, the dial or what is asked for may have
moved, and its answer goes before a kept one. Only then the reader is spared, for the same words.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import F
from django.utils import timezone
from pgvector.django import MaxInnerProduct

from accounts.models import Workspace, WorkspaceSettings
from accounts.scope import workspace_scope
from chatbot import cached_answers, replies
from chatbot.answering.contract import ANSWER, ESCALATE, AnswerRequest, Decision, Evidence
from chatbot.escalation import (
    cache_calibration,
    cache_check,
    cache_reading,
    cached_evidence,
    differing,
)
from chatbot.escalation.cache_calibration import Bounds
from chatbot.escalation.cache_check import Kept
from chatbot.escalation.connections import connections
from chatbot.escalation.hosts import known_hosts
from chatbot.models import (
    Attachment,
    Author,
    CachedAnswer,
    Conversation,
    Message,
    Receipt,
    Slot,
    Turn,
)
from chatbot.turns import NOT_SAID
from inference.errors import ModelUnavailable
from knowledge.dense import Vector

if TYPE_CHECKING:
    from inference.models import Models

REASON = "cached_answer"
NEAREST = 3  # entries that are tried


@dataclass(frozen=True)
class Hit:
    """An entry that may answer; `decision` is the receipt's, its text and citations the reply's."""

    entry_id: UUID
    decision: Decision


@dataclass(frozen=True)
class _Asked:
    """What one look needs, gathered once."""

    request: AnswerRequest
    loaded: "Models"
    bounds: Bounds | None
    risk: float
    started: float


def lookup(request: AnswerRequest, decision: Decision, turn_id: UUID) -> Hit | None:
    """Cost: one embedder run, an exact scan over the workspace's entries, and for the nearest ones
    that are alike enough, not in the same words, two reader runs for each passage they cite."""
    if decision.kind != ESCALATE or not cache_check.is_impersonal(request.question):
        return None
    started = time.perf_counter()
    with workspace_scope(request.workspace_id):
        if not may_be_used(request.workspace_id, turn_id) or not CachedAnswer.objects.exists():
            return None
    asked = _asked(request, started)
    if asked is None:
        return None
    vector = asked.loaded.embedder.encode([request.question.strip()])[0]
    for entry, cosine in _nearest(asked, vector):
        hit = _tried(asked, entry, cosine)
        if hit:
            return hit
    return None


def may_be_used(workspace_id: UUID, turn_id: UUID) -> bool:
    """Whether a large model could answer here, the cache is on, and the turn stands alone."""
    row = WorkspaceSettings.objects.values_list("large_model_allowed", flat=True).first()
    return (
        row is not False
        and cached_answers.is_on()
        and bool(connections(workspace_id))
        and stands_alone(turn_id)
    )


def stands_alone(turn_id: UUID) -> bool:
    """Whether nothing but small talk was said before the turn, and no file came with it.

    A question in a dialogue may lean on it, and nobody can tell from its words. Needs the scope.
    """
    turn = Turn.objects.filter(id=turn_id).first()
    if turn is None or Attachment.objects.filter(message__turn=turn).exists():
        return False
    said = Message.objects.filter(
        conversation_id=turn.conversation_id, created_at__lt=turn.opened_at
    )
    said = said.exclude(slot__in=NOT_SAID).exclude(chosen_from__slot=Slot.CONSENT)
    said = said.exclude(author=Author.BOT, turn__isnull=True)
    small = Receipt.objects.filter(tier=0, message__isnull=False)
    small = small.filter(turn__conversation_id=turn.conversation_id)
    return not said.exclude(turn_id__in=small.values("turn_id")).exists()


def audience_of(audiences: Sequence[str]) -> str:
    """Of whom an entry is: they name each other's articles, the widest last."""
    return audiences[-1]


def _asked(request: AnswerRequest, started: float) -> _Asked | None:
    """None without models, or without a calibration of theirs."""
    from chatbot.answering import models  # loads onnxruntime: never in the web process
    from chatbot.answering.dial import dial

    calibration = cache_calibration.loaded()
    try:
        loaded = models.loaded()  # the shipped ones: no workspace's own version is calibrated here
    except ModelUnavailable:
        return None
    if calibration is None or not calibration.fits(loaded.fingerprints):
        return None
    risk = dial(request, loaded.calibration, version=loaded.version).risk
    return _Asked(request, loaded, calibration.bounds(risk), risk, started)


def _nearest(asked: _Asked, vector: Vector) -> list[tuple[CachedAnswer, float]]:
    """With their cosines, best first; every entry of the audience is compared."""
    with workspace_scope(asked.request.workspace_id):
        rows = CachedAnswer.objects.filter(
            workspace_id=asked.request.workspace_id,
            audience=audience_of(asked.request.audiences),
            embedder=asked.loaded.embedder.fingerprint,
            created_at__gte=cached_answers.oldest(),
        ).defer("vector")
        rows = rows.annotate(away=MaxInnerProduct("vector", vector.tolist())).order_by("away", "id")
        return [(row, -float(row.away)) for row in rows[:NEAREST]]


def _tried(asked: _Asked, entry: CachedAnswer, cosine: float) -> Hit | None:
    """In the same words it is the same question, and needs neither bound nor reader."""
    question, bounds = asked.request.question, asked.bounds
    kept = Kept(entry.question, tuple(entry.sentences))
    if cache_check.words_of(question) == cache_check.words_of(kept.question):
        bounds = None
    elif bounds is None or not _is_near(kept.question, question, cosine, bounds):
        return None
    with workspace_scope(asked.request.workspace_id):
        rows = cached_evidence.live(entry.rests_on, asked.request.audiences)
        if rows is None:
            CachedAnswer.objects.filter(id=entry.id).delete()
            return None
        about = checked_with(asked.request.workspace_id, rows)
    said = cache_check.verified(kept, rows, question, about=about)
    if said is None:
        return None
    seen = {"cosine": cosine, "same_words": float(bounds is None)}
    if bounds is not None:
        seen["gain"] = cache_reading.gain(asked.loaded.reader, entry.question, question, rows)
        if seen["gain"] < bounds.gain:
            return None
    decision = Decision(
        ANSWER,
        REASON,
        confidence=cosine,
        text=said[0],
        citations=said[1],
        evidence=tuple(map(_evidence, rows)),
        threshold=bounds.cosine if bounds else None,
        risk=asked.risk,
        features=seen,
        stages_ms={"cache": round((time.perf_counter() - asked.started) * 1000, 2)},
        models_version=entry.model[:80],
        cached_id=str(entry.id),
    )  # fmt: skip
    return Hit(entry.id, decision)


def _is_near(first: str, question: str, cosine: float, bounds: Bounds) -> bool:
    return cosine >= bounds.cosine and not differing.differ(first, question)


def _evidence(row: cached_evidence.Row) -> Evidence:
    return Evidence(**row | {"heading_path": tuple(row["heading_path"])})


def checked_with(
    workspace_id: UUID, rows: Sequence[cached_evidence.Row]
) -> tuple[str, frozenset[str]]:
    """The workspace's slug, and the hosts that links may lead to. Needs the scope."""
    slug = Workspace.objects.values_list("slug", flat=True).get(id=workspace_id)
    return slug, known_hosts(workspace_id, rows)


def give(
    conversation: Conversation, turn: Turn, hit: Hit, *, audiences: Sequence[str]
) -> Message | None:
    """Post the kept answer with its receipt. None where it was withdrawn or edited meanwhile.

    In the caller's transaction, which holds the conversation's lock.
    """
    entry = CachedAnswer.objects.select_for_update().filter(id=hit.entry_id).first()
    if entry is None or not cached_answers.is_on():
        return None
    rows = cached_evidence.live(entry.rests_on, audiences) or []
    if [row["passage_id"] for row in rows] != [row.passage_id for row in hit.decision.evidence]:
        return None
    citations = tuple(citation.as_json() for citation in hit.decision.citations)
    reply = replies.Reply(hit.decision.text, Slot.ANSWER, Author.MODEL, citations, repeated=True)
    message = replies.post_reply(conversation, turn, reply)
    replies.add_receipt(conversation, turn, hit.decision, tier=2, message=message)
    CachedAnswer.objects.filter(id=entry.id).update(hits=F("hits") + 1, last_used_at=timezone.now())
    return message
