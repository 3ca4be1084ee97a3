"""Ask the large models of a workspace in order, until one gives a whole answer.

The next one is asked where a server failed: it was away, too slow, limited, or broke off. What the
visitor saw of a broken draft is taken back, and the next model begins anew; a text that did not
pass the check goes to people instead, as another model is no better witness. Where the next one is
another worker's to ask, the outcome says so (`goes_to`). A server that is gone before its call
begins is not called, and passed over: nobody has waited for it. Where nobody else is left, a call
of which nothing can have been paid (never connected, or turned away for its rate) is tried once
more after a moment. All calls together have LLM_TIMEOUT_S.
"""

import asyncio
import random
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.conf import settings
from django.utils import timezone

from chatbot import broadcast
from chatbot.escalation import breaker, record, signs
from chatbot.escalation.connections import Connection
from chatbot.escalation.drafting import Draft
from chatbot.escalation.outcome import Outcome
from chatbot.escalation.passing import queue_of
from chatbot.escalation.provider import ProviderFailure
from chatbot.escalation.record import Begun
from outbox.threads import in_thread

ELSEWHERE = breaker.OF_THE_SERVER | {"filtered", "empty", "prompt_too_long"}
UNPAID_FOR = {"unreachable", "rate_limited"}
JITTER_S = (0.2, 0.8)
SAT_THROUGH = {"timeout", "stalled", "silent"}  # the visitor has waited, and nothing came


async def run(begun: Begun) -> tuple[Begun, Outcome]:
    """Who was to be called last, with how the last call ended; tokens and cost of all calls."""
    ends_at = time.monotonic() + _left_s(begun)
    calls: list[tuple[Begun, Outcome]] = []
    here = True
    while True:
        if here:
            hurried = any(outcome.failure in SAT_THROUGH for _, outcome in calls)
            draft = Draft(begun, ends_at=ends_at, hurried=hurried)
            outcome = await draft.run()
            breaker.of(begun.connection).ended(outcome.failure)
            calls.append((begun, outcome))
        to = await _next(begun, calls, ends_at)
        summed = _summed(calls, outcome.failure)
        if to is None:
            return begun, summed
        if here and draft.was_shown:
            _take_back(begun)
        try:
            if queue_of(to) != queue_of(begun.connection):
                return begun, replace(summed, goes_to=begun.place_of(to))
            further = await in_thread(record.go_on, begun, to, summed.cost_usd)
        except ProviderFailure as failed:
            return begun, _summed(calls, failed.code)
        finally:
            here = signs.arrived(to)
        if further is None:
            return begun, _summed(calls, "superseded")
        begun = further


def _left_s(begun: Begun) -> float:
    """Another worker's calls have used up some of it."""
    if not begun.earlier:
        return settings.LLM_TIMEOUT_S
    used = timezone.now() - begun.escalation.requested_at
    return max(0.0, settings.LLM_TIMEOUT_S - used.total_seconds())


async def _next(
    begun: Begun, calls: list[tuple[Begun, Outcome]], ends_at: float
) -> Connection | None:
    """Whom to ask after these; None where it shall end here. begun: of who was to be called."""
    _, outcome = calls[-1]
    if outcome.failure not in ELSEWHERE or time.monotonic() >= ends_at:
        return None
    for other in begun.others:
        if await signs.go_on_to(other):
            return other
    asked = sum(one.connection == begun.connection for one, _ in calls)
    if outcome.failure in UNPAID_FOR and asked == 1:
        await asyncio.sleep(random.uniform(*JITTER_S))  # noqa: S311  # no secret
        return begun.connection if await signs.go_on_to(begun.connection) else None
    return None


def _take_back(begun: Begun) -> None:
    frame = {"type": "draft.dropped", "turn_id": str(begun.escalation.turn_id)}
    broadcast.transient(begun.conversation_id, frame)


def _summed(calls: list[tuple[Begun, Outcome]], failure: str) -> Outcome:
    last = calls[-1][1]
    rows = [*calls[0][0].earlier, *(_row(begun, outcome) for begun, outcome in calls)]
    return replace(
        last,
        failure=failure,
        text="" if failure else last.text,
        input_tokens=sum(row["input_tokens"] for row in rows),
        output_tokens=sum(row["output_tokens"] for row in rows),
        cost_usd=sum(row["cost_usd"] for row in rows),
        cpu_seconds=sum(row.get("cpu_seconds", 0.0) for row in rows),
        attempts=tuple(rows),
    )


def _row(begun: Begun, outcome: Outcome) -> Mapping[str, Any]:
    """One call, as Escalation.attempts keeps it."""
    return {
        "provider": begun.connection.vendor_name,
        "model": begun.connection.model,
        "failure": outcome.failure,
        "input_tokens": outcome.input_tokens,
        "output_tokens": outcome.output_tokens,
        "cost_usd": outcome.cost_usd,
        "cpu_seconds": outcome.cpu_seconds,
    }
