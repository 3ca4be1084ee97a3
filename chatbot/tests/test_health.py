"""What readiness says when a part is missing, and that it is there again when the part is."""

import subprocess
import sys
import time
from collections.abc import Iterator

import pytest
import redis
from django.conf import settings
from django.db import OperationalError

from chatbot import health
from chatbot.health import BEAT_S, LIFE_S, QUEUES, SCHEDULER, Readiness, readiness

PARTS = (*QUEUES, SCHEDULER)


@pytest.fixture
def keys(services: object, db: None) -> Iterator["redis.Redis"]:
    """The cache's Redis, with every part alive."""
    client = redis.Redis.from_url(settings.REDIS_CACHE_URL)
    for part in PARTS:
        client.set(f"alive:{part}", "1", ex=LIFE_S)
    yield client
    client.delete(*(f"alive:{part}" for part in PARTS))
    client.close()


def test_it_is_ready_when_every_part_is_there(keys: redis.Redis) -> None:
    assert readiness() == Readiness(())
    assert readiness().ready


@pytest.mark.parametrize("part", PARTS)
def test_a_part_that_went_silent_is_named(part: str, keys: redis.Redis) -> None:
    keys.delete(f"alive:{part}")
    assert readiness() == Readiness((part,))
    assert not readiness().ready


def test_a_redis_that_is_away_is_named(keys: redis.Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    nowhere = redis.Redis.from_url("unix:///nowhere/redis.sock")
    monkeypatch.setattr(health, "_client", lambda: nowhere)
    assert readiness() == Readiness(("redis",))


def test_a_database_that_is_away_is_named(
    keys: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Away:
        def cursor(self) -> None:
            raise OperationalError("away")

    monkeypatch.setattr(health, "connection", Away())
    assert readiness() == Readiness(("database",))


PROGRAM = """
import django
django.setup()
from chatbot.health import show_alive
show_alive("probe")
input()
"""


def test_a_process_shows_that_it_lives_for_a_limited_time(keys: redis.Redis) -> None:
    """Its daemon thread ends with it, and the key soon after."""
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM], stdin=subprocess.PIPE, cwd=settings.BASE_DIR
    )
    try:
        deadline = time.monotonic() + 30
        while not keys.exists("alive:probe"):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        assert BEAT_S * 2 < float(str(keys.ttl("alive:probe"))) <= LIFE_S
        process.communicate(b"\n", timeout=10)
        assert process.returncode == 0
    finally:
        process.kill()
        keys.delete("alive:probe")
