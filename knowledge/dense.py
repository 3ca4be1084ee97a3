"""Search by meaning: every vector of the workspace compared, or a walk through its graph.

Which one depends on how large the workspace is and how long a list is wanted (knowledge.near).
Scores are the same: inner products of the vectors at full precision.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from knowledge import near
from knowledge.lexical import Cursor

Vector = NDArray[np.float32]
Ranking = list[tuple[UUID, float]]

_NEAREST = """
(SELECT %s, passage_id, -(vector <#> %s::vector) FROM knowledge_embedding
 WHERE workspace_id = %s AND model_version = %s ORDER BY vector <#> %s::vector LIMIT %s)
"""


@dataclass(frozen=True)
class Bounds:
    """Which vectors, and how many at most for each question."""

    workspace_id: UUID
    version: str
    depth: int


@dataclass(frozen=True)
class Found:
    """A ranking for each vector; walked: by the graph, so that a short list may not be all."""

    rankings: list[Ranking]
    walked: bool


def search(cursor: Cursor, vectors: Sequence[Vector | None], bounds: Bounds) -> Found:
    """The best passages for each vector; none for None."""
    asked = {number: literal(one) for number, one in enumerate(vectors) if one is not None}
    if not asked:
        return Found([[] for _ in vectors], walked=False)
    walks = near.serves(
        cursor, bounds.workspace_id, bounds.version, depth=bounds.depth, views=len(asked)
    )
    return _rankings(cursor, asked, bounds, (len(vectors), walks))


def exact(cursor: Cursor, vectors: Sequence[Vector], bounds: Bounds) -> list[Ranking]:
    """By comparing every vector, however many there are."""
    asked = {number: literal(one) for number, one in enumerate(vectors)}
    return _rankings(cursor, asked, bounds, (len(vectors), False)).rankings


def _rankings(
    cursor: Cursor, asked: dict[int, str], bounds: Bounds, how: tuple[int, bool]
) -> Found:
    """how: the number of rankings, and whether the graph is asked."""
    found: list[Ranking] = [[] for _ in range(how[0])]
    where = (bounds.workspace_id, bounds.version, bounds.depth)
    if how[1]:
        params = [part for at, text in asked.items() for part in near.parameters(at, text, *where)]
        cursor.execute(near.nearest_sql(len(asked)), params)
    else:
        params = [part for at, text in asked.items() for part in _parameters(at, text, bounds)]
        cursor.execute(nearest_sql(len(asked)), params)
    for number, passage_id, score in cursor.fetchall():
        found[number].append((passage_id, float(score)))
    return Found([sorted(one, key=lambda pair: (-pair[1], pair[0])) for one in found], how[1])


def nearest_sql(views: int) -> str:
    """The comparison with every vector, once for each view; six parameters a view."""
    return "UNION ALL".join([_NEAREST] * views)


def _parameters(number: int, vector: str, bounds: Bounds) -> list[Any]:
    return [number, vector, bounds.workspace_id, bounds.version, vector, bounds.depth]


def literal(vector: Vector) -> str:
    """pgvector's text form, with the nine digits that a float32 needs."""
    return "[" + ",".join(f"{value:.9g}" for value in vector.tolist()) + "]"
