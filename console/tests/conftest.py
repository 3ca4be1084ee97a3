"""Parts of the service that tests of the pages put there or take away."""

from collections.abc import Iterator

import pytest
import redis
from django.conf import settings

from chatbot import health
from chatbot.answering import pipeline
from knowledge import embedding
from knowledge.tests.conftest import FakeEmbedder
from learning.tests.conftest import FakePipeline

PARTS = (*health.QUEUES, health.SCHEDULER)


class Parts:
    """Says in Redis that a part lives, as workers and scheduler do, or that it is gone."""

    def __init__(self) -> None:
        self._client = redis.Redis.from_url(settings.REDIS_CACHE_URL)

    def live(self, *parts: str) -> None:
        for part in parts:
            self._client.set(f"alive:{part}", "1", ex=60)

    def die(self, *parts: str) -> None:
        self._client.delete(*(f"alive:{part}" for part in parts))

    def close(self) -> None:
        self.die(*PARTS)
        self._client.close()


@pytest.fixture
def parts(db: None) -> Iterator[Parts]:
    """All parts live when the test begins."""
    found = Parts()
    found.live(*PARTS)
    yield found
    found.close()


@pytest.fixture
def fake_model(monkeypatch: pytest.MonkeyPatch) -> FakeEmbedder:
    """An embedder that needs no model."""
    fake = FakeEmbedder()
    monkeypatch.setattr(embedding, "embedder", lambda: fake)
    return fake


@pytest.fixture
def tier1(monkeypatch: pytest.MonkeyPatch) -> FakePipeline:
    """Answers what asks for a blouse, and remembers what it was asked."""
    fake = FakePipeline()
    monkeypatch.setattr(pipeline, "answer", fake.answer)
    return fake
