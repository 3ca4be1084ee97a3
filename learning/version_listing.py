"""Model versions as the console shows them. Reads alone, and runs no model."""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Avg, Count, Q

from accounts.scope import workspace_scope
from chatbot.models import Receipt, ServedModels, ShadowDecision
from knowledge import vector_sets
from learning.models import ModelVersion, TrainingRow

MOST_VERSIONS = 50


@dataclass(frozen=True)
class Shadowed:
    """How a version on trial compared with what the visitors got."""

    count: int
    agreed: int
    more: int  # it would have answered where the other did not
    fewer: int
    duration_ms: float


@dataclass(frozen=True)
class Listed:
    """rows: (source kind, count). vectors: (made, needed) while the version waits for them."""

    version: ModelVersion
    rows: list[tuple[str, int]]
    decisions: int
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
        decided = _decided()
        shadowed = _shadowed()
        listed = [
            Listed(
                version=one,
                rows=lineage.get(one.id, []),
                decisions=decided.get(one.id, 0),
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
    counted = TrainingRow.objects.values("version_id", "source_kind").annotate(count=Count("id"))
    found: dict[UUID, list[tuple[str, int]]] = {}
    for row in counted.order_by("source_kind"):
        found.setdefault(row["version_id"], []).append((row["source_kind"], row["count"]))
    return found


def _decided() -> dict[UUID, int]:
    """How many questions each version has decided."""
    rows = Receipt.objects.exclude(version_id=None).values_list("version_id")
    return dict(rows.annotate(count=Count("id")).order_by())


def _shadowed() -> dict[UUID, Shadowed]:
    answer, other = Q(decision="answer"), Q(receipt__decision="answer")
    rows = ShadowDecision.objects.values("version_id").annotate(
        count=Count("id"),
        agreed=Count("id", filter=Q(agrees=True)),
        more=Count("id", filter=answer & ~other),
        fewer=Count("id", filter=~answer & other),
        duration_ms=Avg("duration_ms"),
    )
    names = ("count", "agreed", "more", "fewer", "duration_ms")
    return {row[0]: Shadowed(*row[1:]) for row in rows.order_by().values_list("version_id", *names)}


def _vectors(version: ModelVersion) -> tuple[int, int] | None:
    if not version.wanted or "embedder" not in version.fingerprints:
        return None
    return vector_sets.progress(version.workspace_id, version.fingerprints["embedder"])
