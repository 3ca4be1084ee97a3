"""What the worker looks at before it changes many articles, or keeps a schedule.

A change of many articles is checked article by article; each step begins the next article's check
and is called again by its end. Where golden answers get lost the change waits for its author, and
a schedule is not kept: the article says so.
"""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from accounts.models import Member
from accounts.scope import workspace_scope
from knowledge import bulk, scheduling
from knowledge.listing import Chosen
from knowledge.models import Article, BulkChange, BulkState
from learning import draft_checks, going_live
from learning.draft_checks import Then, Wanted
from learning.models import DraftCheck, GoldenQuestion
from outbox.queue import LeasedJob, enqueue

BULK = "check_bulk"
CHECKED = frozenset({"publish", "archive", "audience"})  # actions that can take answers away
MOST_CHECKED = 500  # articles of one change; of more its author decides unchecked
TOO_MANY = "too_many"  # in BulkChange.problems, for words of the page


def start_bulk(
    author: Member, action: str, value: str, *, ids: Collection[UUID] | None, chosen: Chosen
) -> BulkChange:
    """As bulk.start, after the golden questions were asked where they have to be."""
    with workspace_scope(author.workspace_id):
        checking = action in CHECKED and going_live.required(author)
        change = bulk.start(author, action, value, ids=ids, chosen=chosen, checking=checking)
        if checking:
            _next(change)
    return change


def step_bulk(job: LeasedJob) -> None:
    """Look at the articles up to the first one whose check has to be waited for."""
    with workspace_scope(job.workspace_id):
        job.complete()
        change = bulk.locked(UUID(job.payload["bulk_id"]))
        if change.state != BulkState.CHECKING:
            return
        rows = _reached(change)
        if change.total is None:
            change.total = bulk.chosen_rows(change).order_by().count()
            if rows.values("id")[: MOST_CHECKED + 1].count() > MOST_CHECKED:
                change.state, change.problems = BulkState.HELD, [TOO_MANY]
                change.save()
                return
        if change.after is not None:
            rows = rows.filter(id__gt=change.after)
        for article in rows.order_by("id").select_related("draft_revision", "wanted_revision"):
            wanted = _wanted(change, article)
            found = draft_checks.last(job.workspace_id, wanted)
            if not _is_fresh(found, change.created_at):
                then = Then(BULK, job.payload)
                draft_checks.start(change.author, wanted, workspace_id=job.workspace_id, then=then)
                change.save()
                return
            assert found is not None
            _note(change, article, found)
        _checked(change)


def give_up_bulk(job: LeasedJob) -> None:
    """Its author decides without. Runs in the transaction that buries the job."""
    change = bulk.locked(UUID(job.payload["bulk_id"]))
    if change.state == BulkState.CHECKING:
        change.state, change.problems = BulkState.HELD, [draft_checks.NO_WORKER]
        change.save()


def _next(change: BulkChange) -> None:
    payload = {"bulk_id": str(change.id)}
    enqueue(BULK, workspace_id=change.workspace_id, payload=payload, queue="knowledge")


def _is_fresh(found: DraftCheck | None, since: datetime) -> bool:
    """Whether it was begun since then and has ended."""
    return found is not None and found.ended_at is not None and found.created_at >= since


def _reached(change: BulkChange) -> "QuerySet[Article]":
    """Those of the chosen articles that the action would change for visitors."""
    reached = {
        "publish": Q(archived_at=None, draft_revision__isnull=False),
        "archive": Q(archived_at=None, wanted_revision__isnull=False),
        "audience": Q(archived_at=None, wanted_revision__isnull=False) & ~Q(audience=change.value),
    }
    return bulk.chosen_rows(change).filter(reached[change.action])


def _wanted(change: BulkChange, article: Article) -> Wanted:
    if change.action == "archive":
        return going_live.of_archiving(article)
    if change.action == "publish":
        assert article.draft_revision is not None
        return going_live.of_revision(article, article.draft_revision)
    assert article.wanted_revision is not None
    return going_live.of_revision(article, article.wanted_revision, audience=change.value)


def _note(change: BulkChange, article: Article, found: DraftCheck) -> None:
    change.after, change.seen = article.id, change.seen + 1
    if found.lost:
        one = {"id": str(article.id), "title": article.title, "lost": found.lost}
        change.losing = [*change.losing, one | {"check": str(found.id)}]
    if found.problem and found.problem not in change.problems:
        change.problems = [*change.problems, found.problem]


def _checked(change: BulkChange) -> None:
    if change.losing or change.problems:
        change.state = BulkState.HELD
        change.save()
    else:
        bulk.go_on(change)


def step_schedule(job: LeasedJob) -> None:
    """Keep a schedule that is due, unless it takes golden answers away that nobody gave up."""
    with workspace_scope(job.workspace_id):
        job.complete()
        article = scheduling.due(job.payload)
        if article is None:
            return
        wanted = _scheduled(article, str(job.payload["action"]))
        if wanted is None or not GoldenQuestion.objects.exists():
            scheduling.keep(job.payload, article)
            return
        since = datetime.fromisoformat(job.payload["since"])
        found = draft_checks.last(job.workspace_id, wanted)
        if not _is_fresh(found, since):
            then = Then(scheduling.CHECK, job.payload)
            draft_checks.start(None, wanted, workspace_id=job.workspace_id, then=then)
        else:
            accepted = set(job.payload.get("accepted", []))
            lost = set(going_live.lost_questions(found)) - accepted
            if lost:
                scheduling.hold(job.payload, article, lost=len(lost))
            else:
                scheduling.keep(job.payload, article)


def _scheduled(article: Article, action: str) -> Wanted | None:
    """What becomes of the article, None if nothing."""
    if article.archived_at is not None:
        return None
    if action == "archive":
        return going_live.of_archiving(article) if article.wanted_revision_id else None
    draft = article.draft_revision
    return going_live.of_revision(article, draft) if draft is not None else None
