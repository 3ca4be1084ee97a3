"""The passage index: the interface, and the PostgreSQL implementation behind it.

The index is derived from passages and can always be rebuilt from them. It runs inside a
workspace scope of its caller; row-level security holds for every statement. An entry is visible
to a search from the commit of the transaction that wrote it.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol, cast
from uuid import UUID

import psycopg
from django.db import connection

from accounts.ids import uuid7
from knowledge import dense, lexical, near, segments
from knowledge.analysis import terms
from knowledge.completing import completed
from knowledge.dense import Vector, literal


@dataclass(frozen=True)
class Entry:
    """A passage to index. text: what is searched, with title and headings."""

    passage_id: UUID
    text: str
    vector: Vector


@dataclass(frozen=True)
class Query:
    """One view of a question; without a vector it is searched by words alone."""

    text: str
    vector: Vector | None


@dataclass(frozen=True)
class Lists:
    """Per view the best passages, best first, as (passage id, score). complete: none is left."""

    dense: list[list[tuple[UUID, float]]]
    lexical: list[list[tuple[UUID, float]]]
    complete: bool


@dataclass(frozen=True)
class Health:
    """How many passages each half of the index knows; equal numbers mean healthy."""

    passages: int
    vectors: int
    words: int

    @property
    def healthy(self) -> bool:
        return self.passages == self.vectors == self.words


class PassageIndex(Protocol):
    """What retrieval needs of an index. One contract test suite holds for every implementation."""

    def upsert(self, workspace_id: UUID, entries: Sequence[Entry], *, version: str) -> None:
        """Index passages; an entry that is there already is replaced."""

    def delete(self, workspace_id: UUID, passage_ids: Collection[UUID]) -> None:
        """Forget passages; unknown ids change nothing."""

    def search(
        self, workspace_id: UUID, views: Sequence[Query], *, version: str, depth: int
    ) -> Lists:
        """The `depth` best passages for each view by meaning and by words."""

    def weigh(
        self, workspace_id: UUID, views: Sequence[Query], texts: Sequence[str]
    ) -> list[list[float]]:
        """For each view how well it finds, by words, texts that are not there, as if they were."""

    def rebuild(self, workspace_id: UUID, entries: Sequence[Entry], *, version: str) -> None:
        """Replace everything of this model version by these entries."""

    def missing(
        self, workspace_id: UUID, *, version: str, after: UUID | None, count: int
    ) -> list[tuple[UUID, str]]:
        """Passages without a vector of this version, by id after this one, with their text."""

    def add_vectors(
        self, workspace_id: UUID, vectors: Sequence[tuple[UUID, Vector]], *, version: str
    ) -> None:
        """Vectors alone, of passages that are there; what is there already is replaced."""

    def drop_vectors(self, workspace_id: UUID, *, version: str) -> None:
        """Forget all vectors of this version."""

    def freeze(self, workspace_id: UUID) -> None:
        """Let nobody else write this workspace's index until the transaction ends."""

    def health(self, workspace_id: UUID, *, version: str) -> Health:
        """Compare the index with the passages."""


