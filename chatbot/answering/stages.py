"""Where the milliseconds of an answer go."""

import time
from collections.abc import Iterator
from contextlib import contextmanager


class Stages:
    """Names of stages → milliseconds; a stage that is entered twice adds up."""

    def __init__(self) -> None:
        self.ms: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        started = time.perf_counter()
        try:
            yield
        finally:
            spent = (time.perf_counter() - started) * 1000
            self.ms[name] = round(self.ms.get(name, 0.0) + spent, 2)
