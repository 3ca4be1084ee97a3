"""Rate limits by key, visitor and address, in Redis.

Generic cell rate algorithm (ITU-T I.371): one value for each key, a burst and a steady rate.
When Redis is down requests pass: the database still protects what matters.
"""

import functools
import logging
import math

import redis
from django.conf import settings

from accounts.errors import RateLimited

log = logging.getLogger(__name__)

GCRA = """
local now = redis.call('TIME')
now = now[1] + now[2] / 1000000
local interval = tonumber(ARGV[1])
local tolerance = interval * (tonumber(ARGV[2]) - 1)
local due = tonumber(redis.call('GET', KEYS[1]) or now)
if due < now then due = now end
if due - now > tolerance then return tostring(due - now - tolerance) end
redis.call('SET', KEYS[1], tostring(due + interval), 'EX', math.ceil(due + interval - now) + 1)
return '0'
"""


@functools.cache
def _client() -> redis.Redis:
    return redis.Redis.from_url(
        settings.REDIS_CACHE_URL, socket_timeout=1.0, socket_connect_timeout=0.5
    )


def check(bucket: str, *, key: str, burst: int, per_second: float) -> None:
    """Count one use. Raises RateLimited with the seconds to wait, and counts nothing then."""
    try:
        answer = _client().eval(GCRA, 1, f"limit:{bucket}:{key}", 1.0 / per_second, burst)
    except redis.RedisError as error:
        log.warning("no limit", extra={"event": "ratelimit_off", "reason": type(error).__name__})
        return
    wait_s = float(answer)  # the script returns a number as text
    if wait_s > 0:
        raise RateLimited(math.ceil(wait_s))
