"""What time does to conversations that people have: offers end, silent agents lose them, waiting
visitors are told, clocks warn. The scheduler looks every 2 seconds for what is due.

Each conversation is one transaction under its lock, and all that decides is read inside of it: so
two workers, or one that died half-way, do nothing twice.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.utils import timezone

from accounts.scope import workspace_scope
from chatbot import events, phrases, presence, transitions, voices
from chatbot.models import (
    Attendance,
    Author,
    Conversation,
    DeskRules,
    Message,
    Owner,
    Placement,
    SlaClock,
    Slot,
    Status,
)
from chatbot.queues import leaving, offering, staff
from chatbot.rendering import message_payload
from outbox.models import JobState, OutboxJob
from outbox.queue import LeasedJob, enqueue

KIND, WORKER = "attend", "answers"
SLOT_S = 2
BATCH = 200
MOST_TOLD = 4  # holding messages of one wait, each after twice the time
SOON, LATER = timedelta(seconds=2), timedelta(seconds=30)


def enqueue_due(now: datetime | None = None) -> int:
    """A job for each workspace in which something is due; how many. Uses the sweeper's role."""
    now = now or timezone.now()
    due = Placement.objects.using("sweeper").filter(look_at__lte=now)
    written = 0
    for workspace_id in set(due.values_list("workspace_id", flat=True)[: BATCH * 50]):
        with workspace_scope(workspace_id):
            slot = str(int(now.timestamp()) // SLOT_S)
            job = enqueue(KIND, workspace_id=workspace_id, payload={}, queue=WORKER, dedup_key=slot)
            written += job is not None
    return written


def work(job: LeasedJob) -> None:
    """The job: look at what is due. The rows of earlier rounds go, as nobody needs them."""
    attend(job.workspace_id)
    with workspace_scope(job.workspace_id):
        job.complete()
        OutboxJob.objects.filter(kind=KIND, state=JobState.DONE).exclude(id=job.id).delete()


def attend(workspace_id: UUID, now: datetime | None = None) -> int:
    """Look at each conversation that is due, the longest wait first; how many those were."""
    with workspace_scope(workspace_id):
        due = Placement.objects.filter(look_at__lte=now or timezone.now())
        order = due.order_by("-priority", "conversation__queued_at", "conversation_id")
        ids = list(order.values_list("conversation_id", flat=True)[:BATCH])
    for one in ids:
        with workspace_scope(workspace_id):
            _look(one, now or timezone.now())
    return len(ids)


def _look(conversation_id: UUID, now: datetime) -> None:
    conversation = events.lock(conversation_id)
    # Locked as well: a visitor's presence is written without the conversation's lock.
    rows = Placement.objects.select_for_update(of=("self",)).select_related("queue", "offered_to")
    place = rows.filter(conversation_id=conversation_id, look_at__lte=now).first()
    if place is None:
        return  # somebody else has looked, or the bot has it again
    rules = DeskRules.objects.first() or DeskRules()
    if conversation.status == Status.OPEN and conversation.owner == Owner.MEMBER:
        if _moved(conversation, place, rules, now):
            return
    elif conversation.owner == Owner.QUEUE and presence.presence(now).here:
        if leaving.end_if_left(conversation, place, rules, now):
            return
        offering.see_to(conversation, place, now)
        _tell_waiting(conversation, place, rules, now)
    _check_clocks(conversation, now)
    place.look_at = _next(conversation, place, rules, now)
    place.save()


def _moved(conversation: Conversation, place: Placement, rules: DeskRules, now: datetime) -> bool:
    """Take it from an agent who is gone or silent, or end it where the visitor is gone."""
    since = place.awaiting_since
    if since is None:
        if not _over(place.replied_at, rules.visitor_gone_min, now):
            return False
        transitions.apply(conversation, "visitor_gone", actor=transitions.SYSTEM)
        return True
    row = Attendance.objects.filter(member=conversation.owner_member).first()
    gone = staff.gone_since(row, now)
    if gone and _over(max(gone, since), rules.gone_min, now):
        reason = f"agent_{staff.state_of(row, now)}"
        transitions.apply(conversation, "agent_gone", actor=transitions.SYSTEM, reason=reason)
        return True
    if presence.presence(now).here and _over(since, rules.silent_min, now):
        transitions.apply(conversation, "agent_silent", actor=transitions.SYSTEM)
        return True
    return False


def _over(since: datetime | None, minutes: int | None, now: datetime) -> bool:
    return since is not None and minutes is not None and now >= since + timedelta(minutes=minutes)


def _tell_waiting(
    conversation: Conversation, place: Placement, rules: DeskRules, now: datetime
) -> None:
    """After some minutes a word that they are not forgotten; then after twice the time."""
    due = _told_next(place, rules)
    if due is None or due > now:
        return
    message = Message.objects.create(
        workspace_id=conversation.workspace_id,
        conversation=conversation,
        author=Author.BOT,
        text=phrases.fixed(conversation.language, "still_waiting", tone=voices.voice().tone),
        slot=Slot.HOLDING,
    )
    Conversation.objects.filter(id=conversation.id).update(last_message_at=message.created_at)
    events.append(conversation, "message.posted", message_payload(message))
    place.told_at, place.told_count = now, place.told_count + 1


def _told_next(place: Placement, rules: DeskRules) -> datetime | None:
    if rules.holding_min is None or place.told_at is None or place.told_count >= MOST_TOLD:
        return None
    return place.told_at + timedelta(minutes=rules.holding_min * 2**place.told_count)


def _check_clocks(conversation: Conversation, now: datetime) -> None:
    """One warning before, and one word at the breach, for each clock."""
    for clock in SlaClock.objects.filter(conversation=conversation, stopped_at__isnull=True):
        said = {"clock": clock.kind, "due_at": clock.due_at.isoformat()}
        if clock.due_at <= now and clock.breached_at is None:
            clock.breached_at = now
            events.append(conversation, "sla.breached", {}, visitor=False, staff=said)
        elif clock.soon_at <= now < clock.due_at and clock.warned_at is None:
            clock.warned_at = now
            events.append(conversation, "sla.warned", {}, visitor=False, staff=said)
        else:
            continue
        clock.save(update_fields=["breached_at", "warned_at"])


def _next(
    conversation: Conversation, place: Placement, rules: DeskRules, now: datetime
) -> datetime:
    """When something may be due again. Agents come and go, so never later than LATER."""
    found = [now + LATER]
    if conversation.owner == Owner.QUEUE:
        if place.queue.assign:
            found.append(now + SOON)
        found += _known([_told_next(place, rules)])
    else:
        found += _known([_plus(place.awaiting_since, rules.silent_min)])
        found += _known([_plus(place.awaiting_since, rules.gone_min)])
    for clock in SlaClock.objects.filter(conversation=conversation, stopped_at__isnull=True):
        found += _known([clock.soon_at, clock.due_at])
    return min(one for one in found if one > now)


def _plus(at: datetime | None, minutes: int | None) -> datetime | None:
    return at + timedelta(minutes=minutes) if at and minutes is not None else None


def _known(times: Iterable[datetime | None]) -> list[datetime]:
    return [one for one in times if one is not None]
