"""What the knowledge worker does, in the test's own transaction."""

from typing import cast
from uuid import UUID

from django.utils import timezone

from accounts.scope import workspace_scope
from knowledge import tasks, uploads
from knowledge.sources import runs
from outbox.models import JobState, OutboxJob
from outbox.queue import LeasedJob, claim
from outbox.registry import Work, handler_of


def claimed(workspace_id: UUID, job_id: UUID) -> LeasedJob:
    job = claim(workspace_id, job_id, lease_s=60)
    assert job is not None
    return job


def work_on(workspace_id: UUID, job_id: UUID) -> None:
    assert tasks  # registers the handlers
    job = claimed(workspace_id, job_id)
    if job.kind == uploads.KIND:  # a thread of its own would not see the test's transaction
        uploads.run(job)
        return
    cast(Work, handler_of(job.kind).work)(job)


def work(workspace_id: UUID, queue: str = "knowledge") -> None:
    """Do all that is due, oldest first, and what comes of it; tests of sources take theirs."""
    while True:
        with workspace_scope(workspace_id):
            due = OutboxJob.objects.filter(
                state=JobState.READY, queue=queue, available_at__lte=timezone.now()
            )
            due = due.exclude(kind__in=[runs.STEP, runs.SCHEDULED])
            ids = list(due.order_by("id").values_list("id", flat=True))
        if not ids:
            return
        for job_id in ids:
            work_on(workspace_id, job_id)
