"""Ask the large models of a workspace in order, until one gives a whole answer.

The next one is asked where a server failed: it was away, too slow, limited, or broke off. What the
visitor saw of a broken draft is taken back, and the next model begins anew; a text that did not
pass the check goes to people instead, as another model is no better witness. Where nobody else is
left, a call of which nothing can have been paid (never connected, or turned away for its rate) is
tried once more after a moment. All calls together have LLM_TIMEOUT_S.
"""

import asyncio
import random
import time
from dataclasses import replace

from django.conf import settings

from chatbot import broadcast
from chatbot.escalation import breaker, record
from chatbot.escalation.connections import Connection
from chatbot.escalation.drafting import Draft
from chatbot.escalation.outcome import Outcome
from chatbot.escalation.provider import ProviderFailure
from chatbot.escalation.record import Begun
from outbox.threads import in_thread

ELSEWHERE = breaker.OF_THE_SERVER | {"filtered", "empty"}
UNPAID_FOR = {"unreachable", "rate_limited"}
JITTER_S = (0.2, 0.8)


async def run(begun: Begun) -> tuple[Begun, Outcome]:
    """The last call's Begun, with how it ended; tokens and cost of all calls."""
    ends_at = time.monotonic() + settings.LLM_TIMEOUT_S
    calls: list[tuple[Begun, Outcome]] = []
    while True:
        draft = Draft(begun, ends_at=ends_at)
        outcome = await draft.run()
        breaker.of(begun.connection).ended(outcome.failure)
        calls.append((begun, outcome))
        to = await _next(calls, ends_at)
        if to is None:
            return begun, _summed(calls, outcome.failure)
        if draft.was_shown:
            _take_back(begun)
        try:
            spent = sum(one.cost_usd for _, one in calls)
            further = await in_thread(record.go_on, begun, to, spent)
        except ProviderFailure as failed:
            return begun, _summed(calls, failed.code)
        if further is None:
            return begun, _summed(calls, "superseded")
        begun = further


async def _next(calls: list[tuple[Begun, Outcome]], ends_at: float) -> Connection | None:
    """Whom to ask after these; None where it shall end here."""
    begun, outcome = calls[-1]
    if outcome.failure not in ELSEWHERE or time.monotonic() >= ends_at:
        return None
    for other in begun.others:
        if breaker.of(other).allows():
            return other
    asked = sum(one.connection == begun.connection for one, _ in calls)
    if outcome.failure in UNPAID_FOR and asked == 1:
        await asyncio.sleep(random.uniform(*JITTER_S))  # noqa: S311  # no secret
        return begun.connection if breaker.of(begun.connection).allows() else None
    return None


def _take_back(begun: Begun) -> None:
    frame = {"type": "draft.dropped", "turn_id": str(begun.escalation.turn_id)}
    broadcast.transient(begun.conversation_id, frame)


def _summed(calls: list[tuple[Begun, Outcome]], failure: str) -> Outcome:
    outcomes = [outcome for _, outcome in calls]
    return replace(
        outcomes[-1],
        failure=failure,
        text="" if failure else outcomes[-1].text,
        input_tokens=sum(one.input_tokens for one in outcomes),
        output_tokens=sum(one.output_tokens for one in outcomes),
        cost_usd=sum(one.cost_usd for one in outcomes),
        attempts=tuple(
            {
                "provider": begun.connection.vendor_name,
                "model": begun.connection.model,
                "failure": outcome.failure,
                "input_tokens": outcome.input_tokens,
                "output_tokens": outcome.output_tokens,
                "cost_usd": outcome.cost_usd,
            }
            for begun, outcome in calls
        ),
    )
