"""Articles as the console lists and counts them. Reads alone, and runs no model.

State of an article: archived; published, when its newest revision answers; failed, when the
worker gave up on that revision; else indexing.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypedDict, cast
from uuid import UUID

from django.db.models import (
    Case,
    Count,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    TextField,
    Value,
    When,
)
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast

from accounts.scope import workspace_scope
from knowledge.articles import INDEX_KIND
from knowledge.index import Health, index
from knowledge.models import Article, Audience, Embedding, Revision
from knowledge.retrieval import Filters, View, search
from outbox.models import JobState, OutboxJob

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

    class WithState(TypedDict):
        newest_id: UUID | None
        state: str

    Listed = WithAnnotations[Article, WithState]

STATES = ("published", "indexing", "failed", "archived")
PER_PAGE = 25
BY_WORDS = 100  # passages that are looked through for articles


@dataclass(frozen=True)
class Wanted:
    """What to list. Empty text, lang and state mean all."""

    text: str = ""
    lang: str = ""
    state: str = ""
    page: int = 1


@dataclass(frozen=True)
class Page:
    """`articles` carry `state`. `languages`: those that the workspace has."""

    articles: "list[Listed]"
    total: int
    number: int
    pages: int
    languages: list[str]


@dataclass(frozen=True)
class Overview:
    """states: how many articles are in each; None as health: nothing was ever indexed."""

    states: dict[str, int]
    health: Health | None


def list_articles(workspace_id: UUID, wanted: Wanted) -> Page:
    """One page, last changed first; what matches by title or id, or by the words of its text."""
    with workspace_scope(workspace_id):
        rows = with_state(Article.objects.select_related("source"))
        if wanted.text:
            rows = rows.filter(_matching(workspace_id, wanted.text))
        if wanted.lang:
            rows = rows.filter(lang=wanted.lang)
        if wanted.state:
            rows = rows.filter(state=wanted.state)
        total = rows.count()
        pages = max(-(-total // PER_PAGE), 1)
        number = min(max(wanted.page, 1), pages)
        first = (number - 1) * PER_PAGE
        found = list(rows.order_by("-updated_at", "id")[first : first + PER_PAGE])
        languages = Article.objects.order_by("lang").values_list("lang", flat=True).distinct()
        return Page(found, total, number, pages, list(languages))


def _matching(workspace_id: UUID, text: str) -> Q:
    views, audiences = [View(text, None)], tuple(Audience.values)
    found = search(workspace_id, views=views, filters=Filters(audiences), k=BY_WORDS)
    ids = {one.article_id for one in found}
    return Q(title__icontains=text) | Q(external_id__icontains=text) | Q(id__in=ids)


def with_state(rows: "QuerySet[Article]") -> "QuerySet[Listed]":
    """Each article with `newest_id` and `state`. Needs the scope."""
    newest = Revision.objects.filter(article=OuterRef("pk")).order_by("-number")
    jobs = OutboxJob.objects.filter(workspace_id=OuterRef("workspace_id"), kind=INDEX_KIND)
    jobs = jobs.annotate(revision=KeyTextTransform("revision_id", "payload")).filter(
        revision=Cast(OuterRef("newest_id"), TextField())
    )
    state = Case(
        When(archived_at__isnull=False, then=Value("archived")),
        When(published_revision_id=F("newest_id"), then=Value("published")),
        When(
            Exists(jobs.filter(state=JobState.DEAD)) & ~Exists(jobs.filter(state=JobState.READY)),
            then=Value("failed"),
        ),
        default=Value("indexing"),
    )
    annotated = rows.annotate(newest_id=Subquery(newest.values("id")[:1])).annotate(state=state)
    return cast("QuerySet[Listed]", annotated)


def overview(workspace_id: UUID) -> Overview:
    with workspace_scope(workspace_id):
        rows = with_state(Article.objects.all()).values("state").annotate(count=Count("id"))
        counted = {row["state"]: row["count"] for row in rows.order_by()}
        versions = Embedding.objects.filter(workspace_id=workspace_id).values("model_version")
        main = versions.annotate(count=Count("id")).order_by("-count").first()
        health = index.health(workspace_id, version=main["model_version"]) if main else None
    return Overview({state: counted.get(state, 0) for state in STATES}, health)
