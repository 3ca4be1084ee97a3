"""What an agent should look at now, whichever list is open: own offers, and clocks that run out."""

from typing import Any

from django.db.models import Q
from django.utils import timezone

from accounts.models import Member
from accounts.scope import workspace_scope
from chatbot.models import Message, Owner, Placement, SlaClock, Status
from chatbot.queues.shown import places

MOST = 20
PREVIEW = 60  # characters of the last message


def attention(member: Member) -> list[dict[str, Any]]:
    """id, place and preview of conversations that wait or are the agent's, the longest wait first.

    A few queries however many there are.
    """
    with workspace_scope(member.workspace_id):
        late = SlaClock.objects.filter(stopped_at__isnull=True, soon_at__lte=timezone.now())
        rows = Placement.objects.filter(
            Q(offered_to=member) | Q(conversation_id__in=late.values("conversation_id")),
            Q(conversation__owner=Owner.QUEUE) | Q(conversation__owner_member=member),
            conversation__status=Status.OPEN,
        )
        order = ("awaiting_since", "conversation_id")
        ids = list(rows.order_by(*order).values_list("conversation_id", flat=True)[:MOST])
        placed = places(ids)
        last = dict(
            Message.objects.filter(conversation_id__in=ids)
            .order_by("conversation_id", "-created_at", "-id")
            .distinct("conversation_id")
            .values_list("conversation_id", "text")
        )
        return [
            {"id": str(one), "place": placed.get(one), "preview": last.get(one, "")[:PREVIEW]}
            for one in ids
        ]
