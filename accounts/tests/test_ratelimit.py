"""A burst passes, then a steady rate; each key has its own; without Redis everything passes.

Redis measures the time. Tests let it pass by setting back the one value that a key has there.
"""

import logging
from collections.abc import Callable, Iterator
from uuid import uuid4

import pytest
import redis
from django.conf import settings as project
from pytest_django import Settings

from accounts import ratelimit
from accounts.errors import RateLimited
from config.local.private import Services

BURST, PER_SECOND = 3, 0.01  # one each 100 s: no test lasts that long


@pytest.fixture
def key(services: Services) -> str:
    return uuid4().hex


@pytest.fixture
def pass_time(key: str) -> Callable[[float], None]:
    name = f"limit:test:{key}"

    def forward(seconds: float) -> None:
        with redis.Redis.from_url(project.REDIS_CACHE_URL) as client:
            value = client.get(name)
            assert isinstance(value, bytes)
            client.set(name, float(value) - seconds)

    return forward


def passes(key: str, *, bucket: str = "test") -> bool:
    try:
        ratelimit.check(bucket, key=key, burst=BURST, per_second=PER_SECOND)
    except RateLimited:
        return False
    return True


def test_a_burst_passes_and_the_next_one_is_told_how_long_to_wait(key: str) -> None:
    assert [passes(key) for _ in range(5)] == [True, True, True, False, False]
    with pytest.raises(RateLimited) as error:
        ratelimit.check("test", key=key, burst=BURST, per_second=PER_SECOND)

    assert 90 <= error.value.retry_after_s <= 100


def test_it_fills_again_at_the_steady_rate(key: str, pass_time: Callable[[float], None]) -> None:
    for _ in range(BURST):
        passes(key)

    pass_time(100)
    assert [passes(key), passes(key)] == [True, False]

    pass_time(200)
    assert [passes(key), passes(key), passes(key)] == [True, True, False]


def test_it_never_holds_more_than_the_burst(key: str, pass_time: Callable[[float], None]) -> None:
    passes(key)
    pass_time(10_000)

    assert [passes(key) for _ in range(4)] == [True, True, True, False]


def test_a_refused_use_does_not_count(key: str, pass_time: Callable[[float], None]) -> None:
    for _ in range(BURST + 10):
        passes(key)

    pass_time(100)
    assert passes(key)


def test_keys_and_buckets_do_not_know_each_other(key: str) -> None:
    for _ in range(BURST):
        passes(key)

    assert not passes(key)
    assert passes(key + "2")
    assert passes(key, bucket="another")


def test_redis_forgets_a_key_that_is_not_used(key: str) -> None:
    passes(key)
    with redis.Redis.from_url(project.REDIS_CACHE_URL) as client:
        life_s = client.ttl(f"limit:test:{key}")

    assert isinstance(life_s, int)
    assert 0 < life_s <= 102


@pytest.fixture
def no_redis(settings: Settings) -> Iterator[None]:
    settings.REDIS_CACHE_URL = "unix:///nowhere/redis.sock?db=2"
    ratelimit._client.cache_clear()
    yield
    ratelimit._client.cache_clear()


def test_without_redis_everything_passes_and_the_log_says_so(
    no_redis: None, key: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        assert all(passes(key) for _ in range(10))

    assert {getattr(record, "event", "") for record in caplog.records} == {"ratelimit_off"}
