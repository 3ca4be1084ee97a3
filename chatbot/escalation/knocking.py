"""See whether the next server lives, while the one that answers has fallen quiet.

A silence is waited through before a server counts as gone (chatbot.escalation.signs), and that
time is used: half-way through, the next one in the chain is knocked at with a few small calls of
our own words. Does it answer, all who wait go on to it at once when the first one is gone; is it
silent too, nobody waits through a second silence. Nobody's data leaves with it; each knock is a
line in the egress log, is small, and is broken off at its first sign. It is not made where the
server has been heard lately, where the first one speaks again, or more often than every REST_S,
which bounds those lines too: they stay, as all of that log does.
"""

import asyncio
import logging
import time
from contextlib import aclosing

from django.conf import settings

from accounts.scope import workspace_scope
from chatbot.escalation import breaker, prompt, provider, signs, trial
from chatbot.escalation.budget import allowance
from chatbot.escalation.connections import Connection
from chatbot.escalation.prices import most_cost_usd
from chatbot.escalation.provider import ProviderFailure, Spending
from chatbot.escalation.record import Begun
from chatbot.models import EgressEntry
from outbox.threads import in_thread

log = logging.getLogger(__name__)
PURPOSE = "knock"
REST_S = 30.0


def look_ahead(begun: Begun) -> None:
    """Knock at whom this question would go to next, unless that is known or under way."""
    to = next((one for one in begun.others if not breaker.of(one).is_open), None)
    if to is None or to.stays or signs.is_known(to):
        return
    server, now = signs.ears().of(to), time.monotonic()
    if server.knock is None or now - server.knock[0] >= REST_S:
        server.knock = now, asyncio.get_running_loop().create_task(_knock(begun, to))


async def _knock(begun: Begun, to: Connection) -> None:
    heard = signs.last_heard(begun.connection)
    try:
        may = await in_thread(_logged, begun, to, settings.LLM_GONE_CALLS)
    except Exception as error:  # without it they go on as ever
        kind = type(error).__name__
        log.warning("not knocked", extra={"event": "knock_failed", "reason": kind})
        return
    if may:
        calls = [_call(to, begun.connection, heard) for _ in range(settings.LLM_GONE_CALLS)]
        await asyncio.gather(*calls)


def _logged(begun: Begun, to: Connection, knocks: int) -> bool:
    """False where the workspace does not allow it any more, or has no money for it."""
    asked = _prompt().text
    with workspace_scope(begun.workspace_id):
        allowed = allowance(begun.workspace_id)
        if not allowed.allowed or not allowed.holds(knocks * most_cost_usd(to, asked)):
            return False
        EgressEntry.objects.bulk_create(
            EgressEntry(
                workspace_id=begun.workspace_id,
                destination=to.destination,
                purpose=PURPOSE,
                redacted_text=asked,
            )
            for _ in range(knocks)
        )
    return True


def _prompt() -> prompt.Prompt:
    return prompt.build([trial.PASSAGE], trial.QUESTION)


async def _call(to: Connection, first: Connection, heard: float) -> None:
    """Until it shows life, counts as gone, or the first one speaks again."""
    with signs.call(to, hurried=True) as call:
        tasks = [
            asyncio.create_task(one)
            for one in (
                _first_piece(to, call),
                call.gone.wait(),
                signs.until_heard(to, first, heard),
            )
        ]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


async def _first_piece(to: Connection, call: signs.Call) -> None:
    stream = provider.stream_text(to, _prompt(), Spending())
    try:
        async with aclosing(stream) as pieces:
            with signs.waiting(call):
                await anext(pieces, None)
    except ProviderFailure as failed:
        breaker.of(to).ended(failed.code)
