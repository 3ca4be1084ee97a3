"""Signs of life of a large model's server, and when it is gone with all of its calls at once.

One slow answer says little about a server, so a call by itself has patient limits. But where
LLM_GONE_CALLS answers or more are in full flow, and no call of the server has shown any sign of
life for LLM_GONE_AFTER_S, the server is gone: all of its calls fail, and its breaker opens. One
that works in steps is known by its gaps, which are learned before its answers count as in flow: it
is given twice the longest one of late, at most LLM_GONE_AFTER_S more than that.

A visitor who has sat through a silence already is hurried: the next server has
LLM_NEXT_FIRST_TOKEN_TIMEOUT_S to show life on any of its calls, and with LLM_GONE_CALLS such
visitors LLM_GONE_AFTER_S. Does it show any, the first word has the usual time. And where SCOUTS
calls wait for a server's first sign, further ones that come from a failed server wait to see what
becomes of those: what is dead is not asked 200 times.

A sign is an answer's head, or any event of its stream, a thought or a ping as well as a word. Time
counts only while this process listens: one that stood still has heard nothing. Models in the house
have limits of their own, and none of this. All of it runs on one loop, and is that process's own.
"""

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

from django.conf import settings

from chatbot.escalation import breaker
from chatbot.escalation.connections import Connection

TICK_S = 0.1
LONGEST_STEP_S = 0.3  # of a tick that came late, so much counts as listening
SCOUTS = breaker.FAILURES
LIVES_S = 5.0  # after a sign
REMEMBERED_S = 30.0  # a gap is remembered for one to two of these, an unused server for two
LEARNED_FROM = 1  # pieces of an answer: so many show that it has begun
JUDGED_FROM = 3  # so at least two gaps of the server were heard before it is judged by one


@dataclass(eq=False)
class Call:
    """`waits_since`: in listened seconds; None while we are busy with what came. `gone`: the call
    is to fail now. `doubted`: what to do when its server falls quiet."""

    began_at: float = 0.0
    hurried: bool = False
    pieces: int = 0
    waits_since: float | None = None
    gone: asyncio.Event = field(default_factory=asyncio.Event)
    doubted: Callable[[], None] | None = None

    def waited_s(self, now: float) -> float:
        return 0.0 if self.waits_since is None else now - self.waits_since


@dataclass(eq=False)
class Server:
    """`sign_at`: in listened seconds; `heard_at`: of time.monotonic(). `coming`: calls that were
    let go on to it and have not begun yet; `lost`: those of them that it was gone for meanwhile.
    `doubts_since`: the sign after which its silence was doubted. `knock`: when it was knocked at,
    of time.monotonic(), and the calls of that."""

    calls: set[Call] = field(default_factory=set)
    coming: int = 0
    lost: int = 0
    sign_at: float = 0.0
    heard_at: float = float("-inf")
    gaps: list[float] = field(default_factory=lambda: [0.0, 0.0])
    gaps_since: float = 0.0
    doubts_since: float = -1.0
    used_at: float = 0.0
    knock: tuple[float, "asyncio.Task[None]"] | None = None
    news: asyncio.Event = field(default_factory=asyncio.Event)

    def tell(self) -> None:
        self.news.set()
        self.news = asyncio.Event()

    @property
    def lives(self) -> bool:
        return time.monotonic() - self.heard_at < LIVES_S

    @property
    def is_idle(self) -> bool:
        """Nobody needs what is known of it: taken out of a chain, or not asked for long."""
        knocked = self.knock is not None and not self.knock[1].done()
        used = time.monotonic() - self.used_at < 2 * REMEMBERED_S
        return not (self.calls or self.coming or self.lost or knocked or used)

    @property
    def is_crowded(self) -> bool:
        return not self.lives and len(self.calls) + self.coming >= SCOUTS

    def in_flow(self, waited_s: float, now: float, *, pieces: int = JUDGED_FROM) -> int:
        """Answers that so many pieces have come of, and that were waited for so long."""
        return sum(one.pieces >= pieces and one.waited_s(now) >= waited_s for one in self.calls)

    def keep_gap(self, gap_s: float, now: float) -> None:
        """Several waited for so long, and then something came."""
        if now - self.gaps_since > REMEMBERED_S:
            self.gaps, self.gaps_since = [self.gaps[1], 0.0], now
        if gap_s <= self.gaps[1]:
            return
        if self.in_flow(gap_s, now, pieces=LEARNED_FROM) >= settings.LLM_GONE_CALLS:
            self.gaps[1] = gap_s

    def most_quiet_s(self, limit_s: float) -> float:
        """How long it may say nothing to answers in flow. limit_s: the least."""
        usual_s = max(self.gaps)
        return max(limit_s, min(2 * usual_s, usual_s + limit_s))


