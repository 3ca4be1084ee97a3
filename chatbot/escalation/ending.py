"""Write how calls ended: each by itself, or several in one transaction where a server took many.

Whoever ends alone is written at once. While the writers are busy, what ends meanwhile gathers, and
the next free one takes it together: what does not differ between conversations is read once, and
one commit serves all. Each conversation is locked as ever. Those that somebody else has locked are
written by themselves, so nobody waits for a lock while holding others; and where one cannot be
written, none of them is, and each is tried by itself. So one's trouble is no other one's, and a
crash leaves every job as it was.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID
from weakref import WeakKeyDictionary

from accounts.chosen import reading_once
from accounts.scope import workspace_scope
from chatbot import events
from chatbot.escalation import record
from chatbot.escalation.outcome import Outcome
from chatbot.escalation.record import Begun
from chatbot.models import Turn
from chatbot.together import writing_together
from outbox.queue import LeasedJob, completing_together
from outbox.threads import in_thread

log = logging.getLogger(__name__)
TOGETHER = 20  # in one transaction; longer ones would keep visitors' next messages waiting
WRITERS = 3  # of the database's threads, which have other work too


@dataclass(frozen=True, eq=False)
class Ended:
    job: LeasedJob
    begun: Begun
    outcome: Outcome

    @property
    def conversation_id(self) -> UUID:
        return self.begun.conversation_id


@dataclass
class _Desk:
    """What waits to be written, of one loop."""

    waiting: "deque[tuple[Ended, asyncio.Future[None]]]" = field(default_factory=deque)
    writers: set["asyncio.Task[None]"] = field(default_factory=set)


_desks: WeakKeyDictionary[asyncio.AbstractEventLoop, _Desk]
_desks = WeakKeyDictionary()


async def end(job: LeasedJob, begun: Begun, outcome: Outcome) -> None:
    """Answer, hand over, or drop what comes too late; returns once it is committed."""
    if not outcome.failure:
        await in_thread(record.end, job, begun, outcome)
        return
    loop = asyncio.get_running_loop()
    desk, written = _desks.setdefault(loop, _Desk()), loop.create_future()
    desk.waiting.append((Ended(job, begun, outcome), written))
    desk.writers = {writer for writer in desk.writers if not writer.done()}
    if len(desk.writers) < WRITERS:
        desk.writers.add(loop.create_task(_write_all(desk)))
    await written


async def _write_all(desk: _Desk) -> None:
    """Looks for work and ends in one turn of the loop: who ends then starts another writer."""
    while desk.waiting:
        taken = _take(desk)
        left = await _together([ended for ended, _ in taken])
        for ended, written in taken:
            if ended in left:
                await _alone(ended, written)
            elif not written.done():
                written.set_result(None)


def _take(desk: _Desk) -> "list[tuple[Ended, asyncio.Future[None]]]":
    """The next ones of one workspace; a transaction never sees another one's."""
    first = desk.waiting[0][0].job.workspace_id
    of_it = [one for one in desk.waiting if one[0].job.workspace_id == first][:TOGETHER]
    for one in of_it:
        desk.waiting.remove(one)
    return of_it


async def _together(several: list[Ended]) -> list[Ended]:
    """Those that are not written yet."""
    if len(several) == 1:
        return several
    try:
        return await in_thread(end_together, several)
    except Exception as error:  # whichever it was says so again by itself
        kind = type(error).__name__
        log.warning("not together", extra={"event": "endings_split", "reason": kind})
        return several


async def _alone(ended: Ended, written: "asyncio.Future[None]") -> None:
    try:
        await in_thread(record.end, ended.job, ended.begun, ended.outcome)
    except Exception as error:  # the outbox decides what becomes of its job
        if not written.done():
            written.set_exception(error)
    else:
        if not written.done():
            written.set_result(None)


def end_together(several: Sequence[Ended]) -> list[Ended]:
    """All of one workspace, in one transaction; those that others have locked are returned."""
    with workspace_scope(several[0].job.workspace_id), reading_once():
        conversations = events.lock_free([one.conversation_id for one in several])
        free = {one.id for one in conversations}
        ours = [one for one in several if one.conversation_id in free]
        turns = Turn.objects.filter(id__in=[one.begun.escalation.turn_id for one in ours])
        with writing_together(conversations, turns), completing_together():
            for one in ours:
                record.end_within(one.job, one.begun, one.outcome)
    return [one for one in several if one.conversation_id not in free]
