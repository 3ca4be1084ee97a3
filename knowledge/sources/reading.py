"""Sources and their pages as the console lists them. Reads alone; nothing counts a whole table."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import connection

from accounts.errors import NotFound
from accounts.scope import workspace_scope
from knowledge.models import PageState, Source, SourcePage, SourceState
from knowledge.sources.runs import COUNTS

PER_PAGE = 25
MOST_COUNTED = 1_000
_LIVING = """
SELECT s.id, (SELECT count(*) FROM (
  SELECT FROM knowledge_article WHERE source_id = s.id AND archived_at IS NULL LIMIT %s
) AS first_ones) FROM unnest(%s::uuid[]) AS s (id)
"""


@dataclass(frozen=True)
class Listed:
    """articles: living ones, at most MOST_COUNTED. seen, visited: pages of the run under way."""

    source: Source
    articles: int
    seen: int
    visited: int

    @property
    def is_many(self) -> bool:
        return self.articles >= MOST_COUNTED

    @property
    def runs(self) -> bool:
        return self.source.state == SourceState.RUNNING


@dataclass(frozen=True)
class Pages:
    """One page of a source's pages, by address; more: there is another one."""

    pages: list[SourcePage]
    number: int
    more: bool


def list_sources(workspace_id: UUID, *, number: int) -> tuple[list[Listed], bool]:
    """One page by name, and whether there is another one."""
    first = (number - 1) * PER_PAGE
    with workspace_scope(workspace_id):
        rows = list(Source.objects.order_by("name")[first : first + PER_PAGE + 1])
        return _listed(rows[:PER_PAGE]), len(rows) > PER_PAGE


def find(workspace_id: UUID, source_id: UUID) -> Listed:
    """Raises NotFound."""
    with workspace_scope(workspace_id):
        source = Source.objects.filter(id=source_id).first()
        if source is None:
            raise NotFound("no such source")
        return _listed([source])[0]


def _listed(sources: Sequence[Source]) -> list[Listed]:
    """One query, however many. Inside the scope."""
    with connection.cursor() as cursor:
        cursor.execute(_LIVING, [MOST_COUNTED, [one.id for one in sources]])
        living = dict(cursor.fetchall())
    return [
        Listed(
            source=one,
            articles=living[one.id],
            seen=int(one.progress.get("seen", 0)),
            visited=sum(one.counts.get(name, 0) for name in COUNTS if name != "retired"),
        )
        for one in sources
    ]


def list_pages(workspace_id: UUID, source_id: UUID, *, state: str, number: int) -> Pages:
    """state: one of PageState, else all of them. Problems come with their pages."""
    first = (number - 1) * PER_PAGE
    with workspace_scope(workspace_id):
        rows = SourcePage.objects.filter(source_id=source_id)
        if state in PageState.values:
            rows = rows.filter(state=state)
        found = list(rows.defer("links").order_by("address")[first : first + PER_PAGE + 1])
    return Pages(found[:PER_PAGE], number, len(found) > PER_PAGE)
