"""What an administrator decides about queues. Every change leaves an audit entry.

Who may call is checked by the surface. Raises Invalid for what cannot be, NotFound for what is not
there; changes nothing then.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from accounts import audit
from accounts.access import AGENTS
from accounts.errors import Invalid, NotFound
from accounts.models import Member
from accounts.scope import workspace_scope
from accounts.workspaces import lock
from chatbot.models import (
    Attendance,
    Conversation,
    DeskRules,
    Placement,
    Priority,
    PriorityRule,
    Queue,
    QueueMember,
    SlaTarget,
)
from chatbot.queues import choosing, clocks

MOST_QUEUES = 100
Minutes = tuple[int | None, int | None, int | None]  # first reply, next reply, resolution


@dataclass(frozen=True)
class Wanted:
    """A queue as an administrator wants it. `targets`: by priority."""

    name: str
    languages: Sequence[str] = ()
    topics: Sequence[str] = ()
    assign: bool = False
    take_up_s: int = 60
    members: Sequence[UUID] = ()
    targets: Mapping[int, Minutes] = field(default_factory=dict)


def queues(workspace_id: UUID) -> list[Queue]:
    """The default one first, then by name; with the people and the targets of each."""
    with workspace_scope(workspace_id):
        choosing.default_queue()
        rows = Queue.objects.order_by("-is_default", "name")
        return list(rows.prefetch_related("people__member", "targets"))


def queue(workspace_id: UUID, queue_id: UUID) -> Queue:
    for row in queues(workspace_id):
        if row.id == queue_id:
            return row
    raise NotFound("no such queue")


def save(actor: Member, wanted: Wanted, queue_id: UUID | None = None) -> Queue:
    """Make a queue, or change one. What waits in it goes by the new targets."""
    with workspace_scope(actor.workspace_id):
        lock(actor.workspace_id)
        row = _row(actor.workspace_id, queue_id)
        _check(wanted, row)
        row.name, row.assign, row.take_up_s = wanted.name.strip(), wanted.assign, wanted.take_up_s
        if not row.is_default:
            row.languages, row.topics = sorted(wanted.languages), sorted(set(wanted.topics))
        row.save()
        _set_people(row, wanted.members)
        _set_targets(row, wanted.targets)
        _put(row, row)
        action = "queue.changed" if queue_id else "queue.made"
        audit.record(actor, action, target_kind="queue", target_id=row.id, name=row.name)
    return row


def _row(workspace_id: UUID, queue_id: UUID | None) -> Queue:
    if queue_id is None:
        if Queue.objects.count() >= MOST_QUEUES:
            raise Invalid(_("At most 100 queues"))
        return Queue(workspace_id=workspace_id)
    found = Queue.objects.filter(id=queue_id).first()
    if found is None:
        raise NotFound("no such queue")
    return found


def _check(wanted: Wanted, row: Queue) -> None:
    name = wanted.name.strip()
    if not name or len(name) > 60:
        raise Invalid(_("Give the queue a name of at most 60 characters"))
    if Queue.objects.filter(name=name).exclude(id=row.id).exists():
        raise Invalid(_("There is a queue of this name already"))
    if not 10 <= wanted.take_up_s <= 3600:
        raise Invalid(_("An agent has between 10 and 3,600 seconds to take a conversation"))
    found = Member.objects.filter(id__in=wanted.members, role__in=AGENTS, is_active=True)
    if found.count() != len(set(wanted.members)):
        raise Invalid(_("Somebody in the list is no agent of this workspace"))


def _set_people(row: Queue, members: Sequence[UUID]) -> None:
    QueueMember.objects.filter(queue=row).exclude(member_id__in=members).delete()
    there = set(QueueMember.objects.filter(queue=row).values_list("member_id", flat=True))
    QueueMember.objects.bulk_create(
        QueueMember(workspace_id=row.workspace_id, queue=row, member_id=one)
        for one in sorted(set(members) - there)
    )


def _set_targets(row: Queue, targets: Mapping[int, Minutes]) -> None:
    SlaTarget.objects.filter(queue=row).delete()
    SlaTarget.objects.bulk_create(
        SlaTarget(
            workspace_id=row.workspace_id,
            queue=row,
            priority=priority,
            first_reply_min=first,
            next_reply_min=following,
            resolution_min=end,
        )
        for priority, (first, following, end) in sorted(targets.items())
        if any(one is not None for one in (first, following, end))
    )


def _put(row: Queue, goal: Queue) -> None:
    """What is in a queue goes to another one, or by its own new targets."""
    ids = Placement.objects.filter(queue=row).values_list("conversation_id", flat=True)
    locked = Conversation.objects.select_for_update().filter(id__in=list(ids)).order_by("id")
    for one in locked:
        place = Placement.objects.filter(conversation=one, queue=row).first()
        if place is None:
            continue  # it has left meanwhile
        if goal != row:
            place.queue, place.passed = goal, []
            place.save(update_fields=["queue", "passed"])
        clocks.moved(one, place)


def delete(actor: Member, queue_id: UUID) -> None:
    """What is in it goes to the default queue, and keeps the time that it has waited."""
    with workspace_scope(actor.workspace_id):
        lock(actor.workspace_id)
        row = Queue.objects.filter(id=queue_id).first()
        if row is None:
            raise NotFound("no such queue")
        if row.is_default:
            raise Invalid(_("The default queue stays: it takes what no other queue does"))
        _put(row, choosing.default_queue())
        audit.record(actor, "queue.deleted", target_kind="queue", target_id=row.id, name=row.name)
        row.delete()


def set_capacity(actor: Member, member_id: UUID, capacity: int) -> None:
    if not 0 <= capacity <= 100:
        raise Invalid(_("An agent can have between 0 and 100 conversations at once"))
    with workspace_scope(actor.workspace_id):
        member = Member.objects.filter(id=member_id, role__in=AGENTS, is_active=True).first()
        if member is None:
            raise NotFound("no such agent")
        row, _made = Attendance.objects.get_or_create(
            member=member, defaults={"workspace_id": actor.workspace_id, "since": member.created_at}
        )
        before, row.capacity = row.capacity, capacity
        row.save(update_fields=["capacity"])
        audit.record(
            actor, "agent.capacity_changed", target_kind="member", target_id=member.id,
            before=before, after=capacity,
        )  # fmt: skip


def rules(workspace_id: UUID) -> tuple[DeskRules, dict[str, int]]:
    """The rules, and the priority of each topic that has one."""
    with workspace_scope(workspace_id):
        row = DeskRules.objects.first() or DeskRules(workspace_id=workspace_id)
        told = dict(PriorityRule.objects.order_by("topic").values_list("topic", "priority"))
        return row, {**{topic: int(one) for topic, one in choosing.BUILT_IN.items()}, **told}


def set_rules(actor: Member, given: Mapping[str, Any], priorities: Mapping[str, int]) -> None:
    """given: fields of DeskRules. priorities: topic → priority; normal is no rule."""
    with workspace_scope(actor.workspace_id):
        lock(actor.workspace_id)
        row = DeskRules.objects.first() or DeskRules(workspace_id=actor.workspace_id)
        for name, value in given.items():
            setattr(row, name, value)
        row.save()
        PriorityRule.objects.all().delete()
        PriorityRule.objects.bulk_create(
            PriorityRule(workspace_id=actor.workspace_id, topic=topic, priority=priority)
            for topic, priority in sorted(priorities.items())
            if priority != choosing.BUILT_IN.get(topic, Priority.NORMAL)
        )
        audit.record(actor, "desk_rules.changed", target_kind="workspace",
                     target_id=actor.workspace_id, **given)  # fmt: skip
