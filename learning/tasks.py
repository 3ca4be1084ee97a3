"""Handlers of the outbox jobs that belong to learning."""

from uuid import UUID

from accounts.scope import workspace_scope
from learning import audits
from outbox.queue import LeasedJob
from outbox.registry import handler


@handler("draw_audit")
def draw_audit(job: LeasedJob) -> None:
    """Copy a drawn decision for its auditor."""
    with workspace_scope(job.workspace_id):
        job.complete()
        audits.draw(UUID(job.payload["receipt_id"]), share=float(job.payload["share"]))
