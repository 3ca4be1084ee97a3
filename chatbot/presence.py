"""Whether people answer in a workspace, and when they are back. Reads the settings of the scope."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils import timezone

from accounts.chosen import settings_row
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
    row = settings_row()
    if row is None or not row.hours:
        return hours.Hours(ZoneInfo("UTC"))
    return hours.parse(row.time_zone, row.hours, row.holidays)


def people_answer() -> bool:
    """Whether the scope's workspace has tier 3 at all."""
    row = settings_row()
    return row is None or row.people_allowed
