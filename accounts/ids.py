"""Primary keys: UUID version 7 (RFC 9562), ordered by time, so that indexes grow at one end."""

import os
import threading
import time
import uuid

COUNTS = 1 << 12


class Stamps:
    """48 bits of Unix milliseconds and 12 bits of count; each is greater than the one before.

    The count begins at random in the lower half of its range at each millisecond, and goes up
    within it (RFC 9562, section 6.2, method 1).
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last = 0

    def next(self) -> int:
        begin = int.from_bytes(os.urandom(2), "big") % (COUNTS // 2)
        fresh = time.time_ns() // 1_000_000 * COUNTS + begin
        with self._lock:
            ahead = fresh // COUNTS > self._last // COUNTS
            self._last = fresh if ahead else self._last + 1
            return self._last


_stamps = Stamps()


def uuid7() -> uuid.UUID:
    """A key; keys of one process keep the order in which they were made."""
    stamp = _stamps.next()
    high = stamp // COUNTS << 16 | 7 << 12 | stamp % COUNTS
    low = 2 << 62 | int.from_bytes(os.urandom(8), "big") >> 2
    return uuid.UUID(int=high << 64 | low)
