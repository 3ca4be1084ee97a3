"""Read what sockets and REST show: events after a number, and the desk's lists."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from accounts.errors import NotFound
from accounts.models import Member
from accounts.scope import workspace_scope
from chatbot import previews
from chatbot.models import Conversation, Event, Handoff, Owner, Status
from chatbot.queues.shown import places

EVENTS_PAGE = 500
LIST_LENGTH = 100
PREVIEW = 160  # characters of the last message


def visitor_events(workspace_id: UUID, conversation_id: UUID, after: int) -> list[dict[str, Any]]:
    """Event frames that the visitor may see, after this number, oldest first."""
    with workspace_scope(workspace_id):
        rows = Event.objects.filter(
            conversation_id=conversation_id, visitor_seq__gt=after
        ).order_by("visitor_seq")[:EVENTS_PAGE]
        return [_frame(row, row.visitor_seq or 0) for row in rows]


def staff_events(workspace_id: UUID, conversation_id: UUID, after: int) -> list[dict[str, Any]]:
    """All event frames after this number, with what only members may see."""
    with workspace_scope(workspace_id):
        rows = Event.objects.filter(conversation_id=conversation_id, staff_seq__gt=after).order_by(
            "staff_seq"
        )[:EVENTS_PAGE]
        return [
            _frame(row, row.staff_seq)
            | {"staff_payload": row.staff_payload, "conversation_id": str(conversation_id)}
            for row in rows
        ]


def _frame(row: Event, seq: int) -> dict[str, Any]:
    return {
        "type": "event",
        "seq": seq,
        "kind": row.kind,
        "payload": row.payload,
        "created_at": row.created_at.isoformat(),
    }


def conversation_state(workspace_id: UUID, conversation_id: UUID) -> dict[str, Any]:
    """Who owns it now, and the numbers of its last events. Raises NotFound."""
    with workspace_scope(workspace_id):
        row = (
            Conversation.objects.select_related("owner_member", "contact")
            .filter(id=conversation_id)
            .first()
        )
        if row is None:
            raise NotFound("no such conversation")
        return _summary(row) | {
            "visitor_seq": row.visitor_seq,
            "staff_seq": row.staff_seq,
            "context": row.context,
            "place": places([row.id]).get(row.id),
        }


def desk_lists(member: Member) -> dict[str, Any]:
    """The agent's three lists, each at most 100 rows, with the true counts."""
    with workspace_scope(member.workspace_id):
        rows = Conversation.objects.select_related("owner_member", "contact")
        waiting = rows.waiting()
        mine = rows.held_by(member).order_by("-last_message_at")
        others = (
            rows.filter(status=Status.OPEN)
            .exclude(owner=Owner.QUEUE)
            .exclude(owner_member=member)
            .filter(last_message_at__isnull=False)
            .order_by("-last_message_at")
        )
        return {
            "waiting": list_rows(list(waiting[:LIST_LENGTH])),
            "mine": list_rows(list(mine[:LIST_LENGTH])),
            "others": list_rows(list(others[:LIST_LENGTH])),
            "counts": {
                "waiting": waiting.count(),
                "mine": mine.count(),
                "others": others.count(),
            },
        }


def list_rows(rows: Sequence[Conversation]) -> list[dict[str, Any]]:
    """Rows with their last message, why they wait and their place; a few queries for the list.

    Needs the scope.
    """
    ids = [row.id for row in rows]
    last = previews.newest(ids, longest=PREVIEW)
    reasons: dict[UUID, str] = dict(
        Handoff.objects.filter(conversation_id__in=ids, ended_at__isnull=True).values_list(
            "conversation_id", "reason"
        )
    )
    placed = places(ids)
    return [
        _summary(row)
        | {
            "preview": last.get(row.id, ""),
            "handoff_reason": reasons.get(row.id),
            "place": placed.get(row.id),
        }
        for row in rows
    ]


def _summary(row: Conversation) -> dict[str, Any]:
    member = row.owner_member
    return {
        "id": str(row.id),
        "owner": row.owner,
        "owner_member_id": str(member.id) if member else None,
        "agent_name": member.display_name if member else None,
        "status": row.status,
        "queued_at": _time(row.queued_at),
        "last_message_at": _time(row.last_message_at),
        "contact": {"id": str(row.contact_id), "name": row.contact.name},
        "language": row.language,
        "channel": row.channel,
    }


def _time(value: datetime | None) -> str | None:
    return value.isoformat() if value else None
