"""Write jobs, claim them by lease, finish them. The only writer of OutboxJob's state."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from accounts.ids import uuid7
from accounts.scope import workspace_scope
from outbox import wakeup
from outbox.errors import LeaseLost
from outbox.models import JobState, OutboxJob

_completing: "ContextVar[list[LeasedJob] | None]" = ContextVar("completing", default=None)


@dataclass(frozen=True)
class LeasedJob:
    """A job that this worker holds until its lease runs out."""

    id: UUID
    workspace_id: UUID
    kind: str
    payload: Mapping[str, Any]
    attempt: int
    lease: UUID
    created_at: datetime

    def complete(self) -> None:
        """Mark the job done, inside the transaction that writes its result.

        Raises LeaseLost if another worker took it over; the transaction must then roll back.
        """
        _finish(self, JobState.DONE)

    def bury(self) -> None:
        """Mark the job dead, inside the transaction that handles its death."""
        _finish(self, JobState.DEAD)


def enqueue(
    kind: str,
    *,
    workspace_id: UUID,
    payload: Mapping[str, Any],
    queue: str,
    dedup_key: str | None = None,
    delay_s: float = 0.0,
) -> OutboxJob | None:
    """Add a job inside the caller's transaction, and wake a worker after commit.

    With a `dedup_key` that was used before for this kind, nothing is added and None returned.
    A Redis that is down is no error: the sweeper finds the row.
    """
    job = OutboxJob(
        workspace_id=workspace_id,
        kind=kind,
        queue=queue,
        payload=dict(payload),
        dedup_key=dedup_key,
        available_at=timezone.now() + timedelta(seconds=delay_s),
    )
    if dedup_key is None:
        job.save(force_insert=True)
    else:
        known = OutboxJob.objects.filter(workspace_id=workspace_id, kind=kind, dedup_key=dedup_key)
        OutboxJob.objects.bulk_create([job], ignore_conflicts=True)
        if not known.filter(id=job.id).exists():
            return None
    if delay_s <= 0:
        transaction.on_commit(lambda: wakeup.send(job.queue, workspace_id, job.id))
    return job


def claim(workspace_id: UUID, job_id: UUID, *, lease_s: float) -> LeasedJob | None:
    """Take the job if it is due and nobody holds it; one conditional UPDATE decides."""
    now, lease = timezone.now(), uuid7()
    free = Q(locked_until__isnull=True) | Q(locked_until__lt=now)
    with workspace_scope(workspace_id):
        won = OutboxJob.objects.filter(
            free, id=job_id, state=JobState.READY, available_at__lte=now
        ).update(
            lease=lease,
            locked_until=now + timedelta(seconds=lease_s),
            attempts=F("attempts") + 1,
        )
        if won != 1:
            return None
        row = OutboxJob.objects.get(id=job_id)
    return LeasedJob(
        id=row.id,
        workspace_id=workspace_id,
        kind=row.kind,
        payload=row.payload,
        attempt=row.attempts,
        lease=lease,
        created_at=row.created_at,
    )


def extend(job: LeasedJob, *, lease_s: float) -> bool:
    """Keep the lease; False if it was lost."""
    with workspace_scope(job.workspace_id):
        until = timezone.now() + timedelta(seconds=lease_s)
        return _held(job).update(locked_until=until) == 1


def withdraw(kind: str, *, workspace_id: UUID, dedup_key: str) -> bool:
    """Take back a job that nobody holds; False where somebody does, or it has ended.

    Inside the caller's transaction and scope, which decides what becomes of it instead.
    """
    now = timezone.now()
    free = Q(locked_until__isnull=True) | Q(locked_until__lt=now)
    rows = OutboxJob.objects.filter(
        free, workspace_id=workspace_id, kind=kind, dedup_key=dedup_key, state=JobState.READY
    )
    return rows.update(state=JobState.DONE, lease=None, locked_until=None, finished_at=now) == 1


def is_pending(
    kind: str, workspace_id: UUID, *, payload: Mapping[str, Any], even_held: bool
) -> bool:
    """Whether such a job waits for a worker, or `even_held` by one. In the caller's scope."""
    rows = OutboxJob.objects.filter(
        workspace_id=workspace_id, kind=kind, state=JobState.READY, payload=dict(payload)
    )
    if not even_held:
        rows = rows.filter(Q(locked_until__isnull=True) | Q(locked_until__lt=timezone.now()))
    return rows.exists()


def retry_later(job: LeasedJob, *, error: str, delay_s: float) -> None:
    """Give the job back after a failure, to be tried again."""
    with workspace_scope(job.workspace_id):
        _held(job).update(
            lease=None,
            locked_until=None,
            last_error=error[:200],
            available_at=timezone.now() + timedelta(seconds=delay_s),
        )


def _held(job: LeasedJob) -> QuerySet[OutboxJob]:
    return OutboxJob.objects.filter(id=job.id, lease=job.lease, state=JobState.READY)


@contextmanager
def completing_together() -> Iterator[None]:
    """Jobs that are completed inside are marked done at its end, in one statement.

    Raises LeaseLost for all of them where one was lost. In a transaction and scope of the caller.
    """
    jobs: list[LeasedJob] = []
    token = _completing.set(jobs)
    try:
        yield
    finally:
        _completing.reset(token)
    rows = OutboxJob.objects.filter(
        id__in=[job.id for job in jobs],
        lease__in=[job.lease for job in jobs],  # each of them is one job's alone
        state=JobState.READY,
    )
    now = timezone.now()
    done = rows.update(state=JobState.DONE, lease=None, locked_until=None, finished_at=now)
    if done != len(jobs):
        raise LeaseLost(f"{len(jobs) - done} of {len(jobs)} jobs are held by another worker")


def _finish(job: LeasedJob, state: JobState) -> None:
    completing = _completing.get()
    if completing is not None and state == JobState.DONE:
        completing.append(job)
        return
    done = _held(job).update(state=state, lease=None, locked_until=None, finished_at=timezone.now())
    if done != 1:
        raise LeaseLost(f"job {job.id} is held by another worker")
