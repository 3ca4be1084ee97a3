"""Publish a draft, or archive an article, at a moment.

The moment stands in the article's row, and a job of the outbox becomes due with it: the scheduler
wakes a worker, whatever was restarted meanwhile. The job does what it was made for only if the row
still names exactly its moment; done or cancelled, the row names none. So it happens once, and a
changed or cancelled schedule leaves nothing to undo.
KnowledgeError: the moment cannot be kept; the message is for whoever chose it.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit
from accounts.errors import NotAllowed
from accounts.models import Member
from accounts.scope import workspace_scope
from accounts.workspaces import settings_of
from knowledge import articles, drafts
from knowledge.articles import KnowledgeError
from knowledge.models import Article, Review
from outbox.queue import LeasedJob, enqueue

KIND = "scheduled_article"
CHECK = "check_schedule"  # done by learning, which knows the golden questions
FIELDS = {"publish": "publish_at", "archive": "archive_at"}
Payload = Mapping[str, Any]
LONGEST = timedelta(days=5 * 366)


def zone_of(workspace_id: UUID) -> ZoneInfo:
    """The workspace's time zone, inside the scope."""
    return ZoneInfo(settings_of(workspace_id).time_zone)


def moment(wall: datetime, zone: ZoneInfo) -> datetime:
    """What the clocks of the zone show, as a moment. Raises KnowledgeError in a gap of theirs."""
    found = wall.replace(tzinfo=zone)
    there = found.astimezone(UTC).astimezone(zone)
    if there.replace(tzinfo=None) != wall:
        raise KnowledgeError(_("The clocks skip this moment. Choose a later one."))
    return found.astimezone(UTC)


def schedule(
    author: Member,
    article_id: UUID,
    action: str,
    at: datetime | None,
    *,
    accepted: Sequence[str] = (),
) -> None:
    """Publish or archive at a moment, instead of one that was chosen before; None cancels.

    accepted: ids of the golden questions that may lose their answers by it. Raises NotFound,
    NotAllowed, KnowledgeError. The same moment again changes nothing.
    """
    field = FIELDS[action]
    with workspace_scope(author.workspace_id):
        article = articles.by_id(article_id)
        before = getattr(article, field)
        if before == at:
            return
        if at is not None:
            _check(author, article, action, at)
        setattr(article, field, at)
        article.save(update_fields=[field, "updated_at"])
        if at is not None:
            _ask(article, action, at, author, accepted)
        audit.record(
            author,
            f"article.{action}_scheduled" if at else f"article.{action}_unscheduled",
            target_kind="article",
            target_id=article.id,
            at=at.isoformat() if at else before.isoformat(),
        )


def _check(author: Member, article: Article, action: str, at: datetime) -> None:
    now = timezone.now()
    if not now < at < now + LONGEST:
        raise KnowledgeError(_("Choose a moment in the next five years."))
    if article.archived_at is not None:
        raise KnowledgeError(_("The article is archived."))
    if action == "publish":
        if article.draft_revision_id is None:
            raise KnowledgeError(_("There is no draft that could be published."))
        if not drafts.rights(author, article).draft:
            raise NotAllowed("somebody else publishes this draft")
    other = article.archive_at if action == "publish" else article.publish_at
    if other is not None and (at >= other if action == "publish" else at <= other):
        raise KnowledgeError(_("An article is published before it is archived."))


def _ask(
    article: Article, action: str, at: datetime, author: Member, accepted: Sequence[str]
) -> None:
    enqueue(
        KIND,
        workspace_id=article.workspace_id,
        payload={
            "article_id": str(article.id),
            "action": action,
            "at": at.isoformat(),
            "by": str(author.id),
            "accepted": list(accepted),
        },
        queue="knowledge",
        delay_s=max((at - timezone.now()).total_seconds(), 0.001),
    )


def run(job: LeasedJob) -> None:
    """Do what is due, in the knowledge worker. Running twice is harmless."""
    with workspace_scope(job.workspace_id):
        job.complete()
        article = due(job.payload)
        if article is None:
            return
        if settings_of(job.workspace_id).schedule_waits:
            payload = {**job.payload, "since": timezone.now().isoformat()}
            enqueue(CHECK, workspace_id=job.workspace_id, payload=payload, queue="knowledge")
        else:
            keep(job.payload, article)


def keep(payload: Payload, article: Article) -> None:
    """Publish or archive what is `due`. Inside the scope."""
    action = str(payload["action"])
    if action == "archive":
        articles.archive(article.workspace_id, article.external_id)
    else:
        draft = article.draft_revision
        if draft is None or article.archived_at is not None:
            _forget(article, action)
            return
        drafts.accept(article, draft)
    _record(payload, article, f"article.{action}_kept")


def hold(payload: Payload, article: Article, *, lost: int) -> None:
    """Do nothing at this moment: golden answers would get lost. The article's page says so.

    Inside the scope.
    """
    action = str(payload["action"])
    _forget(article, action)
    Review.objects.create(
        workspace_id=article.workspace_id,
        article=article,
        revision=article.draft_revision or articles.decided_revision(article),
        action="held",
        note=str(lost),
    )
    _record(payload, article, f"article.{action}_held")


def give_up(job: LeasedJob) -> None:
    """No worker could do it: the article shows no schedule any more. In the burying transaction."""
    article = due(job.payload)
    if article is not None:
        action = str(job.payload["action"])
        _forget(article, action)
        _record(job.payload, article, f"article.{action}_failed")


def due(payload: Payload) -> Article | None:
    """The article, locked, if the job's moment is still the one that is wanted."""
    rows = Article.objects.select_for_update().filter(id=UUID(payload["article_id"]))
    article = rows.first()
    if article is None:
        return None
    wanted = getattr(article, FIELDS[str(payload["action"])])
    return article if wanted == datetime.fromisoformat(payload["at"]) else None


def _forget(article: Article, action: str) -> None:
    setattr(article, FIELDS[action], None)
    article.save(update_fields=[FIELDS[action]])


def _record(payload: Payload, article: Article, action: str) -> None:
    audit.record(
        "system",
        action,
        target_kind="article",
        target_id=article.id,
        scheduled_by=payload["by"],
        at=payload["at"],
    )
