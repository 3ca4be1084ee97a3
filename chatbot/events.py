"""Append events to a conversation. The caller holds the conversation's row lock."""

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from django.db.models import Subquery
from django.utils import timezone

from chatbot import broadcast, search_entries
from chatbot.models import Author, Conversation, Event, Turn


def lock(conversation_id: UUID) -> Conversation:
    """The conversation, locked until the transaction ends. Raises Conversation.DoesNotExist."""
    return Conversation.objects.select_for_update().get(id=conversation_id)


def lock_of_turn(turn_id: UUID) -> Conversation:
    """As `lock`, in one query of the turn; what is read of the turn afterwards is fresh."""
    of_turn = Turn.objects.filter(id=turn_id).values("conversation_id")
    return Conversation.objects.select_for_update().get(id=Subquery(of_turn))


def lock_free(conversation_ids: Collection[UUID]) -> set[UUID]:
    """Lock those of them that nobody else has locked, waiting for none; which these are."""
    rows = Conversation.objects.select_for_update(skip_locked=True).filter(id__in=conversation_ids)
    return set(rows.order_by("id").values_list("id", flat=True))


def append(
    conversation: Conversation,
    kind: str,
    payload: Mapping[str, Any],
    *,
    visitor: bool = True,
    staff: Mapping[str, Any] | None = None,
) -> Event:
    """Number and store one event; sockets get a hint after commit.

    `payload` is what the visitor may see, `staff` what only members may see in addition; with
    `visitor=False` the visitor sees nothing of it.
    """
    conversation.staff_seq += 1
    if visitor:
        conversation.visitor_seq += 1
    conversation.changed_at = timezone.now()
    if kind == "message.posted" and payload.get("author") == Author.VISITOR:
        conversation.visitor_wrote_seq = conversation.staff_seq
    counted = ["staff_seq", "visitor_seq", "visitor_wrote_seq", "changed_at"]
    conversation.save(update_fields=counted)
    event = Event.objects.create(
        workspace_id=conversation.workspace_id,
        conversation=conversation,
        staff_seq=conversation.staff_seq,
        visitor_seq=conversation.visitor_seq if visitor else None,
        kind=kind,
        payload=dict(payload),
        staff_payload=dict(staff or {}),
    )
    search_entries.note(event)
    broadcast.hint_after_commit(conversation.workspace_id, conversation.id)
    return event


def note_change(conversation_id: UUID) -> None:
    """Something that reports count has changed without an event."""
    Conversation.objects.filter(id=conversation_id).update(changed_at=timezone.now())
