"""Texts that nobody decided to publish yet: write, send for review, send back, publish, discard.

A draft is a revision like any other, but only `Article.draft_revision` points to it: what is
published goes on answering. Where the workspace requires review, an editor's draft is published
by somebody else; administrators may always publish. Each step leaves an audit entry and, for the
people who read the article's page, a Review row. Doing the same again changes nothing.
"""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit
from accounts.access import ADMINS
from accounts.errors import NotAllowed, NotFound
from accounts.models import Member
from accounts.scope import workspace_scope
from accounts.workspaces import settings_of
from knowledge import articles, search_words
from knowledge.articles import KnowledgeError
from knowledge.models import Article, DraftState, Review, Revision

LONGEST_NOTE = 2_000


class DraftChanged(KnowledgeError):
    """The draft is not the one that was looked at."""


@dataclass(frozen=True)
class Rights:
    """directly: publish without anybody's review. draft: publish the draft that waits."""

    directly: bool
    draft: bool


def rights(member: Member, article: Article | None) -> Rights:
    """What a member who may edit may publish. Inside the scope."""
    directly = may_publish_directly(member)
    waits = article is not None and article.draft_state == DraftState.IN_REVIEW
    written = article.draft_revision if article is not None and waits else None
    somebody_elses = written is not None and written.author_id != member.id
    if article is not None and written is not None and written.author_id is None:
        somebody_elses = article.source.kind != "console"  # imported; else of a former member
    return Rights(directly, directly or somebody_elses)


def may_publish_directly(member: Member) -> bool:
    """Inside the scope."""
    return member.role in ADMINS or not settings_of(member.workspace_id).review_required


def submit(author: Member, article_id: UUID, *, note: str = "") -> None:
    """Ask for a review of the draft. Raises NotFound without one."""
    with workspace_scope(author.workspace_id):
        article, draft = _with_draft(article_id)
        if article.draft_state != DraftState.IN_REVIEW:
            _set_state(article, DraftState.IN_REVIEW)
            _record(author, "submitted", article, draft, note)


def send_back(reviewer: Member, article_id: UUID, *, note: str, seen: int) -> None:
    """The draft needs work; `note` says which. Raises KnowledgeError, DraftChanged, NotFound."""
    if not note.strip():
        raise KnowledgeError(_("Say what is to be changed."))
    with workspace_scope(reviewer.workspace_id):
        article, draft = _with_draft(article_id, seen)
        if article.draft_state == DraftState.IN_REVIEW:
            article.publish_at = None
            _set_state(article, DraftState.SENT_BACK)
            _record(reviewer, "returned", article, draft, note)


def publish(publisher: Member, article_id: UUID, *, seen: int, note: str = "") -> None:
    """Decide that the draft is to answer. `seen`: its number when the page was opened.

    Raises DraftChanged, NotFound, and NotAllowed where this member can't give the review.
    """
    with workspace_scope(publisher.workspace_id):
        article, draft = _with_draft(article_id, seen)
        if not rights(publisher, article).draft:
            raise NotAllowed("somebody else publishes this draft")
        accept(article, draft)
        _record(publisher, "published", article, draft, note)


def accept(article: Article, draft: Revision) -> None:
    """Make the draft the wanted revision, inside the scope; the caller records who did it."""
    clear(article)
    articles.want(article, draft)


def discard(author: Member, article_id: UUID) -> None:
    """What is published stays as it is. An article that has only the draft is archived instead."""
    with workspace_scope(author.workspace_id):
        article, draft = _with_draft(article_id)
        if article.wanted_revision_id is None:
            raise KnowledgeError(_("Nothing else is there. Archive the article instead."))
        clear(article)
        audit.record(
            author,
            "article.draft_discarded",
            target_kind="article",
            target_id=article.id,
            revision=draft.number,
        )


def clear(article: Article) -> None:
    """The article has no draft, and none is scheduled. Inside the scope."""
    if article.draft_revision_id is None and article.publish_at is None:
        return
    article.draft_revision, article.draft_state, article.publish_at = None, "", None
    article.save(update_fields=["draft_revision", "draft_state", "publish_at", "updated_at"])
    search_words.note(article.workspace_id, [article.id])


def point_to(article: Article, draft: Revision, *, keep_schedule: bool) -> None:
    """This revision is the article's draft now. Inside the scope.

    What was scheduled by somebody who may publish is not published with a text that they did not
    see: it stays scheduled only where the draft's author may publish too.
    """
    article.draft_revision, article.draft_state = draft, DraftState.WRITTEN
    if article.wanted_revision_id is None:
        article.title = draft.title
    if not keep_schedule:
        article.publish_at = None
    article.updated_at = timezone.now()
    article.save()
    search_words.note(article.workspace_id, [article.id])


def history(article: Article, *, count: int = 10) -> "QuerySet[Review]":
    """What became of the article's drafts, newest first. Inside the scope."""
    rows = Review.objects.filter(article=article).select_related("actor", "revision")
    return rows.defer("revision__text").order_by("-created_at", "-id")[:count]


def _with_draft(article_id: UUID, seen: int | None = None) -> tuple[Article, Revision]:
    article = articles.by_id(article_id)
    draft = article.draft_revision
    if draft is None:
        raise NotFound("there is no draft")
    if seen is not None and draft.number != seen:
        raise DraftChanged(_("The draft was changed meanwhile. Look at it again."))
    return article, draft


def _set_state(article: Article, state: DraftState) -> None:
    article.draft_state = state
    article.save(update_fields=["draft_state", "publish_at", "updated_at"])


def _record(member: Member, action: str, article: Article, draft: Revision, note: str) -> None:
    note = note.replace("\r\n", "\n").replace("\0", "").strip()[:LONGEST_NOTE]
    Review.objects.create(
        workspace_id=article.workspace_id,
        article=article,
        revision=draft,
        actor=member,
        action=action,
        note=note,
    )
    detail = {"note": note} if note else {}
    audit.record(
        member,
        f"article.draft_{action}",
        target_kind="article",
        target_id=article.id,
        revision=draft.number,
        **detail,
    )
