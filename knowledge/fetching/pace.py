"""At most one request a second to a host, from all workers and workspaces together.

The turn is a key in the cache, which ends by itself. Without the cache each worker waits alone.
"""

import time

from django.core.cache import cache

LEAST_S = 1.0
CHECK_S = 0.1


def wait_turn(host: str, delay_s: float) -> None:
    """Return when this host may be asked again; its next turn is `delay_s` later."""
    wait_s = max(delay_s, LEAST_S)
    key = f"fetch-turn:{host}"
    deadline = time.monotonic() + 10 * wait_s  # a cache that lies must not hold a step for ever
    while time.monotonic() < deadline:
        try:
            mine = cache.add(key, 1, timeout=max(round(wait_s), 1))
        except Exception:  # every cache raises errors of its own
            time.sleep(wait_s)
            return
        if mine:
            return
        time.sleep(CHECK_S)