class Ears:
    """What one loop hears of all servers. `now`: seconds that it has listened."""

    def __init__(self) -> None:
        self.now = 0.0
        self.servers: dict[Connection, Server] = {}
        self._task: asyncio.Task[None] | None = None

    def of(self, to: Connection) -> Server:
        """Who comes anew takes the place of those that nobody asks any more."""
        if to not in self.servers:
            for gone in [one for one, server in self.servers.items() if server.is_idle]:
                del self.servers[gone]
            self.servers[to] = Server()
        server = self.servers[to]
        server.used_at = time.monotonic()
        return server

    def listen(self) -> None:
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._listen())

    async def _listen(self) -> None:
        before = time.monotonic()
        while any(server.calls for server in self.servers.values()):
            await asyncio.sleep(TICK_S)
            here = time.monotonic()
            self.now += min(here - before, LONGEST_STEP_S)
            before = here
            self.look()

    def look(self) -> None:
        """Say of whom it holds now that they are gone."""
        for to, server in list(self.servers.items()):  # whoever doubts may look at another one
            if server.calls:
                self._look_at(to, server)

    def _look_at(self, to: Connection, server: Server) -> None:
        quiet_s, limit_s = self.now - server.sign_at, settings.LLM_GONE_AFTER_S
        patience_s = settings.LLM_NEXT_FIRST_TOKEN_TIMEOUT_S
        hurried = [one for one in server.calls if one.hurried and server.sign_at <= one.began_at]
        if limit_s and self._is_gone(server, hurried, quiet_s, limit_s):
            breaker.of(to).trip()
            server.lost = server.coming
            for one in server.calls:
                one.gone.set()
            server.tell()
            return
        if limit_s:
            self._doubt(server, quiet_s, limit_s)
        for one in hurried:
            if one.waited_s(self.now) >= patience_s:
                one.gone.set()

    def _doubt(self, server: Server, quiet_s: float, limit_s: float) -> None:
        """Half-way between its usual gap and the end of our patience, once for a silence."""
        doubt_s = (max(server.gaps) + server.most_quiet_s(limit_s)) / 2
        if quiet_s < doubt_s or server.doubts_since == server.sign_at:
            return
        if server.in_flow(doubt_s, self.now) < settings.LLM_GONE_CALLS:
            return
        server.doubts_since = server.sign_at
        for one in server.calls:
            if one.doubted:
                one.doubted()

    def _is_gone(self, server: Server, hurried: list[Call], quiet_s: float, limit_s: float) -> bool:
        most_s = server.most_quiet_s(limit_s)
        if quiet_s >= most_s and server.in_flow(most_s, self.now) >= settings.LLM_GONE_CALLS:
            return True
        waiting = sum(one.waited_s(self.now) >= limit_s for one in hurried)
        return quiet_s >= limit_s and waiting >= settings.LLM_GONE_CALLS


_ears: WeakKeyDictionary[asyncio.AbstractEventLoop, Ears]
_ears = WeakKeyDictionary()


def ears() -> Ears:
    return _ears.setdefault(asyncio.get_running_loop(), Ears())


def noted(to: Connection) -> None:
    """Something came from this server."""
    heard = ears()
    server = heard.of(to)
    server.keep_gap(heard.now - server.sign_at, heard.now)
    fresh = not server.lives
    server.sign_at, server.heard_at = heard.now, time.monotonic()
    if fresh:
        server.tell()


def last_heard(to: Connection) -> float:
    """When its last sign came, of time.monotonic()."""
    return ears().of(to).heard_at


def is_known(to: Connection) -> bool:
    """Whether it has shown life lately, or is being asked."""
    server = ears().of(to)
    return server.lives or bool(server.calls) or server.coming > 0


async def until_heard(to: Connection, other: Connection, other_heard: float) -> None:
    """Returns when one of them gives a sign; of the other one, after that time."""
    mine = last_heard(to)

    def still() -> bool:
        return last_heard(to) == mine and last_heard(other) == other_heard

    while still():  # noqa: ASYNC110  # of two servers, and no event says that one was heard again
        await asyncio.sleep(TICK_S)


@contextmanager
def call(
    to: Connection, *, hurried: bool, doubted: Callable[[], None] | None = None
) -> Iterator[Call]:
    """A call that is under way; one of a model in the house is never said to be gone."""
    heard = ears()
    mine = Call(began_at=heard.now, hurried=hurried, doubted=doubted)
    if to.stays:
        yield mine
        return
    server = heard.of(to)
    if not server.calls:
        server.sign_at = heard.now  # quiet since nobody asked
    server.calls.add(mine)
    heard.listen()
    try:
        yield mine
    finally:
        server.calls.discard(mine)
        server.tell()


@contextmanager
def waiting(mine: Call) -> Iterator[None]:
    """While the next piece is waited for."""
    mine.waits_since = ears().now
    try:
        yield
    finally:
        mine.waits_since = None
        mine.pieces += 1


async def go_on_to(to: Connection) -> bool:
    """Whether to ask this server now, after another one has failed.

    Waits to see what becomes of the first ones that have gone. True must be followed by `arrived`.
    """
    if to.stays:
        return breaker.of(to).allows()
    server = ears().of(to)
    try:
        async with asyncio.timeout(settings.LLM_NEXT_FIRST_TOKEN_TIMEOUT_S):
            while server.is_crowded and not breaker.of(to).is_open:
                await server.news.wait()
    except TimeoutError:
        pass  # slow is not dead
    if not breaker.of(to).allows():
        return False
    ears().of(to).coming += 1
    return True


def arrived(to: Connection) -> bool:
    """The call is to begin now, or nothing came of it. False where the server is gone meanwhile."""
    if to.stays:
        return True
    server = ears().of(to)
    server.coming -= 1
    here = server.lost == 0
    server.lost -= not here
    server.tell()
    return here
