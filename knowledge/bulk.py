"""One action on many articles: the checked ones, or all that match a filter.

Few are changed at once. Many are changed by the knowledge worker in steps, each in one transaction
with its progress, so that a killed worker repeats or loses nothing. Articles that are made later
than the change was asked for stay out of it. Each article is changed as its editor would change it:
with the author's rights as they are at that moment, and with an audit entry of its own.
KnowledgeError: the action cannot be asked for; the message is for its author.
"""

import re
from collections.abc import Collection
from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit
from accounts.access import EDITORS
from accounts.errors import NotAllowed, NotFound
from accounts.models import Member
from accounts.scope import workspace_scope
from knowledge import drafts, editing, tags
from knowledge.articles import KnowledgeError
from knowledge.listing import COUNTED, Chosen, Count, counted, filtered
from knowledge.models import Article, ArticleState, Audience, BulkChange, BulkState
from outbox.queue import LeasedJob, enqueue

KIND = "bulk_articles"
AT_ONCE = 100  # articles that are changed while the page waits
STEP = 50
MOST_CHECKED = 1_000
MOST_PROBLEMS = 50
ACTIONS = ("publish", "archive", "tag", "untag", "audience", "language")
MOVING = frozenset({BulkState.WAITING, BulkState.RUNNING})
LIVING = MOVING | {BulkState.CHECKING, BulkState.HELD}
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})?")


def checked_value(action: str, value: str) -> str:
    """What the action does with each article, as it is kept. Raises KnowledgeError."""
    if action not in ACTIONS:
        raise KnowledgeError(_("Choose what to do."))
    if action in {"tag", "untag"}:
        return tags.normalised(value)
    if action == "audience" and value not in Audience.values:
        raise KnowledgeError(_("Choose who may read them."))
    if action == "language" and not (_LANGUAGE.fullmatch(value) and len(value) <= 12):
        raise KnowledgeError(_("A language is a code such as en or ru."))
    return value if action in {"audience", "language"} else ""


def count_of(workspace_id: UUID, ids: Collection[UUID] | None, chosen: Chosen) -> Count:
    """How many articles it would be; ids None: all that match. Counting stops at a limit."""
    with workspace_scope(workspace_id):
        return counted(_rows(workspace_id, ids, chosen), most=COUNTED)


def start(
    author: Member,
    action: str,
    value: str,
    *,
    ids: Collection[UUID] | None,
    chosen: Chosen,
    checking: bool = False,
) -> BulkChange:
    """Change up to AT_ONCE articles before this returns, and more in the background.

    checking: change nothing until `go_on`.
    """
    value = checked_value(action, value)
    kept = {"filter": asdict(chosen)} if ids is None else {"ids": sorted(map(str, ids))}
    with workspace_scope(author.workspace_id):
        bulk = BulkChange.objects.create(
            workspace_id=author.workspace_id,
            author=author,
            action=action,
            value=value,
            chosen=kept,
            state=BulkState.CHECKING if checking else BulkState.WAITING,
        )
        audit.record(
            author,
            "article.bulk_started",
            target_kind="bulk",
            target_id=bulk.id,
            change=action,
            value=value,
        )
        if checking:
            return bulk
        some = chosen_rows(bulk)[: AT_ONCE + 1].values("id").count()
        if some > AT_ONCE:
            _ask(bulk)
        else:
            _advance(bulk, AT_ONCE)
    return bulk


def stop(author: Member, bulk_id: UUID) -> None:
    """What is changed already stays so. Twice is harmless. Raises NotFound."""
    with workspace_scope(author.workspace_id):
        bulk = locked(bulk_id)
        if bulk.state in LIVING:
            _end(bulk, BulkState.STOPPED)
            audit.record(author, "article.bulk_stopped", target_kind="bulk", target_id=bulk.id)


def decide(author: Member, bulk_id: UUID, *, leave_out: bool) -> None:
    """Do it although answers get lost, or without the articles by which they do.

    Raises NotFound, and NotAllowed where somebody else asked for the change.
    """
    with workspace_scope(author.workspace_id):
        bulk = locked(bulk_id)
        if bulk.state not in LIVING - MOVING:
            return
        if bulk.author_id != author.id:
            raise NotAllowed("somebody else asked for it")
        if leave_out:
            bulk.chosen = {**bulk.chosen, "without": [row["id"] for row in bulk.losing]}
        audit.record(
            author,
            "article.bulk_confirmed",
            target_kind="bulk",
            target_id=bulk.id,
            losing=len(bulk.losing),
            left_out=leave_out,
        )
        go_on(bulk)


def go_on(bulk: BulkChange) -> None:
    """Begin with what was checked. Inside the scope, with the row locked."""
    bulk.state, bulk.after, bulk.seen = BulkState.WAITING, None, 0
    bulk.save()
    _ask(bulk)


def one(workspace_id: UUID, bulk_id: UUID) -> BulkChange:
    """Raises NotFound."""
    with workspace_scope(workspace_id):
        found = BulkChange.objects.select_related("author").filter(id=bulk_id).first()
        if found is None:
            raise NotFound("no such change")
        return found


