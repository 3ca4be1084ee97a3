"""The transactions of an escalation: begin it, look whether it is still wanted, end it.

The row is the guard against paying twice: it becomes RUNNING in the transaction that also writes
the egress entry, before the call. Who finds it RUNNING at the start of an attempt knows that an
earlier attempt died in the middle, and hands over instead of calling again.

An article may be withdrawn while the question waits or the model writes. So what is to be sent is
looked up before each call, and what an answer cites when it is written down; where nothing of it
stands any more, a person takes over.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.chosen import reading_once
from accounts.models import Workspace
from accounts.scope import workspace_scope
from chatbot import broadcast, handoff, replies, together
from chatbot.answer_rules import rules
from chatbot.answering.contract import ANSWER, HANDOFF, Decision, Evidence
from chatbot.errors import Superseded
from chatbot.escalation import breaker, cache_keeping, passing, permission, prompt, verifying
from chatbot.escalation.accounting import record_escalation
from chatbot.escalation.budget import allowance
from chatbot.escalation.budget_warning import warn_if_due
from chatbot.escalation.cached_evidence import standing, stands
from chatbot.escalation.connections import Connection, connections, leaves
from chatbot.escalation.details import FINDERS
from chatbot.escalation.dialogue import history_before
from chatbot.escalation.hosts import known_hosts
from chatbot.escalation.names import NamesUnavailable
from chatbot.escalation.outcome import GONE, Outcome
from chatbot.escalation.prices import most_cost_usd
from chatbot.escalation.prompt import Prompt
from chatbot.escalation.provider import ProviderFailure
from chatbot.escalation.redaction import LEAVING, Redactor
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

    `places`: in the whole chain. `earlier`: the calls that another worker has made for it.
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
    places: int
    removes: bool
    stands: str
    earlier: tuple[Mapping[str, Any], ...] = ()

    def place_of(self, other: Connection) -> int:
        """Where in the chain one of `others` stands."""
        return self.places - len(self.others) + self.others.index(other)

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
            conversation, turn = current(escalation)
        except Superseded:
            _cancel(job, escalation, kept(escalation))
            return None
        escalation.refresh_from_db()
        try:
            permission.check_may_start(conversation, escalation)
            place, chain = _chosen(escalation.workspace_id, passing.place_of(job))
            if passing.queue_of(chain[place]) != passing.queue_of_job(job):
                if not passing.send(escalation, chain[place], place):
                    raise ProviderFailure("unavailable")
                job.complete()
                return None
            return _start(conversation, turn, escalation, place, chain)
        except (ProviderFailure, NamesUnavailable) as failure:
            _fail(job, conversation, turn, escalation, kept(escalation, failure.code))
            return None


def settle(job: LeasedJob, escalation: Escalation, outcome: Outcome) -> None:
    """End without an answer. Inside the caller's scope."""
    try:
        conversation, turn = current(escalation)
    except Superseded:
        _cancel(job, escalation, outcome)
    else:
        _fail(job, conversation, turn, escalation, outcome)


def kept(escalation: Escalation, failure: str = "") -> Outcome:
    """An end without a further call: what the row holds of those that another worker made.

    All that was reserved stays counted where a call may have died.
    """
    calls = escalation.attempts
    spent = sum(float(one["cost_usd"]) for one in calls)
    return Outcome(
        failure=failure,
        input_tokens=escalation.input_tokens,
        output_tokens=escalation.output_tokens,
        cost_usd=escalation.cost_usd if escalation.started_at else spent,
        attempts=tuple(calls),
    )


def go_on(begun: Begun, to: Connection, spent_usd: float) -> Begun | None:
    """The same question to another model, logged before it leaves. None if nobody waits for it.

    spent_usd: by the calls before. Raises ProviderFailure where it may not be asked any more.
    """
    with workspace_scope(begun.workspace_id):
        rows = Escalation.objects.filter(id=begun.escalation.id, state=EscalationState.RUNNING)
        if not rows.exists():
            return None
        needed = spent_usd + most_cost_usd(to, begun.prompt.text)
        before = begun.escalation.cost_usd
        conversation = begun.escalation.turn.conversation
        allowed = allowance(begun.workspace_id, conversation)
        permission.check_allowed(conversation, allowed, (to,))
        if not stands(begun.escalation.evidence, conversation):
            raise ProviderFailure(GONE)
        if not allowed.holds(needed, reserved_usd=before):
            raise ProviderFailure("budget")
        rows.update(cost_usd=needed, provider=to.vendor_name, model=to.model)
        _log_egress(begun.escalation, to, begun.prompt, begun.redactor)
        begun.escalation.refresh_from_db()
    others = begun.others[begun.others.index(to) + 1 :] if to in begun.others else begun.others
    verifier = begun.verifier.anew()
    return replace(begun, connection=to, others=others, verifier=verifier)


def is_wanted(begun: Begun) -> bool:
    """False once a person took over, or the visitor has written on."""
    return bool(wanted(begun.workspace_id, [begun.escalation.id]))


def wanted(workspace_id: UUID, escalation_ids: Collection[UUID]) -> set[UUID]:
    """Which of them somebody waits for still."""
    with workspace_scope(workspace_id):
        rows = Escalation.objects.filter(id__in=escalation_ids, state=EscalationState.RUNNING)
        return set(rows.values_list("id", flat=True))


def end(job: LeasedJob, begun: Begun, outcome: Outcome) -> None:
    """Answer, hand over, or drop what comes too late, in one transaction."""
    with workspace_scope(job.workspace_id), reading_once():
        end_within(job, begun, outcome)


