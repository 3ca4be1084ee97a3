"""Do the cited passages say this sentence? A calibrated probability, and whether it is enough.

RISK is the share of unsupported sentences that may pass, of those that break no hard rule; it holds
with 90% confidence for sentences like those it was fitted to (docs/decisions/0036). The reader is
loaded once, by the first sentence that needs it. Without it, or with one that the probability was
not fitted to, words alone decide, at a threshold of their own for the same risk. Without any of the
two nothing passes.
"""

import asyncio
import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from django.conf import settings

from inference.errors import ModelUnavailable
from inference.support import Support

if TYPE_CHECKING:  # it loads onnxruntime, which the web process must not
    from inference.reader import Reader

log = logging.getLogger(__name__)
RISK = 0.1
RETRY_S = 30.0
READERS = 2  # threads; a run keeps one core busy
MOST_WAITING = 16  # sentences; with more, the next ones are judged by their words
P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True)
class Judged:
    """probability: that the passages say it. threshold: from which it may be shown. little: up to
    it no more than RISK of the supported sentences lie."""

    probability: float
    threshold: float
    little: float

    @property
    def enough(self) -> bool:
        return self.probability >= self.threshold

    @property
    def unlikely(self) -> bool:
        return self.probability <= self.little


def judge(words: dict[str, float], reading: dict[str, float] | None) -> Judged:
    """words, reading: chatbot.escalation.likeness. Raises ModelUnavailable."""
    head = _support().words if reading is None else _support().read
    probability = head.probability(words | (reading or {}))
    return Judged(probability, head.threshold(RISK), head.little(RISK))


@lru_cache(maxsize=1)
def _support() -> Support:
    return Support(settings.MODELS_DIR / "support")


class _Holder:
    """The reader, or when loading it failed last."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._reader: Reader | None = None
        self._failed_at: float | None = None

    def get(self) -> "Reader | None":
        with self._lock:
            if self._reader is None and not self._failed_lately():
                self._reader = self._load()
            return self._reader

    def _failed_lately(self) -> bool:
        return self._failed_at is not None and time.monotonic() - self._failed_at < RETRY_S

    def _load(self) -> "Reader | None":
        from inference.models import load_reader

        try:
            reader = load_reader(settings.MODELS_DIR, threads=1)
            if _support().fits(reader.fingerprint):
                return reader
            why = "support was fitted to another reader"
        except ModelUnavailable as error:
            why = str(error)
        log.warning(
            "sentences are judged by words alone",
            extra={"event": "models_unavailable", "reason": why},
        )
        self._failed_at = time.monotonic()
        return None


_holder = _Holder()
_pool = ThreadPoolExecutor(max_workers=READERS, thread_name_prefix="reader")
_waiting = threading.BoundedSemaphore(READERS + MOST_WAITING)


def reader() -> "Reader | None":
    """Blocking; the first call takes seconds. None where words alone must do."""
    return _holder.get()


async def with_reader(work: "Callable[[Reader | None], T]") -> T:
    """Run work off the loop, with the reader unless too many sentences wait for it already."""
    loop = asyncio.get_running_loop()
    if not _waiting.acquire(blocking=False):
        return await loop.run_in_executor(None, work, None)
    try:
        return await loop.run_in_executor(_pool, lambda: work(reader()))
    finally:
        _waiting.release()
