"""The work that gives a version's own embedder its vectors, and takes them away in the end.

Each step is a job of the knowledge queue: embed some passages, ask for the next step.
"""

from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from chatbot.models import ServedModels
from knowledge import vector_sets
from knowledge.models import VectorSet
from learning.models import ModelVersion
from outbox.queue import enqueue

QUEUE = "knowledge"
BUILD, DROP = "build_vectors", "drop_vectors"


def build_vectors(version: ModelVersion) -> None:
    """Ask for the vectors of a version's embedder, inside the caller's scope."""
    vector_sets.ask_for(
        version.workspace_id, version.fingerprints["embedder"], version.parts["embedder"]
    )
    next_step(version.workspace_id, version.id, after=None)


def next_step(workspace_id: UUID, version_id: UUID, *, after: UUID | None) -> None:
    payload = {"version_id": str(version_id), "after": str(after) if after else None}
    enqueue(BUILD, workspace_id=workspace_id, payload=payload, queue=QUEUE)


def release_unused(pointer: ServedModels) -> None:
    """Let the vectors go, after the time of grace, that no version in use or waiting needs."""
    used = set()
    for version in ModelVersion.objects.all():
        in_use = version.id in {pointer.version_id, pointer.candidate_id} or version.wanted
        if in_use and "embedder" in version.fingerprints:
            used.add(version.fingerprints["embedder"])
    VectorSet.objects.filter(model_version__in=used).update(drop_after=None)
    at = timezone.now() + timedelta(days=settings.VECTORS_GRACE_DAYS)
    for row in VectorSet.objects.exclude(model_version__in=used):
        if vector_sets.release(pointer.workspace_id, row.model_version, at=at):
            enqueue(
                DROP,
                workspace_id=pointer.workspace_id,
                payload={"model_version": row.model_version},
                queue=QUEUE,
                delay_s=settings.VECTORS_GRACE_DAYS * 86_400 + 1,
            )