def end_within(job: LeasedJob, begun: Begun, outcome: Outcome) -> None:
    """As `end`, in the caller's transaction and scope."""
    escalation = begun.escalation
    try:
        conversation, turn = current(escalation)
    except Superseded:
        _cancel(job, escalation, outcome)
        return
    if not outcome.failure and not stands(begun.verifier.cited, conversation):
        outcome = replace(outcome, failure=GONE)
    if outcome.failure:
        _fail(job, conversation, turn, escalation, outcome)
        return
    job.complete()
    slug = Workspace.objects.get(id=job.workspace_id).slug
    citations = tuple(row.as_json() for row in begun.verifier.citations(slug))
    if begun.is_check:
        verifying.conclude(conversation, turn, escalation, outcome, citations=citations)
        _close(escalation, EscalationState.ANSWERED, outcome)
        record_escalation(escalation, outcome, cited=citations)
        return
    reply = replies.Reply(outcome.text, Slot.ANSWER, Author.MODEL, citations)
    message = replies.post_reply(conversation, turn, reply)
    decision = _decision(escalation, outcome, ANSWER, "large_model")
    replies.add_receipt(
        conversation, turn, decision, tier=2, message=message, cost_usd=outcome.cost_usd
    )
    _close(escalation, EscalationState.ANSWERED, outcome)
    record_escalation(escalation, outcome, answered=True, cited=citations)
    cache_keeping.offer(escalation, begun.verifier)


def abandon_check(escalation: Escalation) -> None:
    """No worker could finish it. Needs the scope; twice is harmless."""
    try:
        conversation, turn = current(escalation)
    except Superseded:
        return
    outcome = kept(escalation, "worker_failed")
    _close(escalation, EscalationState.FAILED, outcome)
    record_escalation(escalation, outcome)
    verifying.give_up(conversation, turn, escalation, outcome)


def current(escalation: Escalation) -> tuple[Conversation, Turn]:
    """Lock what waits for it. Raises Superseded where nothing does any more."""
    if escalation.purpose == EscalationPurpose.VERIFY:
        return verifying.pending(escalation)
    return replies.current_turn(
        escalation.turn_id, escalation.turn_revision, state=TurnState.ESCALATED
    )


def _chosen(workspace_id: UUID, first: int) -> tuple[int, tuple[Connection, ...]]:
    """Whom to ask now, by place in the chain, from `first` on. Raises ProviderFailure."""
    chain = connections(workspace_id)
    if not chain:
        raise ProviderFailure("no_provider")
    for at, one in enumerate(chain):
        if at >= first and breaker.of(one).allows():
            return at, chain
    raise ProviderFailure("unavailable")


def _reserve(
    conversation: Conversation, escalation: Escalation, to: Connection, made: Prompt
) -> None:
    """Anew: another model or another price than the request reckoned with, perhaps.

    Raises ProviderFailure.
    """
    needed = kept(escalation).cost_usd + most_cost_usd(to, made.text)
    allowed = allowance(escalation.workspace_id, conversation)
    if not allowed.holds(needed, reserved_usd=escalation.cost_usd):
        raise ProviderFailure("budget")
    escalation.cost_usd = needed


def _start(
    conversation: Conversation,
    turn: Turn,
    escalation: Escalation,
    place: int,
    chain: tuple[Connection, ...],
) -> Begun:
    to = chain[place]
    escalation.evidence = standing(escalation.evidence, conversation)
    if not escalation.evidence:
        raise ProviderFailure(GONE)
    redactor, question = Redactor(LEAVING if leaves(chain) else FINDERS), question_of(turn.id)
    evidence = [_redacted(row, redactor) for row in escalation.evidence]
    history = [(role, redactor.redact(text)) for role, text in history_before(turn)]
    made = prompt.build(evidence, redactor.redact(question), history)
    _reserve(conversation, escalation, to, made)
    _log_egress(escalation, to, made, redactor)
    escalation.state, escalation.started_at = EscalationState.RUNNING, timezone.now()
    escalation.provider, escalation.model = to.vendor_name, to.model
    columns = ["state", "started_at", "provider", "model", "cost_usd", "evidence"]
    escalation.save(update_fields=columns)
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
        others=chain[place + 1 :],
        question=question,
        started_at=escalation.started_at,
        places=len(chain),
        removes=rules().removes,
        stands=verifying.standing(escalation),
        earlier=tuple(escalation.attempts),
    )


def _log_egress(escalation: Escalation, to: Connection, made: Prompt, redactor: Redactor) -> None:
    if to.stays:  # the log is of what left
        return
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
    turn.conversation = conversation
    record_escalation(escalation, outcome, turn=turn)
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
    record_escalation(escalation, outcome)
    if escalation.purpose == EscalationPurpose.ANSWER:
        _drop_draft(escalation.turn.conversation_id, escalation.turn_id)


def _close(escalation: Escalation, state: EscalationState, outcome: Outcome) -> None:
    """Write the state unless the row has an end already, and what the call did cost."""
    cost: dict[str, Any] = {
        "input_tokens": outcome.input_tokens,
        "output_tokens": outcome.output_tokens,
        "cost_usd": outcome.cost_usd,
        "attempts": list(outcome.attempts),
    }
    rows, now = Escalation.objects.filter(id=escalation.id), timezone.now()
    running = rows.filter(state__in=RUNNING_STATES)
    if not running.update(state=state, failure=outcome.failure[:40], ended_at=now, **cost):
        rows.update(**cost)
    if outcome.cost_usd:  # what was free has brought no budget nearer to its end
        warn = partial(warn_if_due, escalation.workspace_id)
        together.at_the_end(warn_if_due, warn)


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
