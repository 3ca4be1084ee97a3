"""Handlers of the outbox jobs that belong to conversations. Load by id, call, record."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.utils import timezone

from accounts.scope import workspace_scope
from chatbot import (
    attachments,
    closing,
    colleagues,
    costing,
    events,
    handoff,
    mailing,
    replies,
    reply_mail,
    shadowing,
    transcript_mail,
    voices,
)
from chatbot.answering.contract import (
    ANSWER,
    CLARIFY,
    COMPACT_OFF,
    DECLINE,
    ESCALATE,
    HANDOFF,
    SMALLTALK,
    AnswerRequest,
    Decision,
)
from chatbot.asking import audiences_of, request_of
from chatbot.assist import jobs as assist_jobs
from chatbot.assist import looking_up
from chatbot.errors import Superseded
from chatbot.escalation import (
    budget_warning,
    cache,
    cache_keeping,
    consent,
    handing_on,
    passing,
    record,
    trial,
    verifying,
)
from chatbot.escalation.request import request_escalation
from chatbot.escalation.work import run_escalation
from chatbot.handoff import colleague
from chatbot.inbox import snoozing
from chatbot.models import (
    Author,
    Channel,
    Conversation,
    Escalation,
    EscalationPurpose,
    Owner,
    Receipt,
    Slot,
    Status,
    Turn,
    TurnState,
)
from chatbot.queues import attending, guarding
from chatbot.sampling import draw_for_audit
from chatbot.shadowing import ask_shadow
from knowledge.retrieval import Filters, still_published
from outbox.queue import LeasedJob
from outbox.registry import async_handler, handler

ANSWER_DEADLINE_S = 60.0
NOBODY_ELSE = {"no_provider", "not_allowed"}  # no large model: then the compact one is the reason


def hand_over_turn(job: LeasedJob) -> None:
    """The last resort of a turn that no worker could finish: a person. Runs in a scope.

    A turn that was extended meanwhile has a younger job, which answers it or comes here too.
    """
    turn_id, revision = UUID(job.payload["turn_id"]), int(job.payload["revision"])
    _hand_over(turn_id, revision, TurnState.OPEN)


def hand_over_escalation(job: LeasedJob) -> None:
    """An escalation that no worker could finish. Runs in a scope."""
    escalation = Escalation.objects.filter(id=job.payload["escalation_id"]).first()
    if escalation and escalation.purpose == EscalationPurpose.VERIFY:
        record.abandon_check(escalation)
    elif escalation:
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
    if _is_unsafe(job, request.question):
        _record(job, turn_id, revision, Decision(HANDOFF, guarding.UNSAFE, 0.0))
        return
    overdue = (timezone.now() - job.created_at).total_seconds() > ANSWER_DEADLINE_S
    if overdue:
        _record(job, turn_id, revision, Decision(HANDOFF, "timeout", 0.0))
        return
    decision = costing.measured(answer, request)
    decision, hit = costing.measured_lookup(request, decision, turn_id)
    _record(job, turn_id, revision, decision, hit=hit)


def _is_unsafe(job: LeasedJob, question: str) -> bool:
    with workspace_scope(job.workspace_id):
        return guarding.is_unsafe(question)


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
        return request_of(turn)


def as_published_now(decision: Decision, *, audiences: tuple[str, ...] = ("public",)) -> Decision:
    """Without evidence that was withdrawn meanwhile; a text made of it is none any more.

    Nor is a clarifying question with fewer than two options left.
    """
    found = [row.passage_id for row in decision.evidence]
    ids = [UUID(one) for one in [*found, *(row.passage_id for row in decision.options)]]
    published = still_published(ids, filters=Filters(audiences)) if ids else set()
    kept = tuple(row for row in decision.evidence if UUID(row.passage_id) in published)
    options = tuple(row for row in decision.options if UUID(row.passage_id) in published)
    if decision.kind == CLARIFY and len(options) < 2:
        decision = replace(decision, kind=ESCALATE, reason="revision_gone", options=())
    decision = replace(decision, options=options if decision.kind == CLARIFY else ())
    if decision.kind == SMALLTALK or kept[:1] == decision.evidence[:1]:
        return replace(decision, evidence=kept)
    decision = replace(decision, text="", citations=(), evidence=kept)
    if decision.kind == ANSWER:
        return replace(decision, kind=ESCALATE, reason="revision_gone")
    return decision


def _record(
    job: LeasedJob,
    turn_id: UUID,
    revision: int,
    decision: Decision,
    *,
    hit: cache.Hit | None = None,
) -> None:
    """One transaction: lock again, check again, write. A superseded result is dropped."""
    with workspace_scope(job.workspace_id):
        job.complete()
        try:
            conversation, turn = replies.current_turn(turn_id, revision, state=TurnState.OPEN)
        except Superseded:
            return
        audiences = audiences_of(conversation)
        decision = as_published_now(decision, audiences=audiences)
        if decision.kind in {ANSWER, CLARIFY, DECLINE, SMALLTALK}:
            costing.record_decision(conversation, turn, decision)
            message = replies.post_reply(conversation, turn, _reply(conversation, decision))
            tier = 0 if decision.kind == SMALLTALK else 1
            receipt = replies.add_receipt(conversation, turn, decision, tier=tier, message=message)
            _compare(receipt)
            return
        if hit is None and decision.provisional and decision.text:
            given = verifying.answer_at_once(conversation, turn, decision)
            if given:
                costing.record_decision(conversation, turn, replace(decision, kind=ANSWER))
                _compare(given)
                return
        costing.record_decision(conversation, turn, decision)
        _compare(replies.add_receipt(conversation, turn, decision, tier=1))
        if hit and cache.give(conversation, turn, hit, audiences=audiences):
            costing.record_hit(conversation, turn, hit.decision)
            return
        if decision.kind == ESCALATE:
            refused = request_escalation(conversation, turn, decision)
            if refused == consent.ASK:
                consent.ask(conversation, turn)
                return
            if refused is None:
                text = voices.voice().says(conversation.language, "escalation")
                payload = {"turn_id": str(turn.id), "text": text}
                events.append(conversation, "escalation.started", payload)
                return
            if decision.reason != COMPACT_OFF or refused not in NOBODY_ELSE:
                decision = replace(decision, reason=refused)
        handoff.request(conversation, reason=decision.reason, turn=turn)


def _reply(conversation: Conversation, decision: Decision) -> replies.Reply:
    voice = voices.voice()
    if decision.kind == CLARIFY:
        text = voice.says(conversation.language, "clarify")
        if conversation.channel != Channel.WIDGET:  # other clients may know no quick replies
            rows = enumerate(decision.options, start=1)
            text = "\n".join([text, "", *(f"{number}. {row.label}" for number, row in rows)])
        return replies.Reply(text, Slot.CLARIFY, Author.BOT, options=decision.options)
    if decision.kind == DECLINE:
        text = voice.says(conversation.language, decision.reason)
        return replies.Reply(text, Slot.ANSWER, Author.BOT)
    citations = tuple(citation.as_json() for citation in decision.citations)
    return replies.Reply(decision.text, Slot.ANSWER, Author.BOT, citations)


def _compare(receipt: Receipt) -> None:
    """What a person, and a version on trial, say of the same."""
    draw_for_audit(receipt)
    ask_shadow(receipt)


@handler(shadowing.KIND, lease_s=30.0, max_attempts=2)
def shadow_turn(job: LeasedJob) -> None:
    """Off the visitor's path."""
    shadowing.run(job)


