"""The graph of near vectors, for workspaces too large to compare a question with every vector.

Vectors of a workspace that has grown past LARGE passages are copied, at half precision, into a
table with an HNSW index (Malkov and Yashunin 2018, arXiv 1603.09320), step by step in the knowledge
worker; a search reads every vector until all of them are there. What the graph finds is scored
again by the vectors themselves. The table is cut by workspace, so a search walks through a graph
that it has nearly to itself; where two large workspaces share one, an iterative scan goes on until
it has enough of its own. Row-level security holds for the table as for every other.

Small workspaces are never in the graph: all of their vectors are compared.
"""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from django.db import connection

from accounts.scope import workspace_scope
from knowledge import lexical
from knowledge.lexical import Cursor
from knowledge.models import NearSet
from outbox.queue import LeasedJob, enqueue

LARGE = 200_000  # passages; comparing that many takes about 70 ms and misses none
DEPTH = 1_000  # a longer list than this is not asked of the graph
# Candidates that a walk keeps, at least: pgvector's hnsw.ef_search. The views of a dialogue ask for
# much the same, so what one of them misses another finds.
BEAM, BEAM_OF_SEVERAL = 800, 400
STEP = 200  # vectors: a second or two, so that what an editor publishes meanwhile need not wait
KIND = "grow_graph"
START = UUID(int=0)

_NEAREST = """
(SELECT %s, e.passage_id, -(e.vector <#> %s::vector) FROM (
   SELECT passage_id FROM knowledge_nearvector WHERE workspace_id = %s AND model_version = %s
   ORDER BY vector <#> %s::vector::halfvec(384) LIMIT %s) AS near
 JOIN knowledge_embedding e ON e.passage_id = near.passage_id
 WHERE e.workspace_id = %s AND e.model_version = %s)
"""
_NEXT = """
SELECT passage_id FROM knowledge_embedding
WHERE workspace_id = %s AND model_version = %s AND passage_id > %s ORDER BY passage_id LIMIT %s
"""
_COPY = """
INSERT INTO knowledge_nearvector (workspace_id, passage_id, model_version, vector)
SELECT workspace_id, passage_id, model_version, vector::halfvec(384) FROM knowledge_embedding
WHERE workspace_id = %s AND model_version = %s AND passage_id = ANY(%s)
ON CONFLICT (workspace_id, passage_id, model_version) DO UPDATE SET vector = excluded.vector
"""
_LACKING = """
SELECT EXISTS (SELECT FROM knowledge_embedding e WHERE workspace_id = %s AND model_version = %s
  AND NOT EXISTS (SELECT FROM knowledge_nearvector n WHERE n.workspace_id = %s
    AND n.passage_id = e.passage_id AND n.model_version = %s))
"""


def serves(cursor: Cursor, workspace_id: UUID, version: str, *, depth: int, views: int = 1) -> bool:
    """Whether lists of this length, one for each view, are asked of the graph."""
    if depth > DEPTH:
        return False
    beam = BEAM if views == 1 else BEAM_OF_SEVERAL
    cursor.execute(
        "SELECT set_config('hnsw.ef_search', %s, true), "
        "set_config('hnsw.iterative_scan', 'relaxed_order', true) FROM knowledge_nearset "
        "WHERE workspace_id = %s AND model_version = %s AND ready",
        [str(max(beam, depth)), workspace_id, version],
    )
    return bool(cursor.fetchall())


def nearest_sql(views: int) -> str:
    """The walk, once for each view; eight parameters a view."""
    return "UNION ALL".join([_NEAREST] * views)


def parameters(number: int, vector: str, workspace_id: UUID, version: str, depth: int) -> list[Any]:
    return [number, vector, workspace_id, version, vector, depth, workspace_id, version]


def note(cursor: Cursor, workspace_id: UUID, version: str, passage_ids: Sequence[UUID]) -> None:
    """Vectors were written: into the graph too, if it has this version or is getting it."""
    cursor.execute(
        "SELECT FROM knowledge_nearset WHERE workspace_id = %s AND model_version = %s",
        [workspace_id, version],
    )
    if cursor.fetchall():
        cursor.execute(_COPY, [workspace_id, version, list(passage_ids)])


def forget(
    cursor: Cursor, workspace_id: UUID, passage_ids: Collection[UUID], *, version: str | None = None
) -> None:
    """Take vectors out, those of one version or of all."""
    cursor.execute(
        "DELETE FROM knowledge_nearvector WHERE workspace_id = %s AND passage_id = ANY(%s) "
        "AND (%s::text IS NULL OR model_version = %s)",
        [workspace_id, list(passage_ids), version, version],
    )


def drop(cursor: Cursor, workspace_id: UUID, version: str) -> None:
    """Forget the whole version."""
    cursor.execute(
        "DELETE FROM knowledge_nearset WHERE workspace_id = %s AND model_version = %s",
        [workspace_id, version],
    )
    clear(cursor, workspace_id, version)


def clear(cursor: Cursor, workspace_id: UUID, version: str) -> None:
    """Take out all vectors of the version; those that are written from now on go in again."""
    cursor.execute(
        "DELETE FROM knowledge_nearvector WHERE workspace_id = %s AND model_version = %s",
        [workspace_id, version],
    )


def grow_if_large(workspace_id: UUID, versions: Collection[str]) -> None:
    """Have a large workspace's graph made for these versions. Inside the scope, after writing."""
    with connection.cursor() as cursor:
        if lexical.passages(cursor, workspace_id) <= LARGE:
            return
    known = NearSet.objects.filter(workspace_id=workspace_id, model_version__in=versions)
    for version in sorted(set(versions) - set(known.values_list("model_version", flat=True))):
        NearSet.objects.get_or_create(workspace_id=workspace_id, model_version=version)
        _ask_for(workspace_id, version, START)


def _ask_for(workspace_id: UUID, version: str, after: UUID) -> None:
    payload = {"model_version": version, "after": str(after)}
    enqueue(KIND, workspace_id=workspace_id, payload=payload, queue="knowledge")


def run(job: LeasedJob) -> None:
    """The next vectors; at the end, with the index frozen, a look whether all are there.

    Running twice is harmless. Whoever writes vectors puts them into the graph from the moment that
    the set's row is there, so one that is ready stays complete.
    """
    workspace_id, version = job.workspace_id, str(job.payload["model_version"])
    after = UUID(job.payload["after"])
    with workspace_scope(workspace_id), connection.cursor() as cursor:
        job.complete()
        building = NearSet.objects.filter(model_version=version, ready=False)
        if not building.exists():
            return
        lexical.lock(cursor, workspace_id)  # who changes a vector meanwhile waits for a moment
        cursor.execute(_NEXT, [workspace_id, version, after, STEP])
        ids = [row[0] for row in cursor.fetchall()]
        if ids:
            cursor.execute(_COPY, [workspace_id, version, ids])
            _ask_for(workspace_id, version, ids[-1])
            return
        cursor.execute(_LACKING, [workspace_id, version, workspace_id, version])
        if cursor.fetchall()[0][0]:
            _ask_for(workspace_id, version, START)
        else:
            building.update(ready=True)