def living(workspace_id: UUID) -> list[BulkChange]:
    """Those that are under way, newest first."""
    with workspace_scope(workspace_id):
        rows = BulkChange.objects.filter(state__in=LIVING)
        return list(rows.order_by("-created_at", "-id")[:5])


def run(job: LeasedJob) -> None:
    """One step, in the knowledge worker."""
    with workspace_scope(job.workspace_id):
        job.complete()
        bulk = locked(UUID(job.payload["bulk_id"]))
        if bulk.state in MOVING:
            _advance(bulk, STEP)
            if bulk.state in MOVING:
                _ask(bulk)


def give_up(job: LeasedJob) -> None:
    """A step failed again and again. In the transaction that buries the job."""
    bulk = locked(UUID(job.payload["bulk_id"]))
    bulk.problems = [*bulk.problems, "The change could not be finished."]
    _end(bulk, BulkState.FAILED)


def _ask(bulk: BulkChange) -> None:
    enqueue(
        KIND,
        workspace_id=bulk.workspace_id,
        payload={"bulk_id": str(bulk.id)},
        queue="knowledge",
    )


def locked(bulk_id: UUID) -> BulkChange:
    """Inside the scope. Raises NotFound."""
    bulk = BulkChange.objects.select_for_update().filter(id=bulk_id).first()
    if bulk is None:
        raise NotFound("no such change")
    return bulk


def _rows(workspace_id: UUID, ids: Collection[UUID] | None, chosen: Chosen) -> "QuerySet[Article]":
    if ids is None:
        return filtered(workspace_id, chosen)
    return Article.objects.filter(workspace_id=workspace_id, id__in=ids)


def chosen_rows(bulk: BulkChange) -> "QuerySet[Article]":
    """All that are chosen and were there when the change was asked for."""
    kept = bulk.chosen
    ids = [UUID(one) for one in kept["ids"]] if "ids" in kept else None
    rows = _rows(bulk.workspace_id, ids, Chosen(**kept.get("filter", {})))
    without = [UUID(one) for one in kept.get("without", [])]
    return rows.filter(created_at__lte=bulk.created_at).exclude(id__in=without)


def _advance(bulk: BulkChange, count: int) -> None:
    """The next articles, and the progress."""
    author = bulk.author
    if author is None or not author.is_active or author.role not in EDITORS:
        bulk.problems = [*bulk.problems, "Its author may not change articles any more."]
        _end(bulk, BulkState.FAILED)
        return
    rows = chosen_rows(bulk)
    if bulk.total is None:
        bulk.total = rows.order_by().count()
    if bulk.after is not None:
        rows = rows.filter(id__gt=bulk.after)
    step = list(rows.order_by("id").values_list("id", "title")[:count])
    for article_id, title in step:
        _change(bulk, author, article_id, title)
        bulk.after, bulk.seen = article_id, bulk.seen + 1
    if len(step) < count:
        _end(bulk, BulkState.DONE)
    else:
        bulk.state = BulkState.RUNNING
        bulk.save()


def _end(bulk: BulkChange, state: BulkState) -> None:
    bulk.state, bulk.finished_at = state, timezone.now()
    bulk.save()


def _change(bulk: BulkChange, author: Member, article_id: UUID, title: str) -> None:
    try:
        with transaction.atomic():
            done = _apply(author, bulk, article_id)
    except NotFound:
        return
    except NotAllowed:
        _skip(bulk, title, _("somebody else has to publish it"))
        return
    except KnowledgeError as error:
        _skip(bulk, title, str(error))
        return
    if done:
        bulk.changed += 1
    else:
        bulk.skipped += 1


def _skip(bulk: BulkChange, title: str, reason: str) -> None:
    bulk.skipped += 1
    if len(bulk.problems) < MOST_PROBLEMS:
        bulk.problems = [*bulk.problems, f"{title}: {reason}"]


def _apply(author: Member, bulk: BulkChange, article_id: UUID) -> bool:
    """Whether the article was changed. Raises NotFound, NotAllowed, KnowledgeError."""
    action, value, chosen_at = bulk.action, bulk.value, bulk.created_at
    article = Article.objects.select_for_update().filter(id=article_id).first()
    if article is None:
        raise NotFound("no such article")
    if action == "publish":
        return _publish(author, article, chosen_at)
    if action == "archive":
        editing.archive(author, article_id)
        return article.archived_at is None
    if action in {"tag", "untag"}:
        return editing.label(author, article_id, value, on=action == "tag")
    return editing.set_fact(author, article_id, "lang" if action == "language" else action, value)


def _publish(author: Member, article: Article, chosen_at: datetime) -> bool:
    """A draft that was written later than the change was asked for was not chosen by anybody."""
    if article.draft_revision is not None and article.archived_at is None:
        if article.draft_revision.created_at > chosen_at:
            raise drafts.DraftChanged(_("The draft was changed meanwhile. Look at it again."))
        drafts.publish(author, article.id, seen=article.draft_revision.number)
        return True
    if article.state == ArticleState.FAILED:
        editing.index_again(author, article.id)
        return True
    return False