_RESOLVE = """
SELECT substring(passage_ids FROM at * 16 + 1 FOR 16)
FROM unnest(%s::uuid[], %s::int[]) WITH ORDINALITY AS place (segment_id, at, number)
JOIN knowledge_segment ON id = segment_id ORDER BY number
"""
_INSERT_VECTORS = """
INSERT INTO knowledge_embedding (id, workspace_id, passage_id, model_version, vector)
SELECT id, %s, passage_id, %s, vector::vector
FROM unnest(%s::uuid[], %s::uuid[], %s::text[]) AS new (id, passage_id, vector)
"""
_MISSING = """
SELECT p.id, r.title, p.heading_path, p.text FROM knowledge_passage p
JOIN knowledge_revision r ON r.id = p.revision_id
WHERE p.workspace_id = %s AND p.id > %s AND NOT EXISTS (
  SELECT FROM knowledge_embedding e WHERE e.passage_id = p.id AND e.model_version = %s)
ORDER BY p.id LIMIT %s
"""
_NEW_VECTORS = """
INSERT INTO knowledge_embedding (id, workspace_id, passage_id, model_version, vector)
SELECT new.id, %s, passage_id, %s, vector::vector
FROM unnest(%s::uuid[], %s::uuid[], %s::text[]) AS new (id, passage_id, vector)
JOIN knowledge_passage p ON p.id = passage_id
ON CONFLICT (passage_id, model_version) DO UPDATE SET vector = excluded.vector
"""
_HEALTH = """
SELECT (SELECT count(*) FROM knowledge_passage WHERE workspace_id = %s),
  (SELECT count(*) FROM knowledge_embedding WHERE workspace_id = %s AND model_version = %s),
  (SELECT coalesce(sum(passages - octet_length(dead) / 2), 0)
   FROM knowledge_segment WHERE workspace_id = %s)
"""
_RESCORED = 5  # of depth: how many are completed when common terms were left unread
_ATTEMPTS = 5


