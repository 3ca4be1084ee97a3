"""Queues for tests: make one, wait in it, and let the scheduler look at any time."""

from datetime import datetime, timedelta

from django.utils import timezone

from accounts.models import Member, Workspace
from accounts.scope import workspace_scope
from chatbot import intake
from chatbot.models import Attendance, Placement, Queue, QueueMember
from chatbot.queues import attending
from chatbot.tests.conftest import Visit

MINUTE = timedelta(minutes=1)


def later(minutes: float = 0, *, seconds: float = 0) -> datetime:
    return timezone.now() + timedelta(minutes=minutes, seconds=seconds)


def queue(workspace: Workspace, name: str, *people: Member, **fields: object) -> Queue:
    with workspace_scope(workspace.id):
        row = Queue.objects.create(workspace=workspace, name=name, **fields)
        for one in people:
            QueueMember.objects.create(workspace=workspace, queue=row, member=one)
        return row


def assigning(workspace: Workspace) -> None:
    """The default queue offers."""
    queue(workspace, "General", is_default=True, assign=True, take_up_s=60)


def asks(visit: Visit) -> Visit:
    intake.request_person(*visit.where)
    return visit


def place(visit: Visit) -> Placement:
    with workspace_scope(visit.workspace_id):
        rows = Placement.objects.select_related("queue", "offered_to")
        return rows.get(conversation_id=visit.conversation_id)


def attend(visit: Visit, now: datetime | None = None) -> None:
    """As the scheduler does it once everything is due."""
    with workspace_scope(visit.workspace_id):
        Placement.objects.update(look_at=timezone.now() - MINUTE)
    attending.attend(visit.workspace_id, now)


def seen(member: Member, at: datetime) -> None:
    with workspace_scope(member.workspace_id):
        Attendance.objects.filter(member=member).update(seen_at=at)


def reasons(visit: Visit) -> list[str]:
    return [e.payload["reason"] for e in visit.events() if e.kind in {"owner.changed"}]
