"""Keep a checked answer of the large model, for the same question of somebody else.

The worker of escalations has no models, so it writes a job, in the transaction that posts the
answer; the worker of answers makes the vector and the entry. What may not be kept is not: personal
details in question or answer, a question that leans on its dialogue, an answer called wrong.
"""

import hashlib
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from accounts.scope import workspace_scope
from chatbot import cached_answers, events
from chatbot.asking import audiences_of
from chatbot.escalation import cache, cache_check, cached_evidence
from chatbot.escalation.cache_check import Kept
from chatbot.escalation.redaction import found
from chatbot.escalation.sentences import sentences_of
from chatbot.escalation.verification import Verifier
from chatbot.models import (
    Author,
    CachedAnswer,
    Conversation,
    Escalation,
    EscalationState,
    Message,
    Slot,
    Turn,
)
from chatbot.turns import question_of
from inference.errors import ModelUnavailable
from outbox.queue import LeasedJob, enqueue

KIND = "keep_answer"


@dataclass(frozen=True)
class _Worth:
    """An answer that may be kept, and what it rests on now."""

    turn_id: UUID
    conversation_id: UUID
    message_id: UUID
    kept: Kept
    rows: list[cached_evidence.Row]
    audience: str
    model: str
    cost_usd: float


def offer(escalation: Escalation, verifier: Verifier) -> None:
    """In the transaction that posts the answer. Ids alone: the rows are the truth."""
    if not cached_answers.is_on():
        return
    passages = [row["passage_id"] for row in verifier.cited]
    enqueue(
        KIND,
        workspace_id=escalation.workspace_id,
        payload={"escalation_id": str(escalation.id), "passages": passages},
        queue="answers",
        dedup_key=str(escalation.id),
    )


def run(job: LeasedJob) -> None:
    """Twice is harmless: an entry is known by its question. Without models nothing is kept."""
    from chatbot.answering import models  # loads onnxruntime: never in the worker of escalations

    with workspace_scope(job.workspace_id):
        worth = _worth(job)
    try:
        embedder = models.loaded().embedder if worth else None
    except ModelUnavailable:
        embedder = None
    if worth is None or embedder is None:
        with workspace_scope(job.workspace_id):
            job.complete()
        return
    vector = embedder.encode([worth.kept.question])[0]
    with workspace_scope(job.workspace_id):
        job.complete()
        if _still(worth):
            _write(job.workspace_id, worth, embedder.fingerprint, vector.tolist())
            _trim()


def _worth(job: LeasedJob) -> _Worth | None:
    """None where the answer must not be kept. Needs the scope."""
    rows = Escalation.objects.filter(
        id=job.payload["escalation_id"], state=EscalationState.ANSWERED
    )
    escalation = rows.select_related("turn__conversation").first()
    if escalation is None or not cache.may_be_used(job.workspace_id, escalation.turn_id):
        return None
    turn = escalation.turn
    message = Message.objects.filter(turn=turn, slot=Slot.ANSWER, author=Author.MODEL).first()
    question = question_of(turn.id).strip()
    cited = _cited(escalation, job.payload["passages"])
    if message is None or not cited or not cache_check.is_impersonal(question):
        return None
    if _is_personal(message.text, cited):
        return None
    audiences = audiences_of(turn.conversation)
    live = cached_evidence.live(cached_evidence.rests_on(cited), audiences)
    kept = Kept(question, tuple(sentences_of(message.text)))
    if live is None or not _passes(kept, live, message, job.workspace_id):
        return None
    return _Worth(
        turn_id=turn.id,
        conversation_id=turn.conversation_id,
        message_id=message.id,
        kept=kept,
        rows=live,
        audience=cache.audience_of(audiences),
        model=escalation.model,
        cost_usd=escalation.cost_usd,
    )


def _cited(escalation: Escalation, passages: list[str]) -> list[cached_evidence.Row]:
    rows = {row["passage_id"]: row for row in escalation.evidence}
    return [rows[one] for one in passages if one in rows]


def _is_personal(answer: str, cited: list[cached_evidence.Row]) -> bool:
    """Whether it has a detail that its passages do not have: the company's own address is none."""
    passages = "\n".join(row["text"] for row in cited)
    return any(answer[start:end] not in passages for start, end, _kind in found(answer))


def _passes(
    kept: Kept, rows: list[cached_evidence.Row], message: Message, workspace_id: UUID
) -> bool:
    """Cut anew into sentences and checked anew, it is still the same text."""
    said = cache_check.verified(
        kept, rows, kept.question, about=cache.checked_with(workspace_id, rows)
    )
    return said is not None and said[0] == message.text


def _still(worth: _Worth) -> bool:
    """Whether the turn is there yet, unchanged, and nobody calls its answer wrong.

    Verdicts are given under the same lock, so one comes before the entry or finds it.
    """
    try:
        events.lock(worth.conversation_id)
    except Conversation.DoesNotExist:
        return False
    if not Turn.objects.filter(id=worth.turn_id).exists():
        return False
    return not cached_answers.called_wrong(worth.message_id)


def _write(workspace_id: UUID, worth: _Worth, embedder: str, vector: list[float]) -> None:
    """Of two answers to the same question the one that is written last is kept."""
    words = cache_check.words_of(worth.kept.question)
    now = timezone.now()
    CachedAnswer.objects.update_or_create(
        workspace_id=workspace_id,
        audience=worth.audience,
        embedder=embedder,
        key=hashlib.sha256(words.encode()).hexdigest(),
        defaults={
            "turn_id": worth.turn_id,
            "question": worth.kept.question,
            "vector": vector,
            "sentences": list(worth.kept.sentences),
            "rests_on": cached_evidence.rests_on(worth.rows),
            "model": worth.model,
            "saved_usd": worth.cost_usd,
            "created_at": now,
            "last_used_at": now,
        },
    )


def _trim() -> None:
    """What has expired goes, and beyond the bound what was used longest ago."""
    CachedAnswer.objects.filter(created_at__lt=cached_answers.oldest()).delete()
    newest = CachedAnswer.objects.order_by("-last_used_at", "-id").values_list("id", flat=True)
    beyond = list(newest[settings.LLM_CACHE_ENTRIES :])
    CachedAnswer.objects.filter(id__in=beyond).delete()
