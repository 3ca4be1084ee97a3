"""Run work in threads that start at the same moment, each with a database connection of its own."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from django.db import connections

T = TypeVar("T")
WAIT_S = 30.0


def together(*works: Callable[[], T]) -> list[T]:
    """What each returned, in their order. Raises what the first of them raised."""
    barrier = threading.Barrier(len(works), timeout=WAIT_S)

    def run(work: Callable[[], T]) -> T:
        try:
            barrier.wait()
            return work()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(works)) as pool:
        futures = [pool.submit(run, work) for work in works]
        return [future.result(timeout=WAIT_S) for future in futures]
