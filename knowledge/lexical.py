"""The BM25 index in PostgreSQL: segments of posting lists, written and read in SQL.

Rows of `knowledge_segment` and `knowledge_posting` are written in the transaction that publishes
or archives, so the index never says more or less than the articles do. Segments never change,
but for their list of dead ordinals; small ones are merged. Reading compares plain keys for
equality, which is leakproof, so the B-tree is used while row-level security holds.
Callers hold `lock()` while they write.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

import numpy as np

from knowledge import postings
from knowledge.postings import Floats, Hits, Ints, Statistics

READ_BUDGET = 400_000  # postings added up for one search, rarest terms first


class Cursor(Protocol):
    """What this module needs of a database cursor (psycopg's or Django's)."""

    def execute(self, sql: str, params: Sequence[Any] | None = None, /) -> Any: ...
    def fetchall(self) -> list[tuple[Any, ...]]: ...


@dataclass(frozen=True)
class Segment:
    id: UUID
    passages: int
    total_length: int  # of the living
    dead: Ints


@dataclass(frozen=True)
class Ranked:
    """One view's best passages: segment and ordinal, and BM25 of the terms that were read."""

    places: list[tuple[UUID, int]]
    scores: Floats


@dataclass(frozen=True)
class Found:
    """views: a ranking each; idf: of every known term; unread: terms too common to read."""

    views: list[Ranked]
    idf: dict[str, float]
    unread: frozenset[str]
    statistics: Statistics


SEARCH = """
WITH hit AS (
  SELECT term, segment_id, passages, postings FROM knowledge_posting
  WHERE workspace_id = %s AND term = ANY(%s)
), frequency AS (
  SELECT term, sum(passages) AS total FROM hit GROUP BY term
), chosen AS (
  SELECT term, row_number() OVER by_rarity = 1 OR sum(total) OVER by_rarity <= %s AS readable
  FROM frequency WINDOW by_rarity AS (ORDER BY total, term)
)
SELECT NULL, id, passages, total_length, dead FROM knowledge_segment WHERE workspace_id = %s
UNION ALL
SELECT term, segment_id, passages, 0, CASE WHEN readable THEN postings END
FROM hit JOIN chosen USING (term)
"""

FREQUENCY = """
SELECT term, sum(passages) FROM knowledge_posting
WHERE workspace_id = %s AND term = ANY(%s) GROUP BY term
"""


@dataclass(frozen=True)
class Rarity:
    """idf: of every term asked for; unknown: those that no passage has."""

    idf: dict[str, float]
    unknown: frozenset[str]


def lock(cursor: Cursor, workspace_id: UUID) -> None:
    """Let one transaction at a time write this workspace's index."""
    cursor.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"knowledge {workspace_id}"]
    )


def passages(cursor: Cursor, workspace_id: UUID) -> int:
    """How many living passages the index has. Reads a row for each segment."""
    cursor.execute(
        "SELECT coalesce(sum(passages - octet_length(dead) / 2), 0)::bigint "
        "FROM knowledge_segment WHERE workspace_id = %s",
        [workspace_id],
    )
    return int(cursor.fetchall()[0][0])


def search(
    cursor: Cursor,
    workspace_id: UUID,
    views: Sequence[Sequence[str]],
    *,
    limit: int,
    budget: int = READ_BUDGET,
) -> Found:
    """The `limit` best living passages for each view (a list of terms). One statement.

    Terms are read from the rarest on while the budget lasts; the first one always. Scores are
    exact for the terms that were read; `Found.unread` names the others, for knowledge.completing.
    """
    wanted = list(dict.fromkeys(term for view in views for term in view))
    cursor.execute(SEARCH, [workspace_id, wanted, budget, workspace_id])
    rows = cursor.fetchall()
    segments = [
        Segment(row[1], row[2], row[3], np.frombuffer(row[4], dtype=np.uint16).astype(np.int64))
        for row in rows
        if row[0] is None
    ]
    return scored([row for row in rows if row[0] is not None], segments, views, limit)


def rarity(cursor: Cursor, workspace_id: UUID, wanted: Sequence[str]) -> Rarity:
    """How rare terms are, without reading their postings; the dead still count."""
    total = passages(cursor, workspace_id)
    cursor.execute(FREQUENCY, [workspace_id, list(wanted)])
    known = {row[0]: int(row[1]) for row in cursor.fetchall()}
    counted = np.array([min(known.get(term, 0), total) for term in wanted], dtype=np.float64)
    idf = Statistics(total, 0.0).idf(counted).tolist()
    return Rarity(dict(zip(wanted, idf, strict=True)), frozenset(wanted) - known.keys())


