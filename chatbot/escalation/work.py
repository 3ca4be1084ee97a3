"""Run one escalation: begin, ask one model after the other until one answers, end.

Whatever goes wrong in the end ends with a person, and the visitor is told.
"""

import asyncio
import logging
from dataclasses import replace
from functools import partial
from weakref import WeakKeyDictionary

from django.conf import settings

from chatbot.escalation import (
    agreement,
    ending,
    failover,
    handing_on,
    passing,
    provider,
    record,
    supporting,
)
from chatbot.escalation.outcome import Outcome
from chatbot.escalation.record import Begun
from outbox.queue import LeasedJob
from outbox.threads import in_thread

log = logging.getLogger(__name__)
_slots: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[str, asyncio.Semaphore]]
_slots = WeakKeyDictionary()


async def run_escalation(job: LeasedJob) -> None:
    """Answer the turn or hand it over. At most LLM_CONCURRENCY at once in a process.

    A model in the house has LOCAL_GENERATOR_CONCURRENCY places, and who waits too long for one goes
    on to the next model, or to a person.

    An attempt after a crash in the middle of a call hands over to a person (`worker_failed`) and
    calls nobody, since that call may have been paid.
    A crash before the call, or while waiting for a slot, costs nothing, and the next attempt goes
    on as the first.
    """
    queue = passing.queue_of_job(job)
    in_house = queue == passing.GENERATOR
    if not in_house:
        await in_thread(provider.load)
    await supporting.with_reader(lambda _: None)  # the first call loads it, before time is counted
    slot = _slot(queue)
    try:
        async with asyncio.timeout(settings.LOCAL_GENERATOR_WAIT_S if in_house else None):
            await slot.acquire()
    except TimeoutError:
        await in_thread(handing_on.pass_by, job)
        return
    try:
        begun = await in_thread(record.begin, job)
        if begun is None:
            return
        begun, outcome = await failover.run(begun)
        if begun.is_check and not outcome.failure and outcome.goes_to is None:
            compare = partial(agreement.weigh, begun.question, begun.stands, outcome.text)
            outcome = replace(outcome, agreement=await supporting.with_reader(compare))
        if outcome.goes_to is None:
            await ending.end(job, begun, outcome)
        else:
            await in_thread(handing_on.hand_on, job, begun, outcome)
    finally:
        slot.release()
    _log(begun, outcome)


def _slot(queue: str) -> asyncio.Semaphore:
    of_loop = _slots.setdefault(asyncio.get_running_loop(), {})
    if queue not in of_loop:
        in_house = queue == passing.GENERATOR
        places = settings.LOCAL_GENERATOR_CONCURRENCY if in_house else settings.LLM_CONCURRENCY
        of_loop[queue] = asyncio.Semaphore(places)
    return of_loop[queue]


def _log(begun: Begun, outcome: Outcome) -> None:
    log.info(
        "escalation ended",
        extra={
            "event": "escalation_ended",
            "workspace": begun.workspace_id,
            "turn": begun.escalation.turn_id,
            "model": begun.connection.model,
            "reason": outcome.failure or "answered",
            "stages_ms": dict(outcome.stages_ms),
        },
    )
