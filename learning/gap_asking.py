"""Ask a group's questions again, as their visitors asked them: does tier 1 answer them now?

Asked are the newest questions that needed help, in the worker. The published texts that they were
asked of are kept as a digest, so a page can see that an article was published since, and ask anew;
whether that article came from the group's own draft or the nearest one was extended.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.utils import timezone

from accounts.scope import workspace_scope
from chatbot.answering.contract import ANSWER, AnswerRequest, Decision
from chatbot.asking import request_of
from chatbot.models import Receipt
from knowledge.models import Article
from learning.gap_groups import by_id
from learning.gap_questions import ARTICLES
from learning.models import GapGroup, GapQuestion, GapState
from learning.review_jobs import ASK, QUEUE
from outbox.queue import enqueue

MOST_ASKED = 20  # questions
LOST_AFTER = timedelta(minutes=10)  # an answer that did not come by then is asked for again
MOST_WATCHED = 50  # groups with an article of their own that a review looks at


@dataclass(frozen=True)
class Again:
    """A question as its visitor asked it."""

    question: GapQuestion
    request: AnswerRequest


def is_being_asked(group: GapGroup) -> bool:
    since = group.asking_since
    return since is not None and timezone.now() - since < LOST_AFTER


def ask_if_published(workspace_id: UUID, group_id: UUID, *, always: bool = False) -> bool:
    """Whether it is being asked: because a text was published or withdrawn since, or `always`."""
    with workspace_scope(workspace_id):
        group = by_id(group_id)
        if is_being_asked(group):
            return True
        if not always and group.asked_of == texts_of(group):
            return False
        waits = GapGroup.objects.filter(id=group_id, asking_since=group.asking_since)
        if waits.update(asking_since=timezone.now()) != 1:
            return True  # somebody else has just asked
        payload = {"group_id": str(group_id)}
        enqueue(ASK, workspace_id=workspace_id, payload=payload, queue=QUEUE)
        return True


def ask_of_published(workspace_id: UUID) -> None:
    """The groups for which an article was begun, if it is there by now. Needs the scope."""
    begun = GapGroup.objects.filter(
        state=GapState.OPEN, is_answered=False, drafted_at__isnull=False
    )
    for group_id in begun.order_by("-drafted_at").values_list("id", flat=True)[:MOST_WATCHED]:
        ask_if_published(workspace_id, group_id)


def texts_of(group: GapGroup) -> str:
    """A digest of what is published of its own article and the nearest ones. Needs the scope."""
    near = {one for row in newest(group) for one in row.articles}
    rows = Article.objects.filter(id__in=near) | Article.objects.filter(external_id=str(group.id))
    rows = rows.filter(archived_at__isnull=True, published_revision__isnull=False)
    ids = sorted(str(one) for one in rows.values_list("published_revision_id", flat=True))
    asked = sorted(str(row.id) for row in newest(group))
    return hashlib.sha256("\n".join([*ids, "", *asked]).encode()).hexdigest()


def newest(group: GapGroup) -> list[GapQuestion]:
    """Those that are asked again. Needs the scope."""
    rows = GapQuestion.objects.filter(group=group, needs_help=True).defer("vector")
    return list(rows.select_related("turn__conversation").order_by("-asked_at", "-id")[:MOST_ASKED])


def run(workspace_id: UUID, group_id: UUID, *, before_commit: Callable[[], None]) -> None:
    """Ask, and store what came of it. Cost: one answer of tier 1 for each question."""
    from chatbot.answering.pipeline import answer

    with workspace_scope(workspace_id):
        group = GapGroup.objects.filter(id=group_id).first()
        asked = [_again(row) for row in newest(group)] if group else []
        texts = texts_of(group) if group else ""
    decisions = [answer(one.request) for one in asked]
    with workspace_scope(workspace_id):
        before_commit()
        if any(one.reason == "model_unavailable" for one in decisions):
            rows = GapGroup.objects.filter(id=group_id)
            rows.update(asking_since=None, asked_of=texts)  # not again at each look at the page
            return
        _record(group_id, [one.question for one in asked], decisions, texts)


def _again(row: GapQuestion) -> Again:
    """As question and dialogue were when tier 1 weighed it last."""
    weighed = Receipt.objects.filter(turn_id=row.turn_id, tier__lt=2).order_by("-created_at")
    until = weighed.values_list("created_at", flat=True).first()
    return Again(row, request_of(row.turn, until=until))


def _record(
    group_id: UUID, rows: Sequence[GapQuestion], decisions: Sequence[Decision], texts: str
) -> None:
    """Needs the scope. A text that was published meanwhile has it asked again."""
    group = GapGroup.objects.filter(id=group_id).first()
    if group is None:
        return
    is_current = texts_of(group) == texts
    for row, decision in zip(rows, decisions, strict=True):
        row.now_answered = decision.kind == ANSWER
        row.now_text = decision.text if row.now_answered else ""
        near = list(dict.fromkeys(one.article_id for one in decision.evidence))[:ARTICLES]
        row.articles = near or row.articles
    GapQuestion.objects.bulk_update(rows, ["now_answered", "now_text", "articles"])
    answered = sum(bool(row.now_answered) for row in rows)
    GapGroup.objects.filter(id=group_id).update(
        checked=len(rows),
        answered=answered,
        is_answered=2 * answered > len(rows),
        checked_at=timezone.now(),
        asked_of=texts_of(group) if is_current else "",
        asking_since=None,
    )
