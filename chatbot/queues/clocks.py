"""SLA clocks: by when a reply or an end is due, in business hours.

A clock is a row; it runs until `stopped_at`. What is late is a fact of the row, so reports count
what visitors had, whoever looked at a screen.
"""

from datetime import datetime
from uuid import UUID

from accounts.chosen import once
from chatbot import hours, presence
from chatbot.models import ClockKind, Conversation, Placement, SlaClock, SlaTarget

SOON = 0.8  # of the time has passed: a warning


def start(conversation: Conversation, placement: Placement, kind: str, at: datetime) -> None:
    """Begin this clock if its queue has a target for it and none runs."""
    minutes = _minutes(placement, kind)
    if minutes is None:
        return
    soon, due = _ends(at, minutes)
    row = SlaClock(
        workspace_id=conversation.workspace_id,
        conversation=conversation,
        queue_id=placement.queue_id,
        priority=placement.priority,
        kind=kind,
        started_at=at,
        soon_at=soon,
        due_at=due,
    )
    SlaClock.objects.bulk_create([row], ignore_conflicts=True)


def stop(conversation: Conversation, at: datetime, *kinds: str) -> None:
    """Stop the running clocks of these kinds, all of them if none is named."""
    running = SlaClock.objects.filter(conversation=conversation, stopped_at__isnull=True)
    if kinds:
        running = running.filter(kind__in=kinds)
    running.filter(due_at__lt=at, breached_at__isnull=True).update(breached_at=at)
    running.update(stopped_at=at)


def moved(conversation: Conversation, placement: Placement) -> None:
    """Another queue has other targets: what runs goes on from its start, with these."""
    for row in SlaClock.objects.filter(conversation=conversation, stopped_at__isnull=True):
        minutes = _minutes(placement, row.kind)
        if minutes is None:
            row.delete()
            continue
        row.queue_id, row.priority = placement.queue_id, placement.priority
        row.soon_at, row.due_at = _ends(row.started_at, minutes)
        row.save(update_fields=["queue", "priority", "soon_at", "due_at"])


def _minutes(placement: Placement, kind: str) -> int | None:
    at = (placement.queue_id, placement.priority)
    target = once("targets", _targets).get(at)
    found: int | None = getattr(target, f"{ClockKind(kind).value}_min") if target else None
    return found


def _targets() -> dict[tuple[UUID, int], SlaTarget]:
    return {(row.queue_id, row.priority): row for row in SlaTarget.objects.all()}


def _ends(at: datetime, minutes: int) -> tuple[datetime, datetime]:
    open_hours = presence.business_hours()
    soon = hours.add_open(open_hours, at, minutes * 60 * SOON)
    return soon, hours.add_open(open_hours, at, minutes * 60)