@handler(snoozing.WAKE, lease_s=30.0, max_attempts=10)
def wake_conversation(job: LeasedJob) -> None:
    """Its time has come, unless it was woken or put off anew meanwhile."""
    with workspace_scope(job.workspace_id):
        until = datetime.fromisoformat(job.payload["until"])
        snoozing.time_came(UUID(job.payload["conversation_id"]), until)
        job.complete()


handler(attending.KIND, lease_s=30.0, max_attempts=3)(attending.work)
handler(colleague.KIND, lease_s=20.0, max_attempts=5)(colleagues.expire)
handler(assist_jobs.KIND, lease_s=30.0, max_attempts=2)(assist_jobs.run)
handler(looking_up.KIND, lease_s=30.0, max_attempts=2, on_dead=looking_up.gave_up)(looking_up.run)
handler(cache_keeping.KIND, lease_s=30.0, max_attempts=3)(cache_keeping.run)
async_handler(passing.KIND, lease_s=30.0, max_attempts=2, on_dead=hand_over_escalation)(
    run_escalation
)
handler(passing.WAIT, lease_s=30.0, max_attempts=3, on_dead=hand_over_escalation)(
    handing_on.wait_over
)
async_handler(trial.KIND, lease_s=30.0, max_attempts=2, on_dead=trial.gave_up)(trial.run)


@handler(closing.KIND, lease_s=60.0)
def close_silent(job: LeasedJob) -> None:
    """One step; the next one is asked for in its transaction."""
    closing.step(job)


@handler(attachments.FORGET, lease_s=60.0, max_attempts=10)
def forget_files(job: LeasedJob) -> None:
    """Of conversations that were erased, and of files that were never sent."""
    attachments.remove(job)


@handler(attachments.SWEEP, lease_s=60.0)
def forget_unsent_files(job: LeasedJob) -> None:
    attachments.forget_unsent(job)


@handler(reply_mail.KIND, lease_s=60.0, max_attempts=mailing.ATTEMPTS, on_dead=reply_mail.failed)
def mail_reply(job: LeasedJob) -> None:
    """An agent's words, to the address that the visitor left."""
    reply_mail.send(job)


@handler(budget_warning.KIND, lease_s=60.0, max_attempts=mailing.ATTEMPTS)
def mail_budget_warning(job: LeasedJob) -> None:
    """To an administrator."""
    budget_warning.send(job)


@handler(
    transcript_mail.CONFIRM,
    lease_s=60.0,
    max_attempts=mailing.ATTEMPTS,
    on_dead=transcript_mail.failed,
)
def mail_confirmation(job: LeasedJob) -> None:
    """A link, to an address that was typed."""
    transcript_mail.send_link(job)


@handler(
    transcript_mail.SEND,
    lease_s=60.0,
    max_attempts=mailing.ATTEMPTS,
    on_dead=transcript_mail.failed,
)
def mail_transcript(job: LeasedJob) -> None:
    """To an address that was signed, or confirmed by its reader."""
    transcript_mail.send(job)
