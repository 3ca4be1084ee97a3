"""Look through the conversations that changed, oldest change first, some at a time.

What is derived from them is written in the transaction that moves the mark, so a step that is done
twice changes nothing. At the end the mark is set back a little: a transaction that began before
may have been committed behind it.
"""

from datetime import timedelta
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import timezone

from chatbot.models import Conversation
from learning import conversation_days, gap_asking, gap_groups, gap_questions, review_lock
from learning.conversation_facts import facts_of
from learning.models import ReviewProgress
from learning.review_jobs import ask_for_grouping

STEP = 200  # conversations
OVERLAP = timedelta(seconds=60)


def step(workspace_id: UUID) -> tuple[int, bool]:
    """How many were looked through, and whether there are more. Needs the scope."""
    review_lock.hold(workspace_id)
    progress, _ = ReviewProgress.objects.get_or_create(workspace_id=workspace_id)
    rows = list(_changed_since(progress)[: STEP + 1])
    batch, more = rows[:STEP], len(rows) > STEP
    found = facts_of(batch)
    conversation_days.store(found)
    questions = gap_questions.store(found)
    gap_groups.refresh(questions.groups)
    if questions.waiting:
        ask_for_grouping(workspace_id)
    if not more:
        gap_asking.ask_of_published(workspace_id)
    _move(progress, batch, at_the_end=not more)
    return len(batch), more


def _changed_since(progress: ReviewProgress) -> QuerySet[Conversation]:
    rows = Conversation.objects.order_by("changed_at", "id")
    if progress.changed_at is None:
        return rows
    later = Q(changed_at__gt=progress.changed_at)
    if progress.last_id is not None:
        later |= Q(changed_at=progress.changed_at, id__gt=progress.last_id)
    return rows.filter(later, changed_at__gte=progress.changed_at)


def _move(progress: ReviewProgress, batch: list[Conversation], *, at_the_end: bool) -> None:
    now = timezone.now()
    if batch:
        progress.changed_at, progress.last_id = batch[-1].changed_at, batch[-1].id
    if at_the_end:
        progress.reviewed_at = now
        if progress.changed_at is not None and progress.changed_at > now - OVERLAP:
            progress.changed_at, progress.last_id = now - OVERLAP, None
    progress.save()
