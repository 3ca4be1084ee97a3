"""What both sockets share: frames in and out, their limits, and errors.

Frames are handled one after the other. Whatever a client sends, it gets an answer or an error
frame; after too many errors in a minute the socket closes.
"""

import asyncio
import contextlib
import json
import logging
import math
import time
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, ClassVar, ParamSpec, TypeVar

import redis
from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from django.db import Error as DatabaseTrouble
from pydantic import TypeAdapter

from accounts.errors import NotAllowed, NotFound, RateLimited
from chatbot import protocol
from chatbot.errors import ChatError, Invalid

log = logging.getLogger(__name__)
P = ParamSpec("P")
T = TypeVar("T")


async def in_database(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run database work in a thread with a healthy connection."""
    result: T = await database_sync_to_async(work, thread_sensitive=False)(*args, **kwargs)
    return result


class Allowance:
    """How much a socket may send: the rule of accounts.ratelimit, in memory."""

    def __init__(self, *, burst: int, per_second: float) -> None:
        self._interval_s = 1.0 / per_second
        self._tolerance_s = self._interval_s * (burst - 1)
        self._due = 0.0

    def use(self) -> None:
        """Count one use. Raises RateLimited, and counts nothing then."""
        now = time.monotonic()
        due = max(self._due, now)
        wait_s = due - now - self._tolerance_s
        if wait_s > 0:
            raise RateLimited(math.ceil(wait_s))
        self._due = due + self._interval_s


class FrameConsumer(AsyncWebsocketConsumer):
    """Subclasses name their `commands` and handle each in `handle(command)`."""

    commands: ClassVar[TypeAdapter[Any]]
    started = False
    closed = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._tasks: list[asyncio.Task[None]] = []
        self._errors: deque[float] = deque(maxlen=protocol.MAX_ERRORS)
        self._allowance = Allowance(burst=protocol.FRAMES_AT_ONCE, per_second=protocol.FRAMES_PER_S)
        self.sending = asyncio.Lock()

    async def __call__(self, *args: Any) -> None:
        """However the connection ends, its tasks end with it."""
        try:
            await super().__call__(*args)
        finally:
            for task in self._tasks:
                task.cancel()

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        self._tasks.append(asyncio.create_task(work))

    async def begin(self) -> None:
        """Accept, and close again if the client does not start in time."""
        await self.accept()
        self.spawn(self._close_unless_started())

    async def _close_unless_started(self) -> None:
        await asyncio.sleep(protocol.START_TIMEOUT_S)
        if not self.started:
            await self.close(code=protocol.CLOSE_NO_START)

    async def close(self, code: int | None = None, reason: str | None = None) -> None:
        """Nothing is sent or handled after this."""
        if not self.closed:
            self.closed = True
            await super().close(code=code, reason=reason)

    async def disconnect(self, code: int) -> None:
        self.closed = True

    async def subscribe(self, group: str) -> None:
        """Get the group's hints. Without Redis the poll finds what is new."""
        try:
            await self.channel_layer.group_add(group, self.channel_name)
        except (redis.RedisError, OSError) as error:
            reason = type(error).__name__
            log.warning("no hints", extra={"event": "hints_off", "reason": reason})

    async def unsubscribe(self, group: str) -> None:
        with contextlib.suppress(redis.RedisError, OSError):
            await self.channel_layer.group_discard(group, self.channel_name)

    async def frame(self, **fields: Any) -> None:
        if self.closed:
            return
        try:
            await self.send(text_data=json.dumps(fields, ensure_ascii=False, default=str))
        except OSError:  # the other side is gone; disconnect follows
            self.closed = True

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        if self.closed:
            return
        if len(text_data or bytes_data or "") > protocol.CLOSE_BYTES:
            await self.close(code=protocol.CLOSE_TOO_LARGE)
            return
        command: Any = None
        try:
            self._allowance.use()
            if text_data is None:
                raise Invalid("Frames are text", code="bad_frame")
            command = protocol.parse(self.commands, text_data)
            await self.handle(command)
        except Exception as error:
            await self._fail(command, error)

    async def handle(self, command: Any) -> None:
        raise TypeError("each socket handles its own commands")

    async def quietly(self, reading: Awaitable[None]) -> None:
        """Read rows again. Where the database is away the next poll tries again."""
        try:
            await reading
        except DatabaseTrouble as error:
            reason = type(error).__name__
            log.warning("not read", extra={"event": "catch_up_failed", "reason": reason})

    async def _fail(self, command: Any, error: Exception) -> None:
        """One error frame; after too many in a minute the socket closes."""
        code, message, more = describe(error)
        for name in ("client_id", "request_id"):
            value = getattr(command, name, None)
            if value is not None:
                more[name] = value
        if code == "server_error":
            log.error("socket command failed", exc_info=error, extra={"event": "socket_error"})
        await self.frame(**protocol.error_frame(code, message, **more))
        if code in protocol.HARMLESS_ERRORS:
            return
        now = time.monotonic()
        self._errors.append(now)
        if len(self._errors) == protocol.MAX_ERRORS and now - self._errors[0] < 60.0:
            await self.close(code=protocol.CLOSE_ABUSE)


def describe(error: Exception) -> tuple[str, str, dict[str, Any]]:
    """Error code, text for the client, further fields. Never more than the client may know."""
    if isinstance(error, RateLimited):
        return "rate_limited", str(error), {"retry_after_s": error.retry_after_s}
    if isinstance(error, ChatError):
        return error.code, error.message, {}
    if isinstance(error, NotFound):
        return "not_found", "Not found", {}
    if isinstance(error, NotAllowed):
        return "not_allowed", "Your role does not permit this", {}
    return "server_error", "Something went wrong on our side", {}
