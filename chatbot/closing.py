"""Conversations that end by themselves: the visitor says that it is solved, or nobody says more.

By silence only what the bot has, and only after its word: whoever waits for an answer is never
closed on. How long is read in each step, so a change of the setting holds at once.
"""

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import OuterRef, Subquery
from django.utils import timezone

from accounts.models import WorkspaceSettings
from accounts.scope import workspace_scope
from chatbot import transitions
from chatbot.access import own_conversation
from chatbot.errors import Conflict
from chatbot.models import Author, Conversation, Message, Owner, Status, Turn, TurnState
from outbox.queue import LeasedJob, enqueue

KIND, QUEUE = "close_silent", "knowledge"
STEP = 100
WAITING = (TurnState.OPEN, TurnState.ESCALATED)


def solved(workspace_id: UUID, conversation_id: UUID, contact_id: UUID) -> None:
    """The visitor says that it is solved. Harmless where it is closed already."""
    with workspace_scope(workspace_id):
        conversation = own_conversation(conversation_id, contact_id)
        if conversation.status != Status.RESOLVED:
            transitions.apply(
                conversation, "resolve", actor=transitions.VISITOR, reason="resolved_by_visitor"
            )


def silence_hours() -> int | None:
    """Of the scope's workspace; None closes nothing."""
    return WorkspaceSettings.objects.values_list("close_after_hours", flat=True).first()


def step(job: LeasedJob) -> int:
    """Close some that are silent, and ask for the next step; how many there were."""
    with workspace_scope(job.workspace_id):
        job.complete()
        hours = silence_hours()
        if hours is None:
            return 0
        cutoff = timezone.now() - timedelta(hours=hours)
        closed = sum(_close(one, cutoff) for one in _silent(cutoff))
        if closed == STEP:
            enqueue(KIND, workspace_id=job.workspace_id, payload={}, queue=QUEUE)
    return closed


def _silent(cutoff: datetime) -> list[UUID]:
    """With the bot, nothing owed, and the last word not the visitor's."""
    newest = Message.objects.filter(conversation=OuterRef("id")).order_by("-created_at", "-id")
    rows = (
        Conversation.objects.filter(
            owner=Owner.BOT,
            status=Status.OPEN,
            merged_into__isnull=True,
            last_message_at__lt=cutoff,
        )
        .exclude(id__in=Turn.objects.filter(state__in=WAITING).values("conversation_id"))
        .annotate(last_word=Subquery(newest.values("author")[:1]))
        .exclude(last_word=Author.VISITOR)
    )
    return list(rows.order_by("last_message_at").values_list("id", flat=True)[:STEP])


def _close(conversation_id: UUID, cutoff: datetime) -> bool:
    """Under its lock, if it is still silent. One that is locked is not: somebody is at it."""
    rows = Conversation.objects.select_for_update(skip_locked=True)
    conversation = rows.filter(id=conversation_id, last_message_at__lt=cutoff).first()
    if conversation is None or conversation.owner != Owner.BOT:
        return False
    if Turn.objects.filter(conversation=conversation, state__in=WAITING).exists():
        return False
    try:
        transitions.apply(
            conversation, "resolve", actor=transitions.SYSTEM, reason="resolved_by_silence"
        )
    except Conflict:
        return False
    return True
