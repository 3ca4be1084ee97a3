"""The weekly digest: which week is due, reading it, and who gets it by mail."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from accounts import audit
from accounts.access import EVERYBODY
from accounts.models import Member, Role, WorkspaceSettings
from accounts.scope import workspace_scope
from learning.models import Digest, DigestGroup, DigestSubscription

MAKE, MAIL, QUEUE = "make_digest", "mail_digest", "knowledge"
READERS = EVERYBODY - {Role.AGENT}
AT_HOUR = 7  # on Monday, by the workspace's clock
PER_PAGE = 26


@dataclass(frozen=True)
class Week:
    """From Monday's midnight to the next one's, local to the workspace."""

    monday: date
    start: datetime
    end: datetime


def week_of(monday: date, zone: str) -> Week:
    def midnight(day: date) -> datetime:
        return datetime.combine(day, time(0), ZoneInfo(zone))

    return Week(monday, midnight(monday), midnight(monday + timedelta(days=7)))


def last_week(now: datetime, zone: str) -> date:
    """Monday of the newest week whose digest is due."""
    local = now.astimezone(ZoneInfo(zone))
    due = local.date() if local.hour >= AT_HOUR else local.date() - timedelta(days=1)
    return due - timedelta(days=due.weekday() + 7)


def time_zone() -> str:
    """Of the scope's workspace."""
    return WorkspaceSettings.objects.values_list("time_zone", flat=True).first() or "UTC"


def weeks(workspace_id: UUID, *, page: int = 1) -> tuple[list[Digest], bool]:
    """One page of them, newest first, and whether there are more."""
    with workspace_scope(workspace_id):
        first = (page - 1) * PER_PAGE
        rows = list(Digest.objects.order_by("-week")[first : first + PER_PAGE + 1])
    return rows[:PER_PAGE], len(rows) > PER_PAGE


def digest_of(workspace_id: UUID, week: date | None) -> tuple[Digest, list[DigestGroup]] | None:
    """Of that week, or the newest; None where there is none."""
    with workspace_scope(workspace_id):
        rows = Digest.objects.order_by("-week")
        found = (rows.filter(week=week) if week else rows).first()
        return (found, list(found.groups.order_by("place"))) if found else None


def is_subscribed(member: Member) -> bool:
    with workspace_scope(member.workspace_id):
        return DigestSubscription.objects.filter(member=member).exists()


def subscribe(member: Member, *, wanted: bool) -> None:
    """Each member for themselves. Twice is harmless."""
    with workspace_scope(member.workspace_id):
        rows = DigestSubscription.objects.filter(member=member)
        if wanted:
            _, changed = DigestSubscription.objects.get_or_create(
                workspace_id=member.workspace_id, member=member
            )
        else:
            changed = rows.delete()[0] > 0
        if changed:
            audit.record(
                member,
                "digest.subscribed" if wanted else "digest.unsubscribed",
                target_kind="member",
                target_id=member.id,
                before=not wanted,
                after=wanted,
            )
