"""Asking for the workspace's thresholds to be computed anew."""

from uuid import UUID

from outbox.queue import enqueue

KIND, QUEUE = "set_thresholds", "knowledge"


def ask_for_thresholds(workspace_id: UUID) -> None:
    """Inside the scope and the transaction of what changed.

    Always a job of its own: one that waits already may be taken before this change is committed.
    """
    enqueue(KIND, workspace_id=workspace_id, payload={}, queue=QUEUE)