class PostgresIndex:
    """Vectors compared or found by their graph, and BM25 over packed posting lists."""

    def upsert(self, workspace_id: UUID, entries: Sequence[Entry], *, version: str) -> None:
        if not entries:
            return
        cursor = raw_cursor()
        lexical.lock(cursor, workspace_id)
        ids = [entry.passage_id for entry in entries]
        cursor.execute(
            "DELETE FROM knowledge_embedding "
            "WHERE workspace_id = %s AND model_version = %s AND passage_id = ANY(%s)",
            [workspace_id, version, ids],
        )
        near.forget(cursor, workspace_id, ids, version=version)
        segments.remove(cursor, workspace_id, set(ids))
        self._insert(cursor, workspace_id, entries, version)

    def delete(self, workspace_id: UUID, passage_ids: Collection[UUID]) -> None:
        cursor = raw_cursor()
        lexical.lock(cursor, workspace_id)
        cursor.execute(
            "DELETE FROM knowledge_embedding WHERE workspace_id = %s AND passage_id = ANY(%s)",
            [workspace_id, list(passage_ids)],
        )
        near.forget(cursor, workspace_id, passage_ids)
        segments.remove(cursor, workspace_id, set(passage_ids))

    def search(
        self, workspace_id: UUID, views: Sequence[Query], *, version: str, depth: int
    ) -> Lists:
        cursor = raw_cursor()
        bounds = dense.Bounds(workspace_id, version, depth)
        by_meaning = dense.search(cursor, [view.vector for view in views], bounds)
        by_words = self.search_words(workspace_id, views, depth=depth)
        full = any(len(found) >= depth for found in [*by_meaning.rankings, *by_words])
        complete = not full and not by_meaning.walked
        return Lists(by_meaning.rankings, by_words, complete=complete)

    def weigh(
        self, workspace_id: UUID, views: Sequence[Query], texts: Sequence[str]
    ) -> list[list[float]]:
        asked = [terms(view.text) for view in views]
        return lexical.weighed(raw_cursor(), workspace_id, asked, [terms(text) for text in texts])

    def rebuild(self, workspace_id: UUID, entries: Sequence[Entry], *, version: str) -> None:
        cursor = raw_cursor()
        lexical.lock(cursor, workspace_id)
        segments.clear(cursor, workspace_id)
        cursor.execute(
            "DELETE FROM knowledge_embedding WHERE workspace_id = %s AND model_version = %s",
            [workspace_id, version],
        )
        near.clear(cursor, workspace_id, version)
        self._insert(cursor, workspace_id, entries, version)

    def missing(
        self, workspace_id: UUID, *, version: str, after: UUID | None, count: int
    ) -> list[tuple[UUID, str]]:
        cursor = raw_cursor()
        cursor.execute(_MISSING, [workspace_id, after or UUID(int=0), version, count])
        return [
            (passage_id, searched_text(title, path, text))
            for passage_id, title, path, text in cursor.fetchall()
        ]

    def add_vectors(
        self, workspace_id: UUID, vectors: Sequence[tuple[UUID, Vector]], *, version: str
    ) -> None:
        cursor = raw_cursor()
        lexical.lock(cursor, workspace_id)
        ids, texts = [one for one, _ in vectors], [literal(vector) for _, vector in vectors]
        cursor.execute(_NEW_VECTORS, [workspace_id, version, [uuid7() for _ in ids], ids, texts])
        near.note(cursor, workspace_id, version, ids)

    def drop_vectors(self, workspace_id: UUID, *, version: str) -> None:
        cursor = raw_cursor()
        cursor.execute(
            "DELETE FROM knowledge_embedding WHERE workspace_id = %s AND model_version = %s",
            [workspace_id, version],
        )
        near.drop(cursor, workspace_id, version)

    def freeze(self, workspace_id: UUID) -> None:
        lexical.lock(raw_cursor(), workspace_id)

    def health(self, workspace_id: UUID, *, version: str) -> Health:
        cursor = raw_cursor()
        cursor.execute(_HEALTH, [workspace_id, workspace_id, version, workspace_id])
        return Health(*map(int, cursor.fetchall()[0]))

    def _insert(
        self, cursor: lexical.Cursor, workspace_id: UUID, entries: Sequence[Entry], version: str
    ) -> None:
        if not entries:
            return
        cursor.execute(
            _INSERT_VECTORS,
            [
                workspace_id,
                version,
                [uuid7() for _ in entries],
                [entry.passage_id for entry in entries],
                [literal(entry.vector) for entry in entries],
            ],
        )
        near.note(cursor, workspace_id, version, [entry.passage_id for entry in entries])
        segments.add(
            cursor, workspace_id, [(entry.passage_id, terms(entry.text)) for entry in entries]
        )

    def search_words(
        self,
        workspace_id: UUID,
        views: Sequence[Query],
        *,
        depth: int,
        budget: int | None = None,
    ) -> list[list[tuple[UUID, float]]]:
        """The lexical half of `search`; with a budget without end it is exact."""
        cursor = raw_cursor()
        asked = [terms(view.text) for view in views]
        budget = lexical.READ_BUDGET * len(views) if budget is None else budget
        for _ in range(_ATTEMPTS):  # a merge between the statements replaces segments
            found = lexical.search(
                cursor, workspace_id, asked, limit=depth * _RESCORED, budget=budget
            )
            found = completed(cursor, workspace_id, found, asked, depth=depth)
            ids = self._resolve(cursor, found)
            if ids is not None:
                break
        else:
            raise RuntimeError("segments were merged under every attempt to read them")
        return [
            list(zip(passages, view.scores.tolist(), strict=True))
            for passages, view in zip(ids, found.views, strict=True)
        ]

    def _resolve(self, cursor: lexical.Cursor, found: lexical.Found) -> list[list[UUID]] | None:
        """Passage ids of every view's places; None if a segment is gone."""
        places = [place for view in found.views for place in view.places]
        cursor.execute(_RESOLVE, [[segment for segment, _ in places], [at for _, at in places]])
        rows = cursor.fetchall()
        if len(rows) != len(places):
            return None
        ids = iter([UUID(bytes=bytes(row[0])) for row in rows])
        return [[next(ids) for _ in view.places] for view in found.views]


def searched_text(title: str, heading_path: Sequence[str], text: str) -> str:
    """What a passage is found by: its title and headings, then its words."""
    head = [title, *(part for part in heading_path if part != title and part not in text[:400])]
    return "\n".join([*head, text])


def raw_cursor() -> lexical.Cursor:
    """A cursor of the scope's own connection that reads bytes as bytes, without hex.

    Not Django's own cursor class, which binds values on the client and reads text alone.
    """
    connection.ensure_connection()
    cursor = psycopg.Cursor(connection.connection)
    cursor.format = psycopg.pq.Format.BINARY
    return cast(lexical.Cursor, cursor)


index: PassageIndex = PostgresIndex()
