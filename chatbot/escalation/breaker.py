"""A circuit breaker for each large model: who fails again and again is not asked for a while.

It opens after FAILURES failed calls in a row, lets one call through after HALF_OPEN_S, and closes
when that succeeds (Nygard, Release It!, 2007, "Circuit Breaker"). What it knows is this process's:
the escalation worker makes all calls on one loop. Answers that the model gave but that did not
pass are no failures of the server; a call that was not wanted any more says nothing of it.
"""

import threading
import time
from dataclasses import dataclass, field

from chatbot.escalation.connections import Connection

FAILURES = 5
HALF_OPEN_S = 30.0
UNUSED_S = 3_600.0  # whom nobody has asked for so long, makes room for the next
OF_THE_SERVER = frozenset(
    {
        "timeout",
        "stalled",
        "silent",
        "rate_limited",
        "provider_error",
        "unreachable",
        "cut",
        "not_loaded",
    }
)


@dataclass
class Breaker:
    """`opened_at`, `tried_at`, `used_at`: seconds of time.monotonic()."""

    failures: int = 0
    opened_at: float | None = None
    tried_at: float = 0.0
    used_at: float = 0.0
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

    @property
    def is_open(self) -> bool:
        """Without a try that would be due."""
        return self.opened_at is not None

    def trip(self) -> None:
        """Open at once: the server is known to be gone."""
        with self._lock:
            self.failures, self.opened_at = FAILURES, time.monotonic()

    def ended(self, failure: str) -> None:
        """How a call ended; "" for an answer."""
        if failure == "superseded":
            return  # broken off by us: it says nothing of the server
        with self._lock:
            if failure not in OF_THE_SERVER:
                self.failures, self.opened_at = 0, None
                return
            self.failures += 1
            if self.failures >= FAILURES or self.opened_at is not None:
                self.opened_at = time.monotonic()


_breakers: dict[Connection, Breaker] = {}
_of_all = threading.Lock()


def of(connection: Connection) -> Breaker:
    """Who comes anew takes the place of those that nobody asks any more."""
    now = time.monotonic()
    with _of_all:
        if connection not in _breakers:
            for gone in [one for one, its in _breakers.items() if now - its.used_at >= UNUSED_S]:
                del _breakers[gone]
            _breakers[connection] = Breaker()
        found = _breakers[connection]
        found.used_at = now
        return found


def forget() -> None:
    """As after a start of the process."""
    with _of_all:
        _breakers.clear()
