"""Which agents are there, and how much each has. Presence is a heartbeat of the desk's socket.

available: the desk is open and the agent wants conversations; away: the agent said so; offline: no
heartbeat for OFFLINE_S.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Count, Q
from django.utils import timezone

from accounts.access import AGENTS
from accounts.errors import NotFound
from accounts.models import Member
from accounts.scope import workspace_scope
from chatbot.models import (
    Attendance,
    ColleagueQuestion,
    Conversation,
    Owner,
    Placement,
    QuestionState,
    Queue,
    QueueMember,
    Status,
)

HEARTBEAT_S = 15.0
OFFLINE_S = 45.0
CAPACITY = 5  # of an agent who was never at the desk, as the model has it
AVAILABLE, AWAY, OFFLINE = "available", "away", "offline"
STATES = (AVAILABLE, AWAY)  # those that an agent can choose


@dataclass(frozen=True)
class Colleague:
    """An agent as colleagues see them; `load` counts what they have and are offered."""

    id: UUID
    name: str
    state: str
    load: int
    capacity: int


def heartbeat(member: Member) -> None:
    """The member's desk is open. Begins with `available`."""
    now = timezone.now()
    with workspace_scope(member.workspace_id):
        if Attendance.objects.filter(member=member).update(seen_at=now) == 0:
            row = Attendance(
                workspace_id=member.workspace_id, member=member, since=now, seen_at=now
            )
            Attendance.objects.bulk_create([row], ignore_conflicts=True)


def choose_state(member: Member, state: str) -> None:
    """Be available or away. The same again changes nothing, `since` included."""
    now, away = timezone.now(), state == AWAY
    heartbeat(member)
    with workspace_scope(member.workspace_id):
        rows = Attendance.objects.filter(member=member).exclude(away=away)
        rows.update(away=away, since=now, seen_at=now)
        if away:
            Placement.objects.filter(offered_to=member).update(look_at=now)


def state_of(row: Attendance | None, now: datetime) -> str:
    if row is None or row.seen_at is None or now - row.seen_at > timedelta(seconds=OFFLINE_S):
        return OFFLINE
    return AWAY if row.away else AVAILABLE


def gone_since(row: Attendance | None, now: datetime) -> datetime | None:
    """Since when an agent is not there; None while they are, or where nobody ever knew."""
    if row is None or row.seen_at is None or state_of(row, now) == AVAILABLE:
        return None
    return min(row.since, row.seen_at) if row.away else row.seen_at


def load_of(member_id: UUID) -> int:
    """Open conversations that they have, and those that they are offered."""
    mine = Q(owner=Owner.MEMBER, owner_member_id=member_id, status=Status.OPEN)
    offered = Q(owner=Owner.QUEUE, placement__offered_to_id=member_id)
    return Conversation.objects.filter(mine | offered).count()


def free_agent(queue: Queue, *, passed: list[UUID]) -> Member | None:
    """Whose turn it is: available, with room, least lately offered; their row is locked.

    The caller holds the conversation's lock, and offers before its transaction ends. So two
    offers at once never fill one place twice.
    """
    now = timezone.now()
    rows = Attendance.objects.filter(
        away=False,
        seen_at__gte=now - timedelta(seconds=OFFLINE_S),
        member__is_active=True,
        member__role__in=AGENTS,
    )
    if people := list(queue.people.values_list("member_id", flat=True)):
        rows = rows.filter(member_id__in=people)
    order = rows.exclude(member_id__in=passed).order_by("offered_at", "member_id")
    ordered = sorted(order, key=lambda row: (row.offered_at is not None, row.offered_at or now))
    for found in ordered:
        row = Attendance.objects.select_for_update(of=("self",)).select_related("member").filter(
            id=found.id, away=False
        ).first()  # fmt: skip
        if row and load_of(row.member_id) < row.capacity:
            Attendance.objects.filter(id=row.id).update(offered_at=now)
            return row.member
    return None


def colleagues() -> list[Colleague]:
    """The scope's agents by name, at most 200; three queries however many."""
    now, loads = timezone.now(), _loads()
    members = Member.objects.filter(is_active=True, role__in=AGENTS).order_by("display_name", "id")
    rows = {row.member_id: row for row in Attendance.objects.all()}
    return [
        Colleague(
            one.id,
            one.display_name,
            state_of(rows.get(one.id), now),
            loads[one.id],
            rows[one.id].capacity if one.id in rows else CAPACITY,
        )
        for one in members[:200]
    ]


def _loads() -> Counter[UUID]:
    """As load_of, of everybody."""
    held = Conversation.objects.filter(owner=Owner.MEMBER, status=Status.OPEN)
    offered = Placement.objects.filter(offered_to__isnull=False)
    found: Counter[UUID] = Counter()
    for name, rows in (("owner_member_id", held), ("offered_to_id", offered)):
        for one, number in rows.values_list(name).annotate(number=Count("id")):
            found[one] += number
    return found


def agent(member_id: UUID) -> Member:
    """An active agent of the scope's workspace. Raises NotFound."""
    found = Member.objects.filter(id=member_id, is_active=True, role__in=AGENTS).first()
    if found is None:
        raise NotFound("no such agent")
    return found


def is_available(member: Member) -> bool:
    row = Attendance.objects.filter(member=member).first()
    return state_of(row, timezone.now()) == AVAILABLE


def queues_of(member: Member) -> list[UUID]:
    return list(QueueMember.objects.filter(member=member).values_list("queue_id", flat=True))


def free_for_a_question() -> Member | None:
    """Who is available and was asked nothing that waits; of several, the one seen last.

    Needs the scope.
    """
    busy = ColleagueQuestion.objects.filter(state=QuestionState.OPEN).values("asked_of")
    found = (
        Attendance.objects.filter(
            seen_at__gte=timezone.now() - timedelta(seconds=OFFLINE_S),
            away=False,
            member__is_active=True,
            member__role__in=AGENTS,
        )
        .exclude(member__in=busy)
        .select_related("member")
        .order_by("-seen_at", "id")
        .first()
    )
    return found.member if found else None
