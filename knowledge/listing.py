"""Articles as the console lists and counts them. Reads alone, and runs no model.

Pages are found by key: the moment of the last change and the id of the row at their edge. Counts
stop at a limit, so that nothing here reads all rows of a workspace with 100,000 articles.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection
from django.db.models import Prefetch, Q, QuerySet

from accounts.scope import workspace_scope
from knowledge import lexical
from knowledge.finding import is_common_tag, is_common_word, matching, tagged
from knowledge.index import Health, index
from knowledge.models import Article, ArticleState, ArticleTag, DraftState, Embedding

STATES = ("published", "indexing", "failed", "archived", "draft")
PER_PAGE = 25
COUNTED = 1_000
COUNTED_IN_OVERVIEW = 10_000
FILTERS: dict[str, Q] = {
    **{state: Q(state=state) for state in (*ArticleState.values,)},
    "draft": Q(draft_state__in=[DraftState.WRITTEN, DraftState.SENT_BACK]),
    "review": Q(draft_state=DraftState.IN_REVIEW),
    "scheduled": Q(publish_at__isnull=False) | Q(archive_at__isnull=False),
}
# Each language once, by jumping from one to the next through the index.
_LANGUAGES = """
WITH RECURSIVE found AS (
  (SELECT lang FROM knowledge_article WHERE workspace_id = %s ORDER BY lang LIMIT 1)
  UNION ALL
  SELECT (SELECT a.lang FROM knowledge_article a
    WHERE a.workspace_id = %s AND a.lang > found.lang ORDER BY a.lang LIMIT 1)
  FROM found WHERE found.lang IS NOT NULL
) SELECT lang FROM found WHERE lang IS NOT NULL LIMIT 200
"""


@dataclass(frozen=True)
class Chosen:
    """Which articles. Empty fields mean all; a state that is none of FILTERS finds nothing."""

    text: str = ""
    lang: str = ""
    state: str = ""
    audience: str = ""
    tag: str = ""


@dataclass(frozen=True)
class Edge:
    """A page's first or last row."""

    updated_at: datetime
    article_id: UUID

    def __str__(self) -> str:
        return f"{self.updated_at.isoformat()}_{self.article_id}"

    @classmethod
    def parsed(cls, text: str) -> "Edge | None":
        """What __str__ gave; None for anything else."""
        moment, _, article_id = text.partition("_")
        try:
            edge = cls(datetime.fromisoformat(moment), UUID(article_id))
        except ValueError:
            return None
        return edge if edge.updated_at.tzinfo is not None else None


@dataclass(frozen=True)
class Count:
    """`more`: there are more than `number`, which is where counting stopped."""

    number: int
    more: bool


@dataclass(frozen=True)
class Page:
    """One page, last changed first. newer, older: the edges behind which further rows lie."""

    articles: list[Article]
    count: Count
    newer: Edge | None
    older: Edge | None
    languages: list[str]


@dataclass(frozen=True)
class Overview:
    """states: how many articles are in each; passages: that are found by words.

    None as health: nothing was ever indexed, or too much to be counted while a page waits.
    """

    states: dict[str, Count]
    passages: int
    health: Health | None


def list_articles(
    workspace_id: UUID,
    chosen: Chosen,
    *,
    older_than: Edge | None = None,
    newer_than: Edge | None = None,
) -> Page:
    """The page below or above an edge; the first one without."""
    with workspace_scope(workspace_id):
        rows = filtered(workspace_id, chosen)
        count = _many(workspace_id, chosen) or counted(rows)
        labels = ArticleTag.objects.select_related("tag").order_by("tag__name")
        full = rows.select_related("source").prefetch_related(Prefetch("labels", labels))
        if newer_than is not None:
            found = list(_above(full, newer_than)[: PER_PAGE + 1])
            more, found = len(found) > PER_PAGE, found[:PER_PAGE][::-1]
            newer, older = more, True
        else:
            below = full if older_than is None else _below(full, older_than)
            found = list(below.order_by("-updated_at", "-id")[: PER_PAGE + 1])
            more, found = len(found) > PER_PAGE, found[:PER_PAGE]
            newer, older = older_than is not None, more
        return Page(
            articles=found,
            count=count,
            newer=_edge(found[0]) if found and newer else None,
            older=_edge(found[-1]) if found and older else None,
            languages=languages(workspace_id),
        )


def filtered(workspace_id: UUID, chosen: Chosen) -> "QuerySet[Article]":
    """The chosen articles in no order. Inside the scope."""
    rows = Article.objects.filter(workspace_id=workspace_id)
    if chosen.lang:
        rows = rows.filter(lang=chosen.lang)
    if chosen.audience:
        rows = rows.filter(audience=chosen.audience)
    if chosen.state:
        wanted = FILTERS.get(chosen.state)
        rows = rows.filter(wanted) if wanted is not None else rows.none()
    if chosen.tag:
        rows = tagged(rows, workspace_id, chosen.tag)
    return matching(rows, workspace_id, chosen.text) if chosen.text else rows


def counted(rows: "QuerySet[Article]", *, most: int = COUNTED) -> Count:
    """How many there are, up to a limit. In the order of the list, whose index it reads then."""
    number = rows.order_by("-updated_at", "-id").values("id")[: most + 1].count()
    return Count(min(number, most), number > most)


def _many(workspace_id: UUID, chosen: Chosen) -> Count | None:
    """More than are counted, where one word or tag alone says so: no row is asked for it then."""
    more = Count(COUNTED, more=True)
    if chosen.tag and chosen == Chosen(tag=chosen.tag):
        return more if is_common_tag(workspace_id, chosen.tag, more_than=COUNTED) else None
    if chosen.text and chosen == Chosen(text=chosen.text):
        return more if is_common_word(workspace_id, chosen.text, more_than=COUNTED) else None
    return None


def languages(workspace_id: UUID) -> list[str]:
    """Those that the workspace's articles have. Inside the scope."""
    with connection.cursor() as cursor:
        cursor.execute(_LANGUAGES, [workspace_id, workspace_id])
        return [row[0] for row in cursor.fetchall()]


def _below(rows: "QuerySet[Article]", edge: Edge) -> "QuerySet[Article]":
    rows = rows.filter(updated_at__lte=edge.updated_at)
    return rows.filter(Q(updated_at__lt=edge.updated_at) | Q(id__lt=edge.article_id))


def _above(rows: "QuerySet[Article]", edge: Edge) -> "QuerySet[Article]":
    rows = rows.filter(updated_at__gte=edge.updated_at)
    rows = rows.filter(Q(updated_at__gt=edge.updated_at) | Q(id__gt=edge.article_id))
    return rows.order_by("updated_at", "id")


def _edge(article: Article) -> Edge:
    return Edge(article.updated_at, article.id)


def overview(workspace_id: UUID) -> Overview:
    with workspace_scope(workspace_id):
        states = {}
        for state in STATES:
            rows = Article.objects.filter(workspace_id=workspace_id, state=state)
            states[state] = counted(rows, most=COUNTED_IN_OVERVIEW)
        with connection.cursor() as cursor:
            passages = lexical.passages(cursor, workspace_id)
        if passages > COUNTED_IN_OVERVIEW:
            return Overview(states, passages, None)
        versions = Embedding.objects.filter(workspace_id=workspace_id).values_list(
            "model_version", flat=True
        )
        version = versions.order_by("model_version").first()
        health = index.health(workspace_id, version=version) if version else None
    return Overview(states, passages, health)
