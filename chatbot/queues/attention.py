"""What an agent should hear of, whichever list is open: who waits, and what moves in their own."""

from typing import Any

from django.utils import timezone

from accounts.models import Member
from accounts.scope import workspace_scope
from chatbot import previews
from chatbot.models import Conversation, Owner, SlaClock, Status
from chatbot.queues.shown import places

MOST = 20  # of each kind
PREVIEW = 60  # characters of the last message


def attention(member: Member) -> list[dict[str, Any]]:
    """Conversations that wait, and the agent's own whose clock runs out or where a visitor wrote.

    `waits` tells the two apart; `wrote_seq` is the number of the visitor's last message. A few
    queries however many there are.
    """
    with workspace_scope(member.workspace_id):
        rows = Conversation.objects.filter(status=Status.OPEN).select_related("contact")
        waiting = rows.filter(owner=Owner.QUEUE).order_by("queued_at", "id")[:MOST]
        late = SlaClock.objects.filter(stopped_at__isnull=True, soon_at__lte=timezone.now())
        recent = rows.filter(owner_member=member).order_by("-visitor_wrote_seq", "-last_message_at")
        pressing = rows.filter(owner_member=member, id__in=late.values("conversation_id"))[:MOST]
        found = {row.id: row for row in (*waiting, *pressing, *recent[:MOST])}
        placed = places(found)
        last = previews.newest(found.keys(), longest=PREVIEW)
        return [
            {
                "id": str(row.id),
                "contact": {"id": str(row.contact_id), "name": row.contact.name},
                "place": placed.get(row.id),
                "preview": last.get(row.id, ""),
                "waits": row.owner == Owner.QUEUE,
                "wrote_seq": row.visitor_wrote_seq,
            }
            for row in found.values()
        ]
