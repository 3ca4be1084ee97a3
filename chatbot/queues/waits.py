"""What a waiting visitor is told: the place in line, and a wait only where real ones are known."""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from uuid import UUID

from django.db.models import F, Q
from django.utils import timezone

from accounts.scope import workspace_scope
from chatbot import presence
from chatbot.models import Conversation, Handoff, Owner, Placement

RECENT = timedelta(hours=4)
ENOUGH, MOST = 5, 20  # waits
STEP_S = 60


@dataclass(frozen=True)
class Placed:
    """`position` from 1. `expected_wait_s`: what is left of it, in whole minutes; None: unknown."""

    position: int
    expected_wait_s: int | None


def placed(workspace_id: UUID, conversation_id: UUID) -> Placed | None:
    """None where the conversation waits for nobody."""
    with workspace_scope(workspace_id):
        row = (
            Placement.objects.select_related("conversation")
            .filter(conversation_id=conversation_id, conversation__owner=Owner.QUEUE)
            .first()
        )
        if row is None:
            return None
        return Placed(1 + _ahead(row), _expected(row))


def _ahead(row: Placement) -> int:
    since = row.conversation.queued_at
    earlier = Q(queued_at__lt=since) | Q(queued_at=since, id__lt=row.conversation_id)
    first = Q(placement__priority__gt=row.priority) | (
        Q(placement__priority=row.priority) & earlier
    )
    return Conversation.objects.waiting().filter(first, placement__queue=row.queue_id).count()


def _expected(row: Placement) -> int | None:
    """The median of the queue's latest waits, less what was waited already.

    None outside of business hours, with too few waits, and once it took longer than that.
    """
    now = timezone.now()
    if not presence.presence(now).here:
        return None
    usual = latest_wait_s(row.queue_id, now)
    if usual is None:
        return None
    left = usual - (now - (row.conversation.queued_at or now)).total_seconds()
    return math.ceil(left / STEP_S) * STEP_S if left > 0 else None


def latest_wait_s(queue_id: UUID, now: datetime) -> float | None:
    """The median of the queue's latest waits; None with too few. Needs the scope."""
    recent = Handoff.objects.filter(
        queue_id=queue_id, claimed_at__gte=now - RECENT, claimed_at__gt=F("requested_at")
    ).order_by("-claimed_at")
    times = recent.values_list("requested_at", "claimed_at")[:MOST]
    waits = [(claimed - asked).total_seconds() for asked, claimed in times if claimed]
    return median(waits) if len(waits) >= ENOUGH else None
