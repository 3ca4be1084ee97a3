"""What of learning's work comes again, and when, by the clock of each workspace."""

from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from accounts.models import WorkspaceSettings
from learning import cleaning, digests, erasing
from learning.models import ModelVersion, TrainingRun
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


@recurring(cleaning.ARTEFACTS, queue=cleaning.QUEUES[cleaning.ARTEFACTS])
def week_to_clean_artefacts(workspace_id: UUID, now: datetime) -> str | None:
    """Once a week, where models of its own were made."""
    return _week(now) if ModelVersion.objects.exists() or TrainingRun.objects.exists() else None


@recurring(cleaning.TRAININGS, queue=cleaning.QUEUES[cleaning.TRAININGS])
def week_to_clean_trainings(workspace_id: UUID, now: datetime) -> str | None:
    """The same on the tuning worker's machine."""
    return _week(now) if TrainingRun.objects.exists() else None


def _week(now: datetime) -> str:
    year, week, _day = now.isocalendar()
    return f"week:{year}-{week:02}"
