"""A text as retrieval would find it if it were published: cut and embedded in memory alone.

Nothing here is stored, and no visitor's question ever carries one: only whoever rehearses a
question passes it along. The published passages of its article are hidden meanwhile.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING
from uuid import UUID

import numpy as np

from accounts.ids import uuid7
from accounts.scope import workspace_scope
from knowledge import embedding
from knowledge.index import Lists, index
from knowledge.indexing import Prepared, prepare
from knowledge.models import Article, Revision
from knowledge.retrieval import (
    DEPTH,
    GROWTH,
    Candidate,
    Filters,
    Row,
    View,
    allowed_rows,
    fuse,
)

if TYPE_CHECKING:
    from inference.embedder import Embedder

Scores = list[tuple[UUID, float]]


@dataclass(frozen=True)
class Text:
    """What somebody wrote and has not published. article_id: of a new article, one of its own."""

    article_id: UUID
    doc_id: str
    title: str
    text: str
    text_format: str = "markdown"
    url: str = ""
    audience: str = "public"


@dataclass(frozen=True)
class Unpublished:
    """The text's passages; their vectors are made once for each embedder that asks."""

    text: Text
    prepared: Prepared
    _vectors: dict[str, embedding.Vectors] = field(default_factory=dict, compare=False, repr=False)

    @property
    def revision(self) -> Revision:
        """Not in the database."""
        return self.prepared.revision

    def vectors(self, embedder: "Embedder") -> embedding.Vectors:
        """(P, 384), in the order of the passages."""
        if embedder.fingerprint not in self._vectors:
            made = embedding.embed(self.prepared.texts, embedder=embedder)
            self._vectors[embedder.fingerprint] = made
        return self._vectors[embedder.fingerprint]

    def rows(self) -> dict[UUID, Row]:
        """By passage, the columns that retrieval reads of the published ones."""
        return {
            one.id: (
                one.id,
                one.article_id,
                one.revision_id,
                self.text.doc_id,
                self.text.title,
                self.text.url,
                one.heading_path,
                one.start,
                one.end,
                one.text,
            )
            for one in self.prepared.passages
        }


def unpublished(workspace_id: UUID, text: Text) -> Unpublished:
    """Cut, not embedded yet. Touches no database."""
    revision = Revision(
        id=uuid7(),
        workspace_id=workspace_id,
        article_id=text.article_id,
        title=text.title,
        text=text.text,
        text_format=text.text_format,
    )
    return Unpublished(text, prepare(revision))


def of_revision(revision: Revision, article: Article) -> Unpublished:
    """A revision that is stored but does not answer."""
    text = Text(
        article_id=article.id,
        doc_id=article.external_id,
        title=revision.title,
        text=revision.text,
        text_format=revision.text_format,
        url=article.url,
        audience=article.audience,
    )
    return Unpublished(text, prepare(revision))


def search_as_if(
    draft: Unpublished,
    embedder: "Embedder",
    *,
    views: Sequence[View],
    filters: Filters,
    k: int = 30,
) -> list[Candidate]:
    """What retrieval.search finds once the draft is published, up to the words' frequencies."""
    workspace_id, hidden = draft.revision.workspace_id, draft.text.article_id
    vectors, depth = draft.vectors(embedder), max(DEPTH, k)
    shows = draft.text.audience in filters.audiences
    own = draft.rows() if shows else {}
    with workspace_scope(workspace_id):
        weights = index.weigh(workspace_id, views, draft.prepared.texts) if own else []
        while True:
            lists = index.search(workspace_id, views, version=embedder.fingerprint, depth=depth)
            ids = {one for part in [*lists.dense, *lists.lexical] for one, _ in part}
            found = allowed_rows(workspace_id, ids, filters)
            rows = {one: row for one, row in found.items() if row[1] != hidden}
            if len(rows) >= k or lists.complete:
                break
            depth *= GROWTH
    dense = [[] if view.vector is None else (vectors @ view.vector).tolist() for view in views]
    scores = {"dense": dense, "lexical": weights}
    return fuse(_merged(lists, rows, own, scores, depth), {**rows, **own}, k)


def _merged(
    lists: Lists,
    rows: Mapping[UUID, Row],
    own: Mapping[UUID, Row],
    scores: Mapping[str, Sequence[Sequence[float]]],
    depth: int,
) -> Lists:
    """The lists without what is hidden, with the draft's passages where they belong."""

    def merged(part: Scores, added: Sequence[float]) -> Scores:
        mine = [(one, float(score)) for one, score in zip(own, added, strict=False) if score > 0]
        both = [*(pair for pair in part if pair[0] in rows), *mine]
        return sorted(both, key=lambda pair: (-pair[1], pair[0]))[:depth]

    nothing: Sequence[float] = ()
    return replace(
        lists,
        dense=[
            merged(part, scores["dense"][at] if own else nothing)
            for at, part in enumerate(lists.dense)
        ],
        lexical=[
            merged(part, scores["lexical"][at] if own else nothing)
            for at, part in enumerate(lists.lexical)
        ],
    )


def nearest(
    workspace_id: UUID, vectors: embedding.Vectors, *, version: str, count: int
) -> list[list[tuple[Candidate, float]]]:
    """For each of at most a few dozen vectors the nearest published passages, with their cosine.

    Of every audience: whoever looks for what says the same edits all of them.
    """
    views = [View("", np.asarray(vector, dtype=np.float32)) for vector in vectors]
    everybody = Filters(audiences=("public", "signed_in", "internal"))
    with workspace_scope(workspace_id):
        lists = index.search(workspace_id, views, version=version, depth=count)
        ids = {one for part in lists.dense for one, _ in part}
        rows = allowed_rows(workspace_id, ids, everybody)
    by_id = {one.passage_id: one for one in fuse(lists, rows, len(rows))}
    return [[(by_id[one], score) for one, score in part if one in by_id] for part in lists.dense]
