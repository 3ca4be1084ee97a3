"""Is the service able to answer? Workers show that they live by a key in Redis."""

import contextlib
import functools
import threading
import time
from dataclasses import dataclass

import redis
from django.conf import settings
from django.db import DatabaseError, connection

QUEUES = ("answers", "escalations", "knowledge")
SCHEDULER = "scheduler"
BEAT_S = 3.0
LIFE_S = 12


@dataclass(frozen=True)
class Readiness:
    """`missing` names the parts that are not there; the service is ready when it is empty."""

    missing: tuple[str, ...]

    @property
    def ready(self) -> bool:
        return not self.missing


@functools.cache
def _client() -> redis.Redis:
    return redis.Redis.from_url(
        settings.REDIS_CACHE_URL, socket_timeout=1.0, socket_connect_timeout=0.5
    )


def readiness() -> Readiness:
    """Look at database, Redis, workers and scheduler. Cost: one query, one round trip."""
    missing = []
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        missing.append("database")
    parts = (*QUEUES, SCHEDULER)
    try:
        alive = _client().mget([f"alive:{part}" for part in parts])
    except redis.RedisError:
        missing.append("redis")
    else:
        assert isinstance(alive, list)
        missing += [part for part, seen in zip(parts, alive, strict=True) if not seen]
    return Readiness(tuple(missing))


def is_alive(part: str) -> bool:
    """False too where Redis does not say."""
    try:
        return bool(_client().get(f"alive:{part}"))
    except redis.RedisError:
        return False


def show_alive(part: str) -> None:
    """Keep this process's key fresh from a daemon thread for as long as the process lives."""

    def beat() -> None:
        while True:
            with contextlib.suppress(redis.RedisError):  # seen as missing until Redis is back
                _client().set(f"alive:{part}", "1", ex=LIFE_S)
            time.sleep(BEAT_S)

    threading.Thread(target=beat, name="alive", daemon=True).start()
