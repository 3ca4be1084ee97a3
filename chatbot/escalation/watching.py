"""Which running escalations somebody waits for still: looked at for all of them together.

One query a second for each workspace, however many of its questions are under way.
"""

import asyncio
import logging
from dataclasses import dataclass, field
from itertools import groupby
from uuid import UUID
from weakref import WeakKeyDictionary

from chatbot.escalation import record
from chatbot.escalation.record import Begun
from outbox.threads import in_thread

log = logging.getLogger(__name__)
WATCH_S = 1.0


@dataclass
class _Watched:
    """Of one loop: workspace and escalation → what to set when nobody waits for it."""

    running: dict[tuple[UUID, UUID], asyncio.Event] = field(default_factory=dict)
    task: "asyncio.Task[None] | None" = None


_watched: WeakKeyDictionary[asyncio.AbstractEventLoop, _Watched]
_watched = WeakKeyDictionary()


async def until_unwanted(begun: Begun) -> None:
    """Returns within about WATCH_S of a person's taking over, or of the visitor's writing on."""
    loop = asyncio.get_running_loop()
    of_loop, unwanted = _watched.setdefault(loop, _Watched()), asyncio.Event()
    key = (begun.workspace_id, begun.escalation.id)
    of_loop.running[key] = unwanted
    if of_loop.task is None or of_loop.task.done():
        of_loop.task = loop.create_task(_watch(of_loop))
    try:
        await unwanted.wait()
    finally:
        if of_loop.running.get(key) is unwanted:
            del of_loop.running[key]


async def _watch(of_loop: _Watched) -> None:
    while of_loop.running:
        await asyncio.sleep(WATCH_S)
        for workspace_id, keys in groupby(sorted(of_loop.running), key=lambda key: key[0]):
            ids = [escalation_id for _, escalation_id in keys]
            try:
                still = await in_thread(record.wanted, workspace_id, ids)
            except Exception as error:  # a database that is away: the end of the call decides
                kind = type(error).__name__
                log.warning("not looked", extra={"event": "watch_failed", "reason": kind})
                continue
            for one in set(ids) - still:
                if unwanted := of_loop.running.get((workspace_id, one)):
                    unwanted.set()
