"""What a visitor's browser searches while they type: published, public passages in one file.

The worker builds it when knowledge changes, in a workspace that asks for it, and points
`WorkspaceSettings.browser_snapshot` at it. It is given out only as long as everything in it is
still published for everybody as it was, whoever changed that and how: `current` compares. So an
article that is archived, or shown to fewer readers, is gone at once and not when the worker comes
to it.

The file: length of the header (uint32, little endian), header (JSON), one scale for each passage
(float32), one vector for each (384 × int8).
"""

import hashlib
import json
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import numpy as np
from django.core.files.base import ContentFile
from django.core.files.storage import Storage, storages
from django.db.models import F, QuerySet

from accounts.models import WorkspaceSettings
from accounts.scope import workspace_scope
from knowledge import embedding
from knowledge.models import Article, Audience, Embedding, Passage
from knowledge.passages import plain_heading
from outbox.models import JobState, OutboxJob
from outbox.queue import LeasedJob, enqueue

KIND, QUEUE = "build_snapshot", "knowledge"
SOON_S = 3.0  # what changes together is built once
MOST_PASSAGES = 2_000
DIMENSIONS = 384
LONGEST = 119  # characters of a beginning


@dataclass(frozen=True)
class Snapshot:
    """`content` as the module says; `digest` is its SHA-256; `model` made its vectors."""

    digest: str
    model: str
    content: bytes


def changed(workspace_id: UUID) -> None:
    """Ask for a new one, where the workspace has them at all. In the transaction of the change.

    A job that nobody has begun yet will see the change: it is held until this one is committed.
    """
    if not WorkspaceSettings.objects.filter(browser_suggestions=True).exists():
        return
    waiting = OutboxJob.objects.filter(kind=KIND, state=JobState.READY, lease=None)
    if waiting.select_for_update(skip_locked=True).first() is None:
        enqueue(KIND, workspace_id=workspace_id, payload={}, queue=QUEUE, delay_s=SOON_S)


def run(job: LeasedJob) -> None:
    """In the knowledge worker. Twice is harmless: the same knowledge makes the same file."""
    version = embedding.model_version()
    with workspace_scope(job.workspace_id):
        row = WorkspaceSettings.objects.select_for_update().first()
        if row is None or not row.browser_suggestions:
            job.complete()
            return
        content = _build(job.workspace_id, version)
        digest = hashlib.sha256(content).hexdigest()
        name = _place(job.workspace_id, digest)
        if not _storage().exists(name):
            _storage().save(name, ContentFile(content))
        row.browser_snapshot = digest
        row.save(update_fields=["browser_snapshot"])
        job.complete()
    _forget_others(job.workspace_id)


def current(workspace_id: UUID) -> Snapshot | None:
    """None where there is none, or something in it is not as public any more as it was."""
    with workspace_scope(workspace_id):
        row = WorkspaceSettings.objects.filter(browser_suggestions=True).first()
        if row is None or not row.browser_snapshot:
            return None
        content = _read(workspace_id, row.browser_snapshot)
        if content is None:
            return None
        head = _header(content)
        pairs = {(one["id"], one["revision"]) for one in head["articles"]}
        rows = _public(workspace_id).filter(id__in=[one for one, _ in pairs])
        still = {(str(one), str(two)) for one, two in rows.values_list("id", "published_revision")}
        return Snapshot(row.browser_snapshot, head["model"], content) if still == pairs else None


def _public(workspace_id: UUID) -> "QuerySet[Article]":
    rows = Article.objects.filter(workspace_id=workspace_id, audience=Audience.PUBLIC)
    return rows.filter(archived_at=None).exclude(published_revision=None)


def _build(workspace_id: UUID, version: str) -> bytes:
    """Every article's first passage before any article's second, so that each has its share."""
    chosen = Passage.objects.filter(
        workspace_id=workspace_id,
        article__in=_public(workspace_id),
        revision=F("article__published_revision"),
    ).order_by("position", "article_id")
    ids = list(chosen.values_list("id", flat=True)[:MOST_PASSAGES])
    found = Embedding.objects.filter(
        workspace_id=workspace_id, model_version=version, passage__in=ids
    ).order_by("passage__position", "passage__article_id")
    rows = list(
        found.select_related("passage__revision", "passage__article").defer(
            "passage__revision__text"
        )
    )
    articles = {row.passage.article_id: _article(row.passage) for row in rows}
    places = {article_id: place for place, article_id in enumerate(articles)}
    passages = [_passage(row.passage, places) for row in rows]
    head = {"model": version, "articles": list(articles.values()), "passages": passages}
    return pack(head, [np.asarray(row.vector, np.float32) for row in rows])


def _article(passage: Passage) -> dict[str, str]:
    return {
        "id": str(passage.article_id),
        "revision": str(passage.revision_id),
        "title": passage.revision.title,
        "lang": passage.article.lang,
    }


def _passage(passage: Passage, places: Mapping[UUID, int]) -> dict[str, Any]:
    heading = passage.heading_path[-1] if passage.heading_path else ""
    return {
        "article": places[passage.article_id],
        "heading": heading if heading != passage.revision.title else "",
        "text": beginning(passage.text),
    }


def beginning(text: str) -> str:
    """The first words below the heading, without Markdown's marks; at most 120 characters."""
    lines = [line for line in text.splitlines() if not line.startswith(("#", "```", "~~~", "|"))]
    words = " ".join(plain_heading(line.lstrip("> -*+")) for line in lines).split()
    said = " ".join(words)
    return said if len(said) <= LONGEST else f"{said[:LONGEST].rsplit(' ', 1)[0]}…"


def pack(head: dict[str, Any], vectors: Sequence[Any]) -> bytes:
    """vectors: (N, 384) float32. Each is kept as int8 of its own scale: v ≈ scale × int8."""
    table = np.array(vectors, np.float32).reshape(len(vectors), DIMENSIONS)
    scales = np.maximum(np.abs(table).max(axis=1, initial=0.0), 1e-12) / 127
    small = np.rint(table / scales[:, None]).astype(np.int8)
    said = json.dumps(head, ensure_ascii=False, separators=(",", ":")).encode()
    said += b" " * (-len(said) % 4)  # what follows lies where a Float32Array may begin
    numbers: bytes = scales.astype("<f4").tobytes() + small.tobytes()
    return struct.pack("<I", len(said)) + said + numbers


def _header(content: bytes) -> dict[str, Any]:
    length = struct.unpack_from("<I", content)[0]
    head: dict[str, Any] = json.loads(content[4 : 4 + length])
    return head


def _read(workspace_id: UUID, digest: str) -> bytes | None:
    """None where the file is gone or is not what was kept."""
    try:
        with _storage().open(_place(workspace_id, digest)) as file:
            data = bytes(file.read())
    except OSError:
        return None
    return data if hashlib.sha256(data).hexdigest() == digest else None


def _forget_others(workspace_id: UUID) -> None:
    """With the row held, so that what another worker built meanwhile stays."""
    with workspace_scope(workspace_id):
        kept = WorkspaceSettings.objects.select_for_update().get().browser_snapshot
        folder = _place(workspace_id, "")
        for name in _storage().listdir(folder)[1]:
            if name != kept:
                _storage().delete(folder + name)


def _place(workspace_id: UUID, digest: str) -> str:
    return f"snapshots/{workspace_id}/{digest}"


def _storage() -> Storage:
    return storages["artefacts"]
