"""A run of a source: begun once, continued step by step, ended with counts and a message.

The source's row says which run is under way; a step of any other does nothing, so a run that is
paused, deleted or begun anew ends wherever it is. Every function here needs the workspace's scope.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone

from accounts import audit
from accounts.ids import uuid7
from accounts.models import Member
from knowledge.models import Source, SourceState
from outbox.queue import LeasedJob, enqueue

QUEUE = "knowledge"
STEP = "sync_source"
SCHEDULED = "run_source"
RESTING = (SourceState.IDLE, SourceState.PAUSED)
COUNTS = ("new", "changed", "unchanged", "retired", "failed", "skipped")


class SourceFailed(Exception):
    """The run cannot go on; the message is for the editor. Nothing is retired."""


class Stopped(Exception):
    """The run is not the source's any more."""


@dataclass(frozen=True)
class Ended:
    """message: what the editor should know, empty if all went well."""

    message: str = ""


def begin(source: Source, by: Member | str) -> bool:
    """Start a run, if none is under way; False if there is one."""
    run = uuid7()
    kept = {"commit": source.progress["commit"]} if "commit" in source.progress else {}
    won = Source.objects.filter(id=source.id, state=SourceState.IDLE).update(
        state=SourceState.RUNNING,
        run=run,
        ticket=None,
        next_at=None,
        progress=kept,
        counts={},
        message="",
        started_at=timezone.now(),
        finished_at=None,
    )
    if won != 1:
        return False
    _next_step(source, run)
    audit.record(by, "source.run", target_kind="source", target_id=source.id, name=source.name)
    return True


def begin_scheduled(source_id: UUID, ticket: UUID) -> None:
    """The one job that waits for a source's next run; an older one finds another ticket."""
    source = Source.objects.filter(id=source_id, ticket=ticket).first()
    if source is not None:
        begin(source, "schedule")


def of_job(job: LeasedJob) -> Source | None:
    """The source, while the job's run is the one under way."""
    return Source.objects.filter(
        id=UUID(job.payload["source_id"]),
        run=UUID(job.payload["run"]),
        state=SourceState.RUNNING,
    ).first()


def locked(source: Source) -> Source:
    """The row again, locked, for a change of counts or progress. Raises Stopped."""
    row = (
        Source.objects.select_for_update()
        .filter(id=source.id, run=source.run, state=SourceState.RUNNING)
        .first()
    )
    if row is None:
        raise Stopped
    return row


def count(source: Source, **more: int) -> None:
    """Add to the run's counts. Raises Stopped."""
    row = locked(source)
    for name, number in more.items():
        row.counts[name] = row.counts.get(name, 0) + number
    row.save(update_fields=["counts"])
    source.counts = row.counts


def note(source: Source, **known: Any) -> None:
    """Add to the run's progress, for later steps. Raises Stopped."""
    row = locked(source)
    row.progress |= known
    row.save(update_fields=["progress"])
    source.progress = row.progress


def next_step(source: Source) -> None:
    if source.run is not None:
        _next_step(source, source.run)


def _next_step(source: Source, run: UUID) -> None:
    enqueue(
        STEP,
        workspace_id=source.workspace_id,
        payload={"source_id": str(source.id), "run": str(run)},
        queue=QUEUE,
    )


def finish(source: Source, message: str) -> None:
    """Raises Stopped."""
    row = locked(source)
    row.state = SourceState.IDLE
    row.message = message[:300]
    row.finished_at = timezone.now()
    row.progress = {"commit": row.progress["commit"]} if "commit" in row.progress else {}
    row.save()
    schedule(row)
    changed = {name: row.counts.get(name, 0) for name in ("new", "changed", "retired")}
    if any(changed.values()):
        audit.record(
            "schedule",
            "source.imported",
            target_kind="source",
            target_id=row.id,
            name=row.name,
            **changed,
        )


def schedule(source: Source) -> None:
    """Have it run again after its hours, counted from now; any earlier appointment is off."""
    source.ticket = uuid7() if source.every_hours else None
    source.next_at = None
    if source.ticket:
        delay_s = source.every_hours * 3600.0
        source.next_at = timezone.now() + timedelta(seconds=delay_s)
        enqueue(
            SCHEDULED,
            workspace_id=source.workspace_id,
            payload={"source_id": str(source.id), "ticket": str(source.ticket)},
            queue=QUEUE,
            delay_s=delay_s,
        )
    source.save(update_fields=["ticket", "next_at"])


def give_up(job: LeasedJob) -> None:
    """No worker could finish a step. Runs in the transaction that buries the job."""
    source = of_job(job)
    if source is not None:
        finish(source, "The run could not be finished. It goes on from here when it is run again.")
