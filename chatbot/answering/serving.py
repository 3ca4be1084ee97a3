"""Which models answer a question: the shipped ones, or a version of the workspace's own.

The pointer is read for each question, so a change holds from the next one on. A version that
cannot be used (missing, altered, made for other models, vectors not complete) leaves the question
to the one before it, in the end to the shipped models; it is logged and noted at the pointer, and
tried again after half a minute. Versions share the shipped parts and are kept within a bound.
"""

import hashlib
import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings

from accounts.scope import workspace_scope
from chatbot.answering import models
from chatbot.models import ServedModels
from inference.errors import ModelUnavailable
from inference.models import Models, compose
from knowledge import artefacts, vector_sets

log = logging.getLogger(__name__)
RETRY_S = 30.0
Parts = Mapping[str, artefacts.Files]


@dataclass(frozen=True)
class Version:
    """What the pointer says of one version."""

    workspace_id: UUID
    id: UUID
    parts: Parts
    base: Mapping[str, str]


@dataclass(frozen=True)
class Chosen:
    """version_id is None for the shipped models."""

    models: Models
    version_id: UUID | None = None


def choose(workspace_id: UUID, conversation_id: UUID | None) -> Chosen:
    """A conversation keeps its models as long as the share does not shrink.

    Raises ModelUnavailable if not even the shipped models can be loaded.
    """
    shipped = models.loaded()
    pointer = pointer_of(workspace_id)
    if pointer is None:
        return Chosen(shipped)
    wanted = [_serving(pointer)]
    candidate = on_trial(pointer) if pointer.stage == "share" and conversation_id else None
    if candidate and conversation_id and falls_into(candidate.id, conversation_id, pointer.share):
        wanted.insert(0, candidate)
    for version in wanted:
        found = usable(version, shipped) if version else None
        if version and found:
            return Chosen(found, version.id)
    return Chosen(shipped)


def pointer_of(workspace_id: UUID) -> ServedModels | None:
    with workspace_scope(workspace_id):
        return ServedModels.objects.first()


def on_trial(pointer: ServedModels) -> Version | None:
    if pointer.candidate_id is None:
        return None
    parts, base = pointer.candidate_parts, pointer.candidate_base
    return Version(pointer.workspace_id, pointer.candidate_id, parts, base)


def _serving(pointer: ServedModels) -> Version | None:
    if pointer.version_id is None:
        return None
    return Version(pointer.workspace_id, pointer.version_id, pointer.parts, pointer.base)


def falls_into(version_id: UUID, conversation_id: UUID, share: float) -> bool:
    """The same for a conversation each time; a larger share keeps those of a smaller one."""
    digest = hashlib.sha256(f"{version_id} {conversation_id}".encode()).digest()
    return int.from_bytes(digest[:8], "big") < share * 2**64


def usable(version: Version, shipped: Models) -> Models | None:
    """The version's models, loaded and checked; None where they must not answer now."""
    try:
        return _shelf.get(version, shipped)
    except Exception as error:  # whatever a stored file holds must not reach the visitor
        failed(version.workspace_id, version.id, error)
        return None


def load(version: Version, shipped: Models) -> Models:
    """The same for whoever asks nothing for a visitor: one that fails is not set aside.

    Raises whatever is wrong with it, ModelUnavailable where that is known.
    """
    found = _shelf.get(version, shipped)
    if found is None:
        raise ModelUnavailable("it failed a moment ago")
    return found


def failed(workspace_id: UUID, version_id: UUID, error: Exception) -> None:
    """Keep away from a version for a while, and say so: in the log, and to the administrator."""
    reason = str(error) if isinstance(error, ModelUnavailable) else type(error).__name__
    if not _shelf.set_aside(version_id):
        return
    log.error(
        "a model version cannot be used",
        extra={"event": "model_version_refused", "workspace": workspace_id,
               "model": version_id, "reason": reason},
    )  # fmt: skip
    with workspace_scope(workspace_id):
        ServedModels.objects.update(failed_id=version_id, failure=reason[:200])


class _Shelf:
    """Loaded versions, those used last, within WORKSPACE_MODELS_MB of their own files."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loaded: OrderedDict[tuple[UUID, str], tuple[Models, int]] = OrderedDict()
        self._failed_at: dict[UUID, float] = {}

    def get(self, version: Version, shipped: Models) -> Models | None:
        key = (version.id, shipped.version)
        with self._lock:
            if time.monotonic() - self._failed_at.get(version.id, -RETRY_S) < RETRY_S:
                return None
            if key not in self._loaded:
                self._loaded[key] = _load(version, shipped)
                self._failed_at.pop(version.id, None)
                self._make_room()
            self._loaded.move_to_end(key)
            found = self._loaded[key][0]
        own = "embedder" in version.parts
        if own and not vector_sets.ready(version.workspace_id, found.embedder.fingerprint):
            raise ModelUnavailable("embedder: its vectors are not complete")
        return found

    def set_aside(self, version_id: UUID) -> bool:
        """False where it is set aside already."""
        with self._lock:
            now = time.monotonic()
            if now - self._failed_at.get(version_id, -RETRY_S) < RETRY_S:
                return False
            self._failed_at[version_id] = now
            for key in [key for key in self._loaded if key[0] == version_id]:
                del self._loaded[key]
        return True

    def _make_room(self) -> None:
        bound = settings.WORKSPACE_MODELS_MB * 1_000_000
        while len(self._loaded) > 1 and sum(size for _, size in self._loaded.values()) > bound:
            self._loaded.popitem(last=False)

    def clear(self) -> None:
        with self._lock:
            self._loaded.clear()
            self._failed_at.clear()

    def ids(self) -> list[UUID]:
        """What is loaded, used longest ago first."""
        with self._lock:
            return [version_id for version_id, _ in self._loaded]


def _load(version: Version, shipped: Models) -> tuple[Models, int]:
    have = shipped.fingerprints
    if any(have.get(part) != mark for part, mark in version.base.items() if mark):
        raise ModelUnavailable("made for other shipped models")
    folders = {
        part: artefacts.unpacked(version.workspace_id, files)
        for part, files in version.parts.items()
    }
    composed = compose(shipped, folders, threads=settings.INFERENCE_THREADS)
    return composed, sum(artefacts.size(folder) for folder in folders.values())


_shelf = _Shelf()


def forget() -> None:
    """Load everything anew at the next question."""
    _shelf.clear()


def held() -> list[UUID]:
    """The versions that are loaded, used longest ago first."""
    return _shelf.ids()
