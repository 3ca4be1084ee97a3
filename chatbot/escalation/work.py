"""Run one escalation: begin, ask one model after the other until one answers, end.

Whatever goes wrong in the end ends with a person, and the visitor is told.
"""

import asyncio
import logging
from dataclasses import replace
from functools import partial
from weakref import WeakKeyDictionary

from django.conf import settings

from chatbot.escalation import agreement, failover, provider, record, supporting
from chatbot.escalation.outcome import Outcome
from chatbot.escalation.record import Begun
from outbox.queue import LeasedJob
from outbox.threads import in_thread

log = logging.getLogger(__name__)
_slots: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = WeakKeyDictionary()


async def run_escalation(job: LeasedJob) -> None:
    """Answer the turn or hand it over. At most LLM_CONCURRENCY at once in a process.

    An attempt after a crash in the middle of a call hands over to a person (`worker_failed`) and
    calls nobody, since that call may have been paid.
    A crash before the call, or while waiting for a slot, costs nothing, and the next attempt goes
    on as the first.
    """
    await in_thread(provider.load)
    await supporting.with_reader(lambda _: None)  # the first call loads it, before time is counted
    async with _slot():
        begun = await in_thread(record.begin, job)
        if begun is None:
            return
        begun, outcome = await failover.run(begun)
        if begun.is_check and not outcome.failure:
            compare = partial(agreement.weigh, begun.question, begun.stands, outcome.text)
            outcome = replace(outcome, agreement=await supporting.with_reader(compare))
        await in_thread(record.end, job, begun, outcome)
    _log(begun, outcome)


def _slot() -> asyncio.Semaphore:
    loop = asyncio.get_running_loop()
    if loop not in _slots:
        _slots[loop] = asyncio.Semaphore(settings.LLM_CONCURRENCY)
    return _slots[loop]


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
