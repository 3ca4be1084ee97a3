"""Asking for conversations to be looked through: by the pages of reports, which run no model."""

from datetime import timedelta
from uuid import UUID

from django.utils import timezone

from accounts.scope import workspace_scope
from learning.models import ReviewProgress
from outbox.queue import enqueue

QUEUE = "knowledge"
REVIEW, GROUP, ASK = "review_conversations", "group_gaps", "ask_gap_again"
STALE_S = 30.0  # a page that is opened more often than this shows the figures there are
AGAIN_S = 600.0  # as long as conversations change


def ask_for_review(workspace_id: UUID) -> ReviewProgress | None:
    """Ask where the last review is older than half a minute; how far it has come until now."""
    now = timezone.now()
    with workspace_scope(workspace_id):
        progress = ReviewProgress.objects.first()
        fresh = progress and progress.reviewed_at
        if not fresh or now - fresh > timedelta(seconds=STALE_S):
            next_review(workspace_id, key=f"page:{int(now.timestamp() // STALE_S)}")
        return progress


def next_review(workspace_id: UUID, *, key: str | None = None, delay_s: float = 0.0) -> None:
    """One step of it. With a key that was used before nothing is added."""
    enqueue(
        REVIEW,
        workspace_id=workspace_id,
        payload={},
        queue=QUEUE,
        dedup_key=key,
        delay_s=delay_s,
    )


def review_later(workspace_id: UUID) -> None:
    """Once in ten minutes, however often it is asked for."""
    number = int(timezone.now().timestamp() // AGAIN_S) + 1
    next_review(workspace_id, key=f"later:{number}", delay_s=AGAIN_S)


def ask_for_grouping(workspace_id: UUID) -> None:
    """Inside the scope and the transaction that wrote questions."""
    enqueue(GROUP, workspace_id=workspace_id, payload={}, queue=QUEUE)
