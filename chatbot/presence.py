"""Whether people answer in a workspace, and when they are back. Reads the settings of the scope."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils import timezone

from accounts.models import WorkspaceSettings
from chatbot import hours


@dataclass(frozen=True)
class Presence:
    """`back`: local to the workspace; None where people are there, or no hours lie ahead."""

    here: bool
    back: datetime | None = None


def presence(at: datetime | None = None) -> Presence:
    """Now, or at that time."""
    at = at or timezone.now()
    found = business_hours()
    if hours.is_open(found, at):
        return Presence(here=True)
    return Presence(here=False, back=hours.next_opening(found, at))


def business_hours() -> hours.Hours:
    """Those of the scope's workspace; without a week people are always there."""
    row = WorkspaceSettings.objects.values_list("time_zone", "hours", "holidays").first()
    return hours.parse(*row) if row and row[1] else hours.Hours(ZoneInfo("UTC"))


def people_answer() -> bool:
    """Whether the scope's workspace has tier 3 at all."""
    allowed = WorkspaceSettings.objects.values_list("people_allowed", flat=True).first()
    return allowed is not False
