"""Append events to a conversation. The caller holds the conversation's row lock."""

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Subquery
from django.utils import timezone
from psycopg.types.json import Jsonb

from chatbot import broadcast, search_entries, together
from chatbot.models import Author, Conversation, Event, Turn

_COLUMNS = (
    "id", "workspace_id", "conversation_id", "staff_seq", "visitor_seq", "kind", "created_at",
)  # fmt: skip
_COUNTED = ("staff_seq", "visitor_wrote_seq", "changed_at")
_APPEND = """
WITH counted AS (
    UPDATE chatbot_conversation
    SET staff_seq = %(staff_seq)s, visitor_seq = %(seen)s,
        visitor_wrote_seq = %(visitor_wrote_seq)s, changed_at = %(changed_at)s
    WHERE id = %(conversation_id)s
)
INSERT INTO chatbot_event (id, workspace_id, conversation_id, staff_seq, visitor_seq, kind,
                           payload, staff_payload, created_at)
VALUES (%(id)s, %(workspace_id)s, %(conversation_id)s, %(staff_seq)s, %(visitor_seq)s, %(kind)s,
        %(payload)s, %(staff_payload)s, %(created_at)s)
"""


def lock(conversation_id: UUID) -> Conversation:
    """The conversation, locked until the transaction ends. Raises Conversation.DoesNotExist."""
    return together.locked(conversation_id) or Conversation.objects.select_for_update().get(
        id=conversation_id
    )


def lock_of_turn(turn_id: UUID) -> Conversation:
    """As `lock`, in one query of the turn; what is read of the turn afterwards is fresh."""
    of_turn = Turn.objects.filter(id=turn_id).values("conversation_id")
    return Conversation.objects.select_for_update().get(id=Subquery(of_turn))


def lock_free(conversation_ids: Collection[UUID]) -> list[Conversation]:
    """Lock those of them that nobody else has locked, waiting for none; which these are."""
    rows = Conversation.objects.select_for_update(skip_locked=True).filter(id__in=conversation_ids)
    return list(rows.order_by("id"))


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
    event = Event(
        workspace_id=conversation.workspace_id,
        conversation=conversation,
        staff_seq=conversation.staff_seq,
        visitor_seq=conversation.visitor_seq if visitor else None,
        kind=kind,
        payload=dict(payload),
        staff_payload=dict(staff or {}),
        created_at=conversation.changed_at,
    )
    if not together.takes(event, conversation):
        _write(event, conversation)
    search_entries.note(event)
    broadcast.hint_after_commit(conversation.workspace_id, conversation.id)
    return event


def _write(event: Event, conversation: Conversation) -> None:
    """The event and the conversation's counters in one statement."""
    row = {name: getattr(event, name) for name in _COLUMNS}
    row |= {"payload": Jsonb(event.payload), "staff_payload": Jsonb(event.staff_payload)}
    counted = {name: getattr(conversation, name) for name in _COUNTED}
    with connection.cursor() as cursor:
        cursor.execute(_APPEND, row | counted | {"seen": conversation.visitor_seq})
    event._state.adding, event._state.db = False, conversation._state.db


def note_change(conversation_id: UUID) -> None:
    """Something that reports count has changed without an event."""
    Conversation.objects.filter(id=conversation_id).update(changed_at=timezone.now())
