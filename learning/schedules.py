"""What of learning's work comes again, and when, by the clock of each workspace."""

from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from accounts.models import WorkspaceSettings
from learning import digests, erasing
from outbox.recurring import recurring

NIGHT = range(2, 6)  # hours in which conversations are erased; until then a slip can be mended


@recurring(erasing.KIND, queue=erasing.QUEUE)
def night_to_erase(workspace_id: UUID, now: datetime) -> str | None:
    """Once each night, where there is a limit."""
    row = WorkspaceSettings.objects.first()
    if row is None or row.retention_days is None:
        return None
    local = now.astimezone(ZoneInfo(row.time_zone))
    return f"night:{local.date()}" if local.hour in NIGHT else None


@recurring(digests.MAKE, queue=digests.QUEUE)
def week_to_sum_up(workspace_id: UUID, now: datetime) -> str | None:
    """From Monday morning on; a service that was down makes it later in the week."""
    return f"week:{digests.last_week(now, digests.time_zone())}"
