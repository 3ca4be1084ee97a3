"""What the desk shows of queues: each conversation's place with its clocks, and who is there."""

from collections.abc import Collection
from dataclasses import asdict
from typing import Any
from uuid import UUID

from django.db.models import Count

from accounts.models import Member
from accounts.scope import workspace_scope
from chatbot.models import Owner, Placement, Priority, Queue, SlaClock
from chatbot.queues import choosing, staff


def places(ids: Collection[UUID]) -> dict[UUID, dict[str, Any]]:
    """By conversation, for those that people have; two queries however many. Needs a scope."""
    clocks: dict[UUID, list[dict[str, Any]]] = {}
    running = SlaClock.objects.filter(conversation_id__in=ids, stopped_at__isnull=True)
    for row in running.order_by("due_at"):
        said = {"kind": row.kind, "soon_at": row.soon_at, "due_at": row.due_at}
        clocks.setdefault(row.conversation_id, []).append(said)
    rows = Placement.objects.filter(conversation_id__in=ids).select_related("queue", "offered_to")
    return {row.conversation_id: _place(row, clocks.get(row.conversation_id, [])) for row in rows}


def _place(row: Placement, clocks: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "queue_id": str(row.queue_id),
        "queue": row.queue.name,
        "priority": Priority(row.priority).name.lower(),
        "awaiting_since": _time(row.awaiting_since),
        "offered_to": str(row.offered_to_id) if row.offered_to_id else None,
        "offered_name": row.offered_to.display_name if row.offered_to else None,
        "offered_until": _time(row.offered_until),
        "clocks": [
            one | {"soon_at": _time(one["soon_at"]), "due_at": _time(one["due_at"])}
            for one in clocks
        ],
    }


def staffed(member: Member) -> dict[str, Any]:
    """The agent's own state, the colleagues and the queues with how many wait in each."""
    with workspace_scope(member.workspace_id):
        choosing.default_queue()
        agents = [asdict(one) | {"id": str(one.id)} for one in staff.colleagues()]
        me = next((one for one in agents if one["id"] == str(member.id)), None)
        waiting = dict(
            Placement.objects.filter(conversation__owner=Owner.QUEUE)
            .values_list("queue_id")
            .annotate(number=Count("id"))
        )
        own = set(staff.queues_of(member))
        queues = [
            {"id": str(row.id), "name": row.name, "waiting": waiting.get(row.id, 0),
             "own": row.id in own}
            for row in Queue.objects.order_by("-is_default", "name")
        ]  # fmt: skip
        return {"state": me["state"] if me else "offline", "agents": agents, "queues": queues}


def _time(value: Any) -> str | None:
    return value.isoformat() if value else None
