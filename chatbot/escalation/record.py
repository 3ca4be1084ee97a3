"""The transactions of an escalation: begin it, look whether it is still wanted, end it.

The row is the guard against paying twice: it becomes RUNNING in the transaction that also writes
the egress entry, before the call. Who finds it RUNNING at the start of an attempt knows that an
earlier attempt died in the middle, and hands over instead of calling again.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.models import Workspace
from accounts.scope import workspace_scope
from chatbot import broadcast, handoff, replies
from chatbot.answer_rules import rules
from chatbot.answering.contract import ANSWER, HANDOFF, Decision, Evidence
from chatbot.errors import Superseded
from chatbot.escalation import breaker, consent, prompt, verifying
from chatbot.escalation.budget import allowance
from chatbot.escalation.connections import Connection, connections
from chatbot.escalation.dialogue import history_before
from chatbot.escalation.hosts import known_hosts
from chatbot.escalation.outcome import Outcome
from chatbot.escalation.prices import most_cost_usd
from chatbot.escalation.prompt import Prompt
from chatbot.escalation.provider import ProviderFailure
from chatbot.escalation.redaction import Redactor
from chatbot.escalation.verification import Verifier
from chatbot.models import (
    Author,
    Conversation,
    EgressEntry,
    Escalation,
    EscalationPurpose,
    EscalationState,
    Slot,
    Turn,
    TurnState,
)
from chatbot.turns import question_of
from outbox.queue import LeasedJob

RUNNING_STATES = [EscalationState.REQUESTED, EscalationState.RUNNING]


@dataclass(frozen=True)
class Begun:
    """An escalation that this attempt may call a model for. `others`: whom to ask after it.

    `removes`: sentences without support may be left out of the answer. `stands`: what tier 1 has
    said already, where that is to be checked.
    """

    workspace_id: UUID
    conversation_id: UUID
    escalation: Escalation
    prompt: Prompt
    redactor: Redactor
    verifier: Verifier
    connection: Connection
    others: tuple[Connection, ...]
    question: str
    started_at: datetime
    removes: bool
    stands: str

    @property
    def is_check(self) -> bool:
        """Whether an answer that stands already is checked."""
        return self.escalation.purpose == EscalationPurpose.VERIFY


def begin(job: LeasedJob) -> Begun | None:
    """Claim the row and log what will leave. None if there is nothing to call; the job is done."""
    with workspace_scope(job.workspace_id):
        escalation = Escalation.objects.filter(id=job.payload["escalation_id"]).first()
        if escalation is None:
            job.complete()
            return None
        try:
            conversation, turn = _current(escalation)
        except Superseded:
            _cancel(job, escalation, Outcome(cost_usd=_unspent(escalation)))
            return None
        escalation.refresh_from_db()
        try:
            _check_may_start(conversation, escalation)
            return _start(conversation, turn, escalation)
        except ProviderFailure as failure:
            outcome = Outcome(failure=failure.code, cost_usd=_unspent(escalation))
            _fail(job, conversation, turn, escalation, outcome)
            return None


def go_on(begun: Begun, to: Connection, spent_usd: float) -> Begun | None:
    """The same question to another model, logged before it leaves. None if nobody waits for it.

    spent_usd: by the calls before. Raises ProviderFailure (budget).
    """
    with workspace_scope(begun.workspace_id):
        rows = Escalation.objects.filter(id=begun.escalation.id, state=EscalationState.RUNNING)
        if not rows.exists():
            return None
        needed = spent_usd + most_cost_usd(to, len(begun.prompt.text))
        before = begun.escalation.cost_usd
        if allowance(begun.workspace_id).left_usd + before < needed:
            raise ProviderFailure("budget")
        rows.update(cost_usd=needed, provider=to.vendor_name, model=to.model)
        _log_egress(begun.escalation, to, begun.prompt, begun.redactor)
        begun.escalation.refresh_from_db()
    others = begun.others[begun.others.index(to) + 1 :] if to in begun.others else begun.others
    verifier = begun.verifier.anew()
    return replace(begun, connection=to, others=others, verifier=verifier)


def is_wanted(begun: Begun) -> bool:
    """False once a person took over, or the visitor has written on."""
    with workspace_scope(begun.workspace_id):
        running = Escalation.objects.filter(id=begun.escalation.id, state=EscalationState.RUNNING)
        return running.exists()


def end(job: LeasedJob, begun: Begun, outcome: Outcome) -> None:
    """Answer, hand over, or drop what comes too late, in one transaction."""
    escalation = begun.escalation
    with workspace_scope(job.workspace_id):
        try:
            conversation, turn = _current(escalation)
        except Superseded:
            _cancel(job, escalation, outcome)
            return
        if outcome.failure:
            _fail(job, conversation, turn, escalation, outcome)
            return
        job.complete()
        slug = Workspace.objects.get(id=job.workspace_id).slug
        citations = tuple(row.as_json() for row in begun.verifier.citations(slug))
        if begun.is_check:
            verifying.conclude(conversation, turn, escalation, outcome, citations=citations)
            _close(escalation, EscalationState.ANSWERED, outcome)
            return
        reply = replies.Reply(outcome.text, Slot.ANSWER, Author.MODEL, citations)
        message = replies.post_reply(conversation, turn, reply)
        decision = _decision(escalation, outcome, ANSWER, "large_model")
        replies.add_receipt(
            conversation, turn, decision, tier=2, message=message, cost_usd=outcome.cost_usd
        )
        _close(escalation, EscalationState.ANSWERED, outcome)


def abandon_check(escalation: Escalation) -> None:
    """No worker could finish it. Needs the scope; twice is harmless."""
    try:
        conversation, turn = _current(escalation)
    except Superseded:
        return
    outcome = Outcome(failure="worker_failed", cost_usd=_unspent(escalation))
    _close(escalation, EscalationState.FAILED, outcome)
    verifying.give_up(conversation, turn, escalation, outcome)


def _current(escalation: Escalation) -> tuple[Conversation, Turn]:
    if escalation.purpose == EscalationPurpose.VERIFY:
        return verifying.pending(escalation)
    return replies.current_turn(
        escalation.turn_id, escalation.turn_revision, state=TurnState.ESCALATED
    )


def _unspent(escalation: Escalation) -> float:
    """What a row keeps that ends without a call: nothing, or all where a call may have died."""
    return escalation.cost_usd if escalation.started_at else 0.0


def _check_may_start(conversation: Conversation, escalation: Escalation) -> None:
    """What was true at the request may have changed. Raises ProviderFailure."""
    if escalation.state != EscalationState.REQUESTED:
        raise ProviderFailure("worker_failed")
    if (timezone.now() - escalation.requested_at).total_seconds() > settings.LLM_TIMEOUT_S:
        raise ProviderFailure("timeout")
    allowed = allowance(escalation.workspace_id)
    if not allowed.allowed:
        raise ProviderFailure("not_allowed")
    if allowed.left_usd < 0:
        raise ProviderFailure("budget")
    if consent.missing(conversation):
        raise ProviderFailure("no_consent")


def _chosen(workspace_id: UUID) -> tuple[Connection, tuple[Connection, ...]]:
    """Whom to ask now, and whom after. Raises ProviderFailure."""
    chain = connections(workspace_id)
    if not chain:
        raise ProviderFailure("no_provider")
    for at, one in enumerate(chain):
        if breaker.of(one).allows():
            return one, chain[at + 1 :]
    raise ProviderFailure("unavailable")


def _start(conversation: Conversation, turn: Turn, escalation: Escalation) -> Begun:
    to, others = _chosen(escalation.workspace_id)
    redactor, question = Redactor(), question_of(turn.id)
    evidence = [_redacted(row, redactor) for row in escalation.evidence]
    history = [(role, redactor.redact(text)) for role, text in history_before(turn)]
    made = prompt.build(evidence, redactor.redact(question), history)
    _log_egress(escalation, to, made, redactor)
    escalation.state, escalation.started_at = EscalationState.RUNNING, timezone.now()
    escalation.provider, escalation.model = to.vendor_name, to.model
    escalation.save(update_fields=["state", "started_at", "provider", "model"])
    return Begun(
        workspace_id=escalation.workspace_id,
        conversation_id=conversation.id,
        escalation=escalation,
        prompt=made,
        redactor=redactor,
        verifier=Verifier(
            escalation.evidence,
            question,
            hosts=known_hosts(escalation.workspace_id, escalation.evidence),
        ),
        connection=to,
        others=others,
        question=question,
        started_at=escalation.started_at,
        removes=rules().removes,
        stands=verifying.standing(escalation),
    )


def _log_egress(escalation: Escalation, to: Connection, made: Prompt, redactor: Redactor) -> None:
    EgressEntry.objects.create(
        workspace_id=escalation.workspace_id,
        escalation=escalation,
        destination=to.destination,
        purpose=escalation.purpose,
        redacted_text=made.text,
        redactions=redactor.counts,
    )


def _redacted(row: dict[str, Any], redactor: Redactor) -> dict[str, Any]:
    return row | {
        "title": redactor.redact(row["title"]),
        "heading_path": [redactor.redact(heading) for heading in row["heading_path"]],
        "text": redactor.redact(row["text"]),
    }


def _fail(
    job: LeasedJob,
    conversation: Conversation,
    turn: Turn,
    escalation: Escalation,
    outcome: Outcome,
) -> None:
    """Record the failure, and hand over. The row is closed first, else it would be cancelled."""
    job.complete()
    _close(escalation, EscalationState.FAILED, outcome)
    if escalation.purpose == EscalationPurpose.VERIFY:
        verifying.give_up(conversation, turn, escalation, outcome)
        return
    decision = _decision(escalation, outcome, HANDOFF, outcome.handoff_reason)
    replies.add_receipt(conversation, turn, decision, tier=2, cost_usd=outcome.cost_usd)
    handoff.request(conversation, reason=outcome.handoff_reason, turn=turn)
    _drop_draft(conversation.id, turn.id)


def _cancel(job: LeasedJob, escalation: Escalation, outcome: Outcome) -> None:
    job.complete()
    _close(escalation, EscalationState.CANCELLED, outcome)
    if escalation.purpose == EscalationPurpose.ANSWER:
        _drop_draft(escalation.turn.conversation_id, escalation.turn_id)


def _close(escalation: Escalation, state: EscalationState, outcome: Outcome) -> None:
    """Write the state unless the row has an end already, and what the call did cost."""
    rows = Escalation.objects.filter(id=escalation.id)
    rows.filter(state__in=RUNNING_STATES).update(
        state=state, failure=outcome.failure[:40], ended_at=timezone.now()
    )
    rows.update(
        input_tokens=outcome.input_tokens,
        output_tokens=outcome.output_tokens,
        cost_usd=outcome.cost_usd,
        attempts=list(outcome.attempts),
    )


def _drop_draft(conversation_id: UUID, turn_id: UUID) -> None:
    frame = {"type": "draft.dropped", "turn_id": str(turn_id)}
    transaction.on_commit(lambda: broadcast.transient(conversation_id, frame))


def _decision(escalation: Escalation, outcome: Outcome, kind: str, reason: str) -> Decision:
    rows = (row | {"heading_path": tuple(row["heading_path"])} for row in escalation.evidence)
    weakest = outcome.weakest
    return Decision(
        kind,
        reason,
        weakest.support if weakest else 0.0,
        evidence=tuple(Evidence(**row) for row in rows),
        threshold=weakest.threshold if weakest else None,
        features={"sentences": float(len(outcome.said)), "removed": float(outcome.removed)},
        stages_ms=outcome.stages_ms,
        models_version=escalation.model[:80],
    )