def scored(
    rows: list[tuple[Any, ...]],
    segments: list[Segment],
    views: Sequence[Sequence[str]],
    limit: int,
) -> Found:
    """Rank what `search` read. rows: (term, segment, passages, -, postings or None)."""
    number: dict[str, int] = {}
    read: dict[UUID, list[tuple[Any, ...]]] = defaultdict(list)
    frequency: dict[int, int] = defaultdict(int)
    unread: set[str] = set()
    for row in rows:
        term = number.setdefault(row[0], len(number))
        if row[4] is None:
            unread.add(row[0])
            frequency[term] += row[2]
        else:
            read[row[1]].append(row)
    hits = [_hits(read[segment.id], number) for segment in segments]
    for segment, part in zip(segments, hits, strict=True):
        for term, living in zip(part.terms, part.living(segment.dead), strict=True):
            frequency[term] += living
    statistics = _statistics(segments)
    counted = np.array([frequency[term] for term in range(len(number))], dtype=np.float64)
    idf = statistics.idf(np.minimum(counted, statistics.passages))
    weights = np.array([_weights(view, number, idf) for view in views])
    ranked = _ranked(segments, hits, (statistics.table(), weights), limit)
    known = {term: float(idf[i]) for term, i in number.items()}
    return Found(ranked, known, frozenset(unread), statistics)


def _hits(read: list[tuple[Any, ...]], number: dict[str, int]) -> Hits:
    return Hits(
        values=np.frombuffer(b"".join(row[4] for row in read), dtype=np.uint32),
        sizes=np.array([row[2] for row in read], dtype=np.int64),
        terms=np.array([number[row[0]] for row in read], dtype=np.int64),
    )


def _statistics(segments: list[Segment]) -> Statistics:
    living = sum(segment.passages - len(segment.dead) for segment in segments)
    return Statistics(living, sum(segment.total_length for segment in segments) / max(living, 1))


def _ranked(
    segments: list[Segment], hits: list[Hits], scale: tuple[Floats, Floats], limit: int
) -> list[Ranked]:
    """The best places for each view. scale: the saturation table and the weights."""
    base = np.cumsum([0, *(segment.passages for segment in segments)])
    kept = [postings.Best(limit) for _ in scale[1]]
    for segment, part, start in zip(segments, hits, base.tolist(), strict=False):
        scores = part.scores(*scale, segment.passages)
        scores[:, segment.dead] = 0.0
        for best, row in zip(kept, scores, strict=True):
            best.offer(row, start)
    return [_placed(segments, base, *best.result()) for best in kept]


def _placed(segments: list[Segment], base: Ints, slots: Ints, scores: Floats) -> Ranked:
    owners = np.searchsorted(base, slots, side="right") - 1
    pairs = zip(owners.tolist(), (slots - base[owners]).tolist(), strict=True)
    return Ranked([(segments[owner].id, ordinal) for owner, ordinal in pairs], scores)


def _weights(view: Sequence[str], number: dict[str, int], idf: Floats) -> Floats:
    weights = np.zeros(len(number))
    for term, count in Counter(view).items():
        if term in number:
            weights[number[term]] = count * idf[number[term]]
    return weights


def weighed(
    cursor: Cursor,
    workspace_id: UUID,
    views: Sequence[Sequence[str]],
    documents: Sequence[Sequence[str]],
) -> list[list[float]]:
    """(V, D) BM25 of documents that are not in the index, as if they were.

    Document frequencies and the mean length are those of the index, so a few documents more change
    a score by little; a term that only they have is counted in them.
    """
    found = search(cursor, workspace_id, views, limit=1)
    counts = [Counter(terms) for terms in documents]
    lengths = [min(count.total(), postings.LONGEST) for count in counts]
    mean = found.statistics.mean_length or sum(lengths) / max(len(lengths), 1)
    whole = Statistics(found.statistics.passages + len(documents), mean)
    wanted = {term for view in views for term in view}
    unknown = sorted(wanted - found.idf.keys())
    frequency = np.array([sum(term in count for count in counts) for term in unknown], np.float64)
    idf = found.idf | dict(zip(unknown, whole.idf(frequency).tolist(), strict=True))
    return [
        [
            sum(
                times * idf[term] * whole.saturation(count[term], length)
                for term, times in Counter(view).items()
                if term in count
            )
            for count, length in zip(counts, lengths, strict=True)
        ]
        for view in views
    ]
