"""Put a conversation off until a time. The visitor's message wakes it, and so does the time."""

from datetime import datetime, timedelta
from uuid import UUID

from django.utils import timezone

from accounts.errors import NotFound
from accounts.models import Member
from accounts.scope import workspace_scope
from chatbot import events, transitions
from chatbot.errors import Invalid
from chatbot.handoff.basis import check_visitor_was_heard
from chatbot.inbox import marks
from chatbot.models import Conversation, Status
from outbox.queue import enqueue

LONGEST = timedelta(days=366)
WAKE = "wake_conversation"


def snooze(
    member: Member, conversation_id: UUID, until: datetime, *, seen_seq: int | None = None
) -> None:
    """Only what this member holds. Raises Invalid for a time that is past or over a year ahead,
    Unseen where the visitor was heard after `seen_seq`.
    """
    now = timezone.now()
    if not now < until <= now + LONGEST:
        raise Invalid("Choose a time ahead, within a year")
    with workspace_scope(member.workspace_id):
        conversation = _conversation(conversation_id)
        check_visitor_was_heard(conversation, seen_seq)
        transitions.apply(
            conversation,
            "snooze",
            actor=transitions.by(member),
            reason="snoozed_by_agent",
            until=until,
        )
        enqueue(
            WAKE,
            workspace_id=member.workspace_id,
            payload={"conversation_id": str(conversation_id), "until": until.isoformat()},
            queue="answers",
            delay_s=(until - now).total_seconds(),
        )


def wake(member: Member, conversation_id: UUID) -> None:
    """Before its time, by who put it off."""
    with workspace_scope(member.workspace_id):
        transitions.apply(
            _conversation(conversation_id),
            "wake",
            actor=transitions.by(member),
            reason="woken_by_agent",
        )


def time_came(conversation_id: UUID, until: datetime) -> None:
    """Wake it if it is still put off until then. Inside the caller's transaction and scope."""
    row = Conversation.objects.select_for_update().filter(id=conversation_id).first()
    if row is None or row.status != Status.SNOOZED or row.snoozed_until != until:
        return
    holder = row.owner_member_id
    transitions.apply(row, "wake", actor=transitions.SYSTEM, reason="time_came")
    if holder:
        marks.forget(row, holder)


def _conversation(conversation_id: UUID) -> Conversation:
    try:
        return events.lock(conversation_id)
    except Conversation.DoesNotExist:
        raise NotFound("no such conversation") from None
