"""Keys keep the order in which they were made."""

import time
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest

from accounts.ids import COUNTS, Stamps, uuid7


def test_keys_of_one_process_are_in_order_and_version_7() -> None:
    before_ms = time.time_ns() // 1_000_000
    made = [uuid7() for _ in range(20_000)]
    assert made == sorted(made) and len(set(made)) == len(made)
    assert {(one.version, one.variant) for one in made} == {(7, uuid.RFC_4122)}
    assert before_ms <= made[0].int >> 80 <= time.time_ns() // 1_000_000 + 60_000


def test_a_clock_that_goes_back_and_threads_break_no_order(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stamps = Stamps()
    first, now_ns = stamps.next(), time.time_ns()
    monkeypatch.setattr(time, "time_ns", lambda: now_ns - 10**10)
    with ThreadPoolExecutor(4) as threads:
        made = list(threads.map(lambda _: stamps.next(), range(5_000)))
    assert len(set(made)) == len(made) and min(made) > first
    monkeypatch.setattr(time, "time_ns", lambda: now_ns + 10**13)
    assert stamps.next() // COUNTS == (now_ns + 10**13) // 1_000_000
