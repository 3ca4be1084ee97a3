"""Model versions as the console shows them. Reads alone, and runs no model."""

from dataclasses import dataclass
from uuid import UUID

from django.db import connection
from django.db.models import Count

from accounts.scope import workspace_scope
from chatbot.models import ServedModels
from knowledge import vector_sets
from learning.models import ModelVersion, TrainingRow

MOST_VERSIONS = 50
MOST_COUNTED = 10_000
MOST_COMPARED = 2_000
_DECIDED = """
SELECT v.id, (SELECT count(*) FROM (
  SELECT FROM chatbot_receipt WHERE version_id = v.id LIMIT %s) AS first_ones)
FROM unnest(%s::uuid[]) AS v (id)
"""
_SHADOWED = """
SELECT v.id, count(*), count(*) FILTER (WHERE s.agrees),
  count(*) FILTER (WHERE s.decision = 'answer' AND r.decision <> 'answer'),
  count(*) FILTER (WHERE s.decision <> 'answer' AND r.decision = 'answer'), avg(s.duration_ms)
FROM unnest(%s::uuid[]) AS v (id), LATERAL (
  SELECT receipt_id, agrees, decision, duration_ms FROM chatbot_shadowdecision
  WHERE version_id = v.id ORDER BY id DESC LIMIT %s) AS s
JOIN chatbot_receipt r ON r.id = s.receipt_id GROUP BY v.id
"""


@dataclass(frozen=True)
class Shadowed:
    """How a version on trial compared with what visitors got, in its newest MOST_COMPARED tries."""

    count: int
    agreed: int
    more: int  # it would have answered where the other did not
    fewer: int
    duration_ms: float


@dataclass(frozen=True)
class Listed:
    """rows: (source kind, count). vectors: (made, needed) while the version waits for them.

    decisions: None means more than MOST_COUNTED.
    """

    version: ModelVersion
    rows: list[tuple[str, int]]
    decisions: int | None
    shadowed: Shadowed | None
    vectors: tuple[int, int] | None
    failure: str


@dataclass(frozen=True)
class Rollout:
    """revision: what a change has to name, so that two administrators do not cross."""

    versions: list[Listed]
    revision: int
    stage: str
    share: float
    shipped_serve: bool
    can_go_back: bool
    train_again: bool


def rollout(workspace_id: UUID) -> Rollout:
    """The newest versions first, and what the pointer says."""
    with workspace_scope(workspace_id):
        pointer = ServedModels.objects.first() or ServedModels(workspace_id=workspace_id)
        rows = ModelVersion.objects.select_related("parent", "promoted_by").order_by("-number")
        found = list(rows[:MOST_VERSIONS])
        lineage = _lineage()
        ids = [one.id for one in found]
        decided, shadowed = _decided(ids), _shadowed(ids)
        listed = [
            Listed(
                version=one,
                rows=lineage.get(one.id, []),
                decisions=decided[one.id],
                shadowed=shadowed.get(one.id),
                vectors=_vectors(one),
                failure=pointer.failure if pointer.failed_id == one.id else "",
            )
            for one in found
        ]
        waits = any(one.wanted for one in found)
    used = {pointer.version_id, pointer.candidate_id}
    return Rollout(
        versions=listed,
        revision=pointer.revision,
        stage=pointer.stage,
        share=pointer.share,
        shipped_serve=pointer.version_id is None,
        can_go_back=bool(pointer.version_id or pointer.candidate_id or waits),
        train_again=any(one.tainted_at and one.id in used for one in found),
    )


def _lineage() -> dict[UUID, list[tuple[str, int]]]:
    counted = TrainingRow.objects.values("version_id", "source_kind").annotate(count=Count("*"))
    found: dict[UUID, list[tuple[str, int]]] = {}
    for row in counted.order_by("source_kind"):
        found.setdefault(row["version_id"], []).append((row["source_kind"], row["count"]))
    return found


def _decided(ids: list[UUID]) -> dict[UUID, int | None]:
    """How many questions each version has decided."""
    with connection.cursor() as cursor:
        cursor.execute(_DECIDED, [MOST_COUNTED + 1, ids])
        return {one: None if count > MOST_COUNTED else count for one, count in cursor.fetchall()}


def _shadowed(ids: list[UUID]) -> dict[UUID, Shadowed]:
    with connection.cursor() as cursor:
        cursor.execute(_SHADOWED, [ids, MOST_COMPARED])
        return {row[0]: Shadowed(*row[1:]) for row in cursor.fetchall()}


def _vectors(version: ModelVersion) -> tuple[int, int] | None:
    if not version.wanted or "embedder" not in version.fingerprints:
        return None
    return vector_sets.progress(version.workspace_id, version.fingerprints["embedder"])
