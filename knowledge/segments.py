"""Writing the BM25 index: add passages, mark them dead, merge small segments.

Every function runs inside the caller's transaction, after `lexical.lock`. Passage ids are
UUIDv7, so a segment's first and last id tell whether a passage can be in it.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from accounts.ids import uuid7
from knowledge import postings
from knowledge.lexical import Cursor
from knowledge.postings import SEGMENT_LIMIT, Lists

FAN_IN = 8  # that many segments of one size class become one
DEAD_SHARE = 0.25  # a segment with more dead than this is rewritten

_INSERT_SEGMENT = """
INSERT INTO knowledge_segment
  (id, workspace_id, passages, total_length, dead, first_id, last_id, passage_ids, lengths)
VALUES (%s, %s, %s, %s, '', %s, %s, %s, %s)
"""
_INSERT_POSTINGS = """
INSERT INTO knowledge_posting (workspace_id, segment_id, term, passages, postings)
SELECT %s, %s, term, octet_length(list) / 4, list
FROM unnest(%s::text[], %s::bytea[]) AS new (term, list)
"""
_MAYBE_IN = """
SELECT id, dead, passage_ids, lengths FROM knowledge_segment
WHERE workspace_id = %s AND first_id <= %s AND last_id >= %s
"""
_BURY = """
UPDATE knowledge_segment SET dead = dead || %s, total_length = total_length - %s WHERE id = %s
"""


@dataclass(frozen=True)
class Stored:
    """A segment as merging reads it."""

    id: UUID
    ids: list[UUID]
    living: NDArray[np.bool_]


def add(
    cursor: Cursor, workspace_id: UUID, documents: Sequence[tuple[UUID, Sequence[str]]]
) -> None:
    """Index passages, given as (id, terms). Then merges what has become too finely divided."""
    for at in range(0, len(documents), SEGMENT_LIMIT):
        part = documents[at : at + SEGMENT_LIMIT]
        ids = [passage_id for passage_id, _ in part]
        _write(cursor, workspace_id, ids, postings.build([terms for _, terms in part]))
    compact(cursor, workspace_id)


def _write(cursor: Cursor, workspace_id: UUID, ids: Sequence[UUID], lists: Lists) -> None:
    segment_id = uuid7()
    cursor.execute(
        _INSERT_SEGMENT,
        [
            segment_id,
            workspace_id,
            len(ids),
            int(lists.lengths.sum(dtype=np.int64)),
            min(ids),
            max(ids),
            b"".join(passage_id.bytes for passage_id in ids),
            lists.lengths.tobytes(),
        ],
    )
    cursor.execute(_INSERT_POSTINGS, [workspace_id, segment_id, lists.terms, lists.postings])


def remove(cursor: Cursor, workspace_id: UUID, passage_ids: Collection[UUID]) -> None:
    """Mark passages dead. Ids that are in no segment, or dead already, change nothing."""
    if not passage_ids:
        return
    cursor.execute(_MAYBE_IN, [workspace_id, max(passage_ids), min(passage_ids)])
    for segment_id, dead, packed_ids, packed_lengths in cursor.fetchall():
        already = set(np.frombuffer(dead, dtype=np.uint16).tolist())
        ids = _ids(packed_ids)
        found = [i for i, one in enumerate(ids) if one in passage_ids and i not in already]
        if found:
            lengths = np.frombuffer(packed_lengths, dtype=np.uint16)[found]
            data = np.array(found, dtype=np.uint16).tobytes()
            cursor.execute(_BURY, [data, int(lengths.sum(dtype=np.int64)), segment_id])
    compact(cursor, workspace_id)


def clear(cursor: Cursor, workspace_id: UUID) -> None:
    cursor.execute("DELETE FROM knowledge_posting WHERE workspace_id = %s", [workspace_id])
    cursor.execute("DELETE FROM knowledge_segment WHERE workspace_id = %s", [workspace_id])


def _ids(packed: bytes) -> list[UUID]:
    raw = bytes(packed)
    return [UUID(bytes=raw[at : at + 16]) for at in range(0, len(raw), 16)]


def compact(cursor: Cursor, workspace_id: UUID) -> None:
    """Merge until no size class has FAN_IN segments and none is mostly dead.

    Each passage is rewritten about log8(65,536 / batch) times in its life.
    """
    while group := _group_to_merge(cursor, workspace_id):
        _merge(cursor, workspace_id, group)


def _group_to_merge(cursor: Cursor, workspace_id: UUID) -> list[UUID]:
    cursor.execute(
        "SELECT id, passages, octet_length(dead) / 2 FROM knowledge_segment "
        "WHERE workspace_id = %s ORDER BY id",
        [workspace_id],
    )
    classes: dict[int, list[tuple[UUID, int]]] = defaultdict(list)
    for segment_id, passages, dead in cursor.fetchall():
        if dead > DEAD_SHARE * passages:
            return [segment_id]
        if passages <= SEGMENT_LIMIT // 2:
            classes[passages.bit_length() // 3].append((segment_id, passages))
    for members in classes.values():
        group = _fitting(members)
        if len(members) >= FAN_IN and len(group) > 1:
            return group
    return []


def _fitting(members: list[tuple[UUID, int]]) -> list[UUID]:
    group, total = [], 0
    for segment_id, passages in members:
        if total + passages <= SEGMENT_LIMIT:
            group.append(segment_id)
            total += passages
    return group


def _merge(cursor: Cursor, workspace_id: UUID, group: Sequence[UUID]) -> None:
    cursor.execute(
        "SELECT id, dead, passage_ids FROM knowledge_segment WHERE id = ANY(%s) ORDER BY first_id",
        [list(group)],
    )
    stored = [_stored(row) for row in cursor.fetchall()]
    place = {segment.id: i for i, segment in enumerate(stored)}
    cursor.execute(
        "SELECT term, segment_id, postings FROM knowledge_posting WHERE segment_id = ANY(%s)",
        [list(group)],
    )
    rows = [(row[0], place[row[1]], bytes(row[2])) for row in cursor.fetchall()]
    merged = postings.merge(rows, [segment.living for segment in stored])
    ids = [
        one
        for segment in stored
        for one, kept in zip(segment.ids, segment.living, strict=True)
        if kept
    ]
    cursor.execute("DELETE FROM knowledge_posting WHERE segment_id = ANY(%s)", [list(group)])
    cursor.execute("DELETE FROM knowledge_segment WHERE id = ANY(%s)", [list(group)])
    if ids:
        _write(cursor, workspace_id, ids, merged)


def _stored(row: tuple[Any, ...]) -> Stored:
    ids = _ids(row[2])
    living = np.ones(len(ids), dtype=np.bool_)
    living[np.frombuffer(row[1], dtype=np.uint16)] = False
    return Stored(row[0], ids, living)
