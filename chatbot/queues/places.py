"""Keep the Placement in step with who has the conversation. chatbot.transitions calls `follow`
inside its transaction, so a conversation is with people exactly as long as it has a place."""

from datetime import datetime

from django.utils import timezone

from chatbot import broadcast, together
from chatbot.models import Channel, ClockKind, Conversation, Message, Owner, Placement, Queue, Turn
from chatbot.queues import choosing, clocks

LINE = 20
BY_ITSELF = {"agent_silent", "agent_gone"}  # the visitor waits on: the place in line is kept


def waiting_since(before: Conversation, name: str) -> datetime:
    """For `queued_at`: whoever waited already does not begin anew."""
    if before.owner == Owner.QUEUE and before.queued_at:
        return before.queued_at
    row = None
    if name in BY_ITSELF:
        row = Placement.objects.filter(conversation_id=before.id).first()
    return (row and row.awaiting_since) or timezone.now()


def follow(
    before: Conversation,
    after: Conversation,
    name: str,
    *,
    reason: str,
    turn: Turn | None,
    queue: Queue | None,
) -> Placement | None:
    """Bring the place in line with the new owner; None where the bot has it."""
    _hint_line(before, after)
    if after.owner == Owner.BOT:
        if before.owner != Owner.BOT:
            clocks.stop(after, timezone.now())
            Placement.objects.filter(conversation=after).delete()
        return None
    row = Placement.objects.select_related("queue").filter(conversation=after).first()
    if row is None:
        row = _new(after, reason=reason, turn=turn)
    elif after.owner == Owner.QUEUE and before.owner != Owner.QUEUE:
        _waits_again(row, before)
    _clear_offer(row)
    if queue is not None and queue.id != row.queue_id:
        _move(after, row, queue)
    row.look_at = timezone.now()
    if row._state.adding:
        together.add(row)
    else:
        row.save()
    if row.awaiting_since:
        kind = ClockKind.NEXT_REPLY if row.replied_at else ClockKind.FIRST_REPLY
        clocks.start(after, row, kind, row.awaiting_since)
    return row


def _hint_line(before: Conversation, after: Conversation) -> None:
    """Those next in line hear of their new place at once; the others within 15 seconds."""
    if Owner.QUEUE not in {before.owner, after.owner} or before.owner == Owner.BOT:
        return  # whom the bot had has no place yet, and no line
    queue = Placement.objects.filter(conversation=after).values("queue")
    line = Conversation.objects.waiting().filter(placement__queue__in=queue)
    for one in line.values_list("id", flat=True)[:LINE]:
        broadcast.placed_after_commit(one)


def _new(conversation: Conversation, *, reason: str, turn: Turn | None) -> Placement:
    now = timezone.now()
    chosen = choosing.choose(conversation, reason=reason, turn=turn)
    row = Placement(
        workspace_id=conversation.workspace_id,
        conversation=conversation,
        queue=chosen.queue,
        priority=chosen.priority,
        awaiting_since=now if _awaits(conversation) else None,
        told_at=now,
        look_at=now,
        visitor_seen_at=now if conversation.channel == Channel.WIDGET else None,
    )
    clocks.start(conversation, row, ClockKind.RESOLUTION, now)
    return row


def _awaits(conversation: Conversation) -> bool:
    """Whoever is queued waits; whoever is taken over waits if they spoke last."""
    if conversation.owner == Owner.QUEUE:
        return True
    last = Message.objects.filter(conversation=conversation).order_by("-created_at", "-id").first()
    return last is not None and last.author == "visitor"


def _waits_again(row: Placement, before: Conversation) -> None:
    now = timezone.now()
    row.awaiting_since = row.awaiting_since or now
    row.told_at, row.told_count = now, 0
    row.visitor_seen_at = row.visitor_seen_at and now  # counted anew: nobody looked meanwhile
    row.passed = [before.owner_member_id] if before.owner_member_id else []


def _clear_offer(row: Placement) -> None:
    row.offered_to, row.offered_until = None, None


def _move(conversation: Conversation, row: Placement, queue: Queue) -> None:
    row.queue, row.passed = queue, []
    clocks.moved(conversation, row)


def visitor_wrote(conversation: Conversation) -> None:
    """The visitor waits for a person's reply from now on, if they did not before."""
    if conversation.owner == Owner.BOT:
        return
    now = timezone.now()
    row = Placement.objects.filter(conversation=conversation).first()
    if row is None:
        return
    if row.awaiting_since is None:
        row.awaiting_since = now
        kind = ClockKind.NEXT_REPLY if row.replied_at else ClockKind.FIRST_REPLY
        clocks.start(conversation, row, kind, now)
    row.look_at = now
    row.visitor_seen_at = row.visitor_seen_at and now
    row.save(update_fields=["awaiting_since", "look_at", "visitor_seen_at"])


def agent_replied(conversation: Conversation) -> None:
    now = timezone.now()
    clocks.stop(conversation, now, ClockKind.FIRST_REPLY, ClockKind.NEXT_REPLY)
    Placement.objects.filter(conversation=conversation).update(
        awaiting_since=None, replied_at=now, look_at=now
    )
