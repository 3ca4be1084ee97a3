"""Visitors who leave while they wait: their conversation ends, so that no agent takes up a line to
nobody. Whoever left an address is answered by mail and is waited for; so is who writes through the
API, whose presence nobody sees.
"""

from datetime import datetime, timedelta
from uuid import UUID

from django.utils import timezone

from accounts.scope import workspace_scope
from chatbot import hours, presence, transitions
from chatbot.models import Conversation, DeskRules, Owner, Placement, ReplyMail

EVERY = timedelta(seconds=10)  # more often a visitor's presence is not written
REASON = "visitor_left"


def visitor_here(workspace_id: UUID, conversation_id: UUID) -> None:
    """The visitor's window is open: said while they wait, again and again."""
    now = timezone.now()
    with workspace_scope(workspace_id):
        Placement.objects.filter(
            conversation_id=conversation_id, visitor_seen_at__lt=now - EVERY
        ).update(visitor_seen_at=now)


def end_if_left(
    conversation: Conversation, place: Placement, rules: DeskRules, now: datetime
) -> bool:
    """Resolve it if nobody has waited for so many minutes of business hours; whether it was.

    Under the conversation's lock. Only from the queue: the table of transitions has no such row
    for what an agent holds.
    """
    seen, minutes = place.visitor_seen_at, rules.visitor_left_min
    if conversation.owner != Owner.QUEUE or seen is None or minutes is None:
        return False
    if ReplyMail.objects.filter(conversation=conversation).exists():
        return False
    if now < hours.add_open(presence.business_hours(), seen, minutes * 60):
        return False
    transitions.apply(conversation, REASON, actor=transitions.SYSTEM)
    return True
