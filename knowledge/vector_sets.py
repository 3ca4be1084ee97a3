"""Vectors of a workspace's own embedder, built beside those of the shipped one without a gap.

A set is asked for, filled in steps, and ready once every passage has its vector, which is checked
while nobody else may write the index. From the moment that its row exists, whoever publishes a
passage embeds it for the set too, so a set that is ready stays complete.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.utils import timezone

from accounts.scope import workspace_scope
from inference.errors import ModelUnavailable
from knowledge import embedding, near
from knowledge.artefacts import Files
from knowledge.dense import Vector
from knowledge.index import index
from knowledge.kept_vectors import Kept
from knowledge.models import VectorSet, VectorState

if TYPE_CHECKING:
    from inference.embedder import Embedder

NONE_KEPT: Kept = {}
START = UUID(int=0)  # look from the beginning again: passages came behind the place we were at
STEP = 256  # passages: seconds of work, so that articles published meanwhile need not wait


def ask_for(workspace_id: UUID, version: str, files: Files) -> VectorSet:
    """The set of this embedder, being built if it isn't there. Inside the caller's scope."""
    row, _ = VectorSet.objects.get_or_create(
        workspace_id=workspace_id, model_version=version, defaults={"files": dict(files)}
    )
    row.drop_after = None
    if row.state == VectorState.FAILED:
        row.state = VectorState.BUILDING
    row.save(update_fields=["drop_after", "state"])
    return row


def ready(workspace_id: UUID, version: str) -> bool:
    with workspace_scope(workspace_id):
        rows = VectorSet.objects.filter(model_version=version, state=VectorState.READY)
        return rows.exists()


def step(workspace_id: UUID, version: str, *, after: UUID | None) -> UUID | None:
    """Embed the next passages that lack a vector. None: it is over, see `ready`.

    Returns where to go on. Raises ModelUnavailable.
    """
    with workspace_scope(workspace_id):
        row = VectorSet.objects.filter(model_version=version, state=VectorState.BUILDING).first()
        found = index.missing(workspace_id, version=version, after=after, count=STEP)
    if row is None:
        return None
    if found:
        embedder = embedding.own(workspace_id, row.files)
        vectors = embedding.embed([text for _, text in found], embedder=embedder)
        made = [(one, vector) for (one, _), vector in zip(found, vectors, strict=True)]
        with workspace_scope(workspace_id):
            index.add_vectors(workspace_id, made, version=version)
        return found[-1][0]
    return _finish(workspace_id, version) if after in {None, START} else START


def _finish(workspace_id: UUID, version: str) -> UUID | None:
    with workspace_scope(workspace_id):
        index.freeze(workspace_id)
        if index.missing(workspace_id, version=version, after=None, count=1):
            return START
        VectorSet.objects.filter(model_version=version, state=VectorState.BUILDING).update(
            state=VectorState.READY
        )
        near.grow_if_large(workspace_id, {version})
    return None


def fail(workspace_id: UUID, version: str) -> None:
    """No search uses the set any more, until it is asked for again."""
    with workspace_scope(workspace_id):
        VectorSet.objects.filter(model_version=version).update(state=VectorState.FAILED)


def release(workspace_id: UUID, version: str, *, at: datetime) -> bool:
    """Nobody needs the set after this time. False where it is released already."""
    with workspace_scope(workspace_id):
        rows = VectorSet.objects.filter(model_version=version, drop_after=None)
        return rows.update(drop_after=at) == 1


def drop(workspace_id: UUID, version: str) -> bool:
    """Delete the set and its vectors if its time has come."""
    with workspace_scope(workspace_id):
        due = VectorSet.objects.filter(model_version=version, drop_after__lte=timezone.now())
        if not due.select_for_update().exists():
            return False
        index.freeze(workspace_id)
        index.drop_vectors(workspace_id, version=version)
        due.delete()
    return True


def progress(workspace_id: UUID, version: str) -> tuple[int, int]:
    """How many passages have their vector, of how many."""
    with workspace_scope(workspace_id):
        health = index.health(workspace_id, version=version)
    return health.vectors, health.passages


def for_texts(
    workspace_id: UUID, texts: list[str], *, kept: Kept = NONE_KEPT
) -> dict[str, list[Vector]]:
    """The texts' vectors under the shipped embedder, first, and under each set of the workspace.

    kept: those that are known already. A set whose embedder cannot be used fails, and the article
    is published without it.
    """
    with workspace_scope(workspace_id):
        rows = list(VectorSet.objects.exclude(state=VectorState.FAILED))
    shipped = embedding.model_version()
    made = {shipped: _completed(texts, kept.get(shipped, {}))}
    for row in rows:
        try:
            embedder = embedding.own(workspace_id, row.files)
        except ModelUnavailable:
            fail(workspace_id, row.model_version)
            continue
        known = kept.get(row.model_version, {})
        made[row.model_version] = _completed(texts, known, embedder=embedder)
    return made


def _completed(
    texts: list[str], known: Mapping[str, Vector], *, embedder: "Embedder | None" = None
) -> list[Vector]:
    new = list(dict.fromkeys(text for text in texts if text not in known))
    vectors: Sequence[Vector] = list(embedding.embed(new, embedder=embedder)) if new else []
    every = {**known, **dict(zip(new, vectors, strict=True))}
    return [every[text] for text in texts]


def lacking(versions: set[str]) -> bool:
    """True if a set was asked for that these versions do not hold. Inside the scope."""
    rows = VectorSet.objects.exclude(state=VectorState.FAILED).exclude(model_version__in=versions)
    return rows.exists()
