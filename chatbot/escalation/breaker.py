"""A circuit breaker for each large model: who fails again and again is not asked for a while.

It opens after FAILURES failed calls in a row, lets one call through after HALF_OPEN_S, and closes
when that succeeds (Nygard, Release It!, 2007, "Circuit Breaker"). What it knows is this process's:
the escalation worker makes all calls on one loop. Answers that the model gave but that did not
pass, or that were not wanted any more, are no failures of the server.
"""

import threading
import time
from dataclasses import dataclass, field

from chatbot.escalation.connections import Connection

FAILURES = 5
HALF_OPEN_S = 30.0
OF_THE_SERVER = frozenset(
    {"timeout", "stalled", "rate_limited", "provider_error", "unreachable", "cut", "not_loaded"}
)


@dataclass
class Breaker:
    """`opened_at`, `tried_at`: seconds of time.monotonic()."""

    failures: int = 0
    opened_at: float | None = None
    tried_at: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def allows(self) -> bool:
        """Whether it may be called now. Open and rested, it says yes to one caller alone."""
        with self._lock:
            if self.opened_at is None:
                return True
            now = time.monotonic()
            if now - max(self.opened_at, self.tried_at) < HALF_OPEN_S:
                return False
            self.tried_at = now
            return True

    def ended(self, failure: str) -> None:
        """How a call ended; "" for an answer."""
        with self._lock:
            if failure not in OF_THE_SERVER:
                self.failures, self.opened_at = 0, None
                return
            self.failures += 1
            if self.failures >= FAILURES or self.opened_at is not None:
                self.opened_at = time.monotonic()


_breakers: dict[Connection, Breaker] = {}


def of(connection: Connection) -> Breaker:
    return _breakers.setdefault(connection, Breaker())


def forget() -> None:
    """As after a start of the process."""
    _breakers.clear()
