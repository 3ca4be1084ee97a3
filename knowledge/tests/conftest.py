"""A workspace of alice's, one of charlie's, and an embedder that needs no model."""

import zlib
from collections.abc import Sequence
from uuid import UUID

import numpy as np
import pytest
from numpy.typing import NDArray

from accounts.models import Workspace
from knowledge import embedding
from knowledge.analysis import terms


class FakeEmbedder:
    """Texts that share stems get near vectors; the same text always the same vector."""

    fingerprint = "fake-1"
    max_tokens = 256

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        vectors = np.full((len(texts), 384), 1e-3, dtype=np.float32)
        for row, text in zip(vectors, texts, strict=True):
            for term in terms(text):
                row[zlib.crc32(term.encode()) % 384] += 1.0
        return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True))


@pytest.fixture
def fake_model(monkeypatch: pytest.MonkeyPatch) -> FakeEmbedder:
    fake = FakeEmbedder()
    monkeypatch.setattr(embedding, "embedder", lambda: fake)
    return fake


@pytest.fixture
def alices(db: None) -> UUID:
    return Workspace.objects.create(slug="alices", name="Alice's shop").id


@pytest.fixture
def charlies(db: None) -> UUID:
    return Workspace.objects.create(slug="charlies", name="Charlie's shop").id
