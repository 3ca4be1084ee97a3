"""Hybrid retrieval: several views of a question, by meaning and by words, fused.

Only passages of a published revision of an article that is not archived and whose audience is
allowed come back, whatever the index says. Ranks are counted among those alone, so an article
that a visitor may not read changes nothing but inverse document frequencies.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection

from accounts.scope import current_workspace_id, workspace_scope
from knowledge.index import Lists, PassageIndex, Query, index

DEPTH = 100  # of each list; grows when too few of its passages may be shown
FUSION = 60  # Cormack, Clarke and Büttcher 2009: reciprocal rank fusion
GROWTH = 8
MOST_VIEWS = 3

View = Query
Row = tuple[Any, ...]
_SEEN = {
    "public": ("public",),
    "signed_in": ("public", "signed_in"),
    "internal": ("public", "signed_in", "internal"),
}


@dataclass(frozen=True)
class Filters:
    """audiences: which articles may be shown; lang: only articles of that language."""

    audiences: tuple[str, ...] = ("public",)
    lang: str | None = None


def seen_by(audience: str) -> tuple[str, ...]:
    """Whose articles somebody of this audience may read."""
    return _SEEN[audience]


@dataclass(frozen=True)
class Candidate:
    """A passage that may answer. start, end: code points into the article's published text.

    dense (cosine) and lexical (BM25) have a score for each view, None where the passage is not
    among that view's best. fused orders candidates and means nothing by itself.
    """

    passage_id: UUID
    article_id: UUID
    revision_id: UUID
    doc_id: str
    title: str
    url: str
    heading_path: tuple[str, ...]
    start: int
    end: int
    text: str
    dense: tuple[float | None, ...]
    lexical: tuple[float | None, ...]
    fused: float


_ALLOWED = """
SELECT p.id, p.article_id, p.revision_id, a.external_id, a.title, a.url, p.heading_path,
       p.start, p."end", p.text
FROM knowledge_passage p JOIN knowledge_article a
  ON a.id = p.article_id AND a.published_revision_id = p.revision_id
WHERE p.workspace_id = %s AND p.id = ANY(%s) AND a.archived_at IS NULL
  AND a.audience = ANY(%s) AND (%s::text IS NULL OR a.lang = %s)
"""


def search(
    workspace_id: UUID,
    *,
    views: Sequence[View],
    filters: Filters,
    k: int = 30,
    model_version: str | None = None,
) -> list[Candidate]:
    """At most k candidates, best first. Runs no model; vectors come with the views.

    views: one to three, e.g. last turn, last two, whole history. model_version: what the vectors
    were made with, this process's embedder if not given.
    """
    if not 1 <= len(views) <= MOST_VIEWS:
        raise ValueError(f"a search takes one to {MOST_VIEWS} views")
    version = model_version or _own_version(views)
    with workspace_scope(workspace_id):
        return _search(index, (workspace_id, version), views, filters, k)


def still_published(passage_ids: Collection[UUID], *, filters: Filters) -> set[UUID]:
    """Which of these passages could be found now, inside the caller's scope."""
    found = allowed_rows(current_workspace_id(), passage_ids, filters)
    return set(found)


def _own_version(views: Sequence[View]) -> str:
    if all(view.vector is None for view in views):
        return ""
    from knowledge import embedding  # loads the model's manifest; never in the web process

    return embedding.model_version()


def _search(
    source: PassageIndex,
    where: tuple[UUID, str],
    views: Sequence[View],
    filters: Filters,
    k: int,
) -> list[Candidate]:
    depth = max(DEPTH, k)
    while True:
        lists = source.search(where[0], views, version=where[1], depth=depth)
        ids = {one for part in [*lists.dense, *lists.lexical] for one, _ in part}
        rows = allowed_rows(where[0], ids, filters)
        if len(rows) >= k or lists.complete:
            return fuse(lists, rows, k)
        depth *= GROWTH


def allowed_rows(workspace_id: UUID, ids: Collection[UUID], filters: Filters) -> dict[UUID, Row]:
    """Of these passages, those that may be shown; see _ALLOWED for the columns."""
    with connection.cursor() as cursor:
        cursor.execute(
            _ALLOWED,
            [workspace_id, list(ids), list(filters.audiences), filters.lang, filters.lang],
        )
        return {row[0]: row for row in cursor.fetchall()}


def fuse(lists: Lists, rows: Mapping[UUID, Row], k: int) -> list[Candidate]:
    """The k best of what is in `rows`, by reciprocal rank over all lists."""
    fused = dict.fromkeys(rows, 0.0)
    for part in [*lists.dense, *lists.lexical]:
        allowed = [one for one, _ in part if one in rows]
        for rank, passage_id in enumerate(allowed, start=1):
            fused[passage_id] += 1 / (FUSION + rank)
    dense = [dict(part) for part in lists.dense]
    lexical = [dict(part) for part in lists.lexical]
    best = sorted(rows, key=lambda one: (-fused[one], one))[:k]
    return [
        Candidate(
            passage_id=one,
            article_id=rows[one][1],
            revision_id=rows[one][2],
            doc_id=rows[one][3],
            title=rows[one][4],
            url=rows[one][5],
            heading_path=tuple(rows[one][6]),
            start=rows[one][7],
            end=rows[one][8],
            text=rows[one][9],
            dense=tuple(part.get(one) for part in dense),
            lexical=tuple(part.get(one) for part in lexical),
            fused=fused[one],
        )
        for one in best
    ]
