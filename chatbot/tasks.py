"""Handlers of the outbox jobs that belong to conversations. Load by id, call, record."""

from dataclasses import replace
from uuid import UUID

from django.utils import timezone

from accounts.scope import workspace_scope
from chatbot import events, handoff, phrases, replies, shadowing
from chatbot.answering.contract import (
    ANSWER,
    CLARIFY,
    ESCALATE,
    HANDOFF,
    SMALLTALK,
    AnswerRequest,
    Decision,
)
from chatbot.errors import Superseded
from chatbot.escalation.request import request_escalation
from chatbot.escalation.work import run_escalation
from chatbot.models import (
    Author,
    Escalation,
    Owner,
    Receipt,
    Slot,
    Status,
    Turn,
    TurnState,
)
from chatbot.sampling import draw_for_audit
from chatbot.shadowing import ask_shadow
from chatbot.turns import history_of, question_of
from knowledge.retrieval import Filters, still_published
from outbox.queue import LeasedJob
from outbox.registry import async_handler, handler

ANSWER_DEADLINE_S = 60.0


def hand_over_turn(job: LeasedJob) -> None:
    """The last resort of a turn that no worker could finish: a person. Runs in a scope.

    A turn that was extended meanwhile has a younger job, which answers it or comes here too.
    """
    turn_id, revision = UUID(job.payload["turn_id"]), int(job.payload["revision"])
    _hand_over(turn_id, revision, TurnState.OPEN)


def hand_over_escalation(job: LeasedJob) -> None:
    """An escalation that no worker could finish. Runs in a scope."""
    escalation = Escalation.objects.filter(id=job.payload["escalation_id"]).first()
    if escalation:
        _hand_over(escalation.turn_id, escalation.turn_revision, TurnState.ESCALATED)


def _hand_over(turn_id: UUID, revision: int, state: TurnState) -> None:
    try:
        conversation, turn = replies.current_turn(turn_id, revision, state=state)
    except Superseded:
        return
    handoff.request(conversation, reason="worker_failed", turn=turn)


@handler("answer_turn", lease_s=20.0, max_attempts=3, on_dead=hand_over_turn)
def answer_turn(job: LeasedJob) -> None:
    """Tier 0 and 1 for one turn as it stands."""
    from chatbot.answering.pipeline import answer

    turn_id, revision = UUID(job.payload["turn_id"]), int(job.payload["revision"])
    request = _request_for(job, turn_id, revision)
    if request is None:
        return
    overdue = (timezone.now() - job.created_at).total_seconds() > ANSWER_DEADLINE_S
    decision = Decision(HANDOFF, "timeout", 0.0) if overdue else answer(request)
    _record(job, turn_id, revision, decision)


def _request_for(job: LeasedJob, turn_id: UUID, revision: int) -> AnswerRequest | None:
    """Load what the pipeline needs; None (and the job done) if the turn has moved on."""
    with workspace_scope(job.workspace_id):
        turn = Turn.objects.select_related("conversation").filter(id=turn_id).first()
        if (
            turn is None
            or turn.revision != revision
            or turn.state != TurnState.OPEN
            or turn.conversation.owner != Owner.BOT
            or turn.conversation.status != Status.OPEN
        ):
            job.complete()
            return None
        return AnswerRequest(
            workspace_id=job.workspace_id,
            question=question_of(turn_id),
            history=history_of(turn),
            language=turn.conversation.language,
            conversation_id=turn.conversation_id,
        )


def as_published_now(decision: Decision) -> Decision:
    """Without evidence that was withdrawn meanwhile; a text made of it is none any more."""
    ids = [UUID(row.passage_id) for row in decision.evidence]
    published = still_published(ids, filters=Filters()) if ids else set()
    kept = tuple(row for row in decision.evidence if UUID(row.passage_id) in published)
    if decision.kind not in {ANSWER, ESCALATE} or kept[:1] == decision.evidence[:1]:
        return replace(decision, evidence=kept)
    reason = "revision_gone" if decision.kind == ANSWER else decision.reason
    return replace(decision, kind=ESCALATE, reason=reason, text="", citations=(), evidence=kept)


def _record(job: LeasedJob, turn_id: UUID, revision: int, decision: Decision) -> None:
    """One transaction: lock again, check again, write. A superseded result is dropped."""
    with workspace_scope(job.workspace_id):
        job.complete()
        try:
            conversation, turn = replies.current_turn(turn_id, revision, state=TurnState.OPEN)
        except Superseded:
            return
        decision = as_published_now(decision)
        if decision.kind in {ANSWER, CLARIFY, SMALLTALK}:
            slot = Slot.CLARIFY if decision.kind == CLARIFY else Slot.ANSWER
            citations = tuple(citation.as_json() for citation in decision.citations)
            message = replies.post_reply(
                conversation, turn, replies.Reply(decision.text, slot, Author.BOT, citations)
            )
            tier = 0 if decision.kind == SMALLTALK else 1
            receipt = replies.add_receipt(conversation, turn, decision, tier=tier, message=message)
            _compare(receipt)
            return
        _compare(replies.add_receipt(conversation, turn, decision, tier=1))
        if decision.kind == ESCALATE:
            refused = request_escalation(conversation, turn, decision)
            if refused is None:
                text = phrases.fixed(conversation.language, "escalation")
                payload = {"turn_id": str(turn.id), "text": text}
                events.append(conversation, "escalation.started", payload)
                return
            decision = replace(decision, reason=refused)
        handoff.request(conversation, reason=decision.reason, turn=turn)


def _compare(receipt: Receipt) -> None:
    """What a person, and a version on trial, say of the same."""
    draw_for_audit(receipt)
    ask_shadow(receipt)


@handler(shadowing.KIND, lease_s=30.0, max_attempts=2)
def shadow_turn(job: LeasedJob) -> None:
    """Off the visitor's path."""
    shadowing.run(job)


async_handler("escalate", lease_s=30.0, max_attempts=2, on_dead=hand_over_escalation)(
    run_escalation
)
