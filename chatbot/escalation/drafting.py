"""One call of a large model: its stream, checked sentence by sentence, as a draft that is shown.

Sentences that pass the check are shown at once as a draft; one that fails takes the whole answer
back, or is left out where the workspace wants that and the others can do without it. A draft that
checks an answer which stands already is shown to nobody.
"""

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from functools import partial

from django.conf import settings
from django.utils import timezone

from chatbot import broadcast
from chatbot.errors import Superseded
from chatbot.escalation import knocking, prices, provider, record, signs, supporting, watching
from chatbot.escalation.outcome import Outcome
from chatbot.escalation.provider import ProviderFailure, Spending
from chatbot.escalation.record import Begun
from chatbot.escalation.removing import LeftOut
from chatbot.escalation.sentences import SentenceCutter
from chatbot.escalation.signs import Call
from chatbot.escalation.verification import Checked, Refused, Unsupported
from outbox.threads import in_thread

MOST_CHARACTERS = 8_000
UNPAID = {"provider_error", "rate_limited", "unreachable"}  # if before the first word


class Draft:
    """The answer of one call as far as it has come."""

    def __init__(self, begun: Begun, *, ends_at: float, hurried: bool = False) -> None:
        """ends_at: in seconds of time.monotonic(). hurried: see chatbot.escalation.signs."""
        self._hurried = hurried
        self._begun = begun
        self._ends_at = ends_at
        self._cutter = SentenceCutter()
        self._spending = Spending()
        self._passed: list[Checked] = []
        self._left_out = LeftOut(allowed=begun.removes)
        self._came: list[str] = []
        self._characters = 0
        self._started = time.monotonic()
        self._stages_ms: dict[str, float] = {"queue": _queue_ms(begun)}

    async def run(self) -> Outcome:
        failure = ""
        try:
            async with asyncio.timeout(max(0.0, self._ends_at - time.monotonic())):
                await self._stream_while_wanted()
        except TimeoutError:
            failure = "timeout"
        except Refused:
            failure = "refused"
        except Unsupported as unsupported:
            failure = f"unsupported:{unsupported.why}"
        except ProviderFailure as failed:
            failure = failed.code
        except Superseded:
            failure = "superseded"
        self._stages_ms["model"] = self._elapsed_ms()
        return self._outcome(failure)

    async def _stream_while_wanted(self) -> None:
        """Breaks the call off soon after a person's taking over, or when the server is gone.

        Raises Superseded, ProviderFailure.
        """
        to, doubted = self._begun.connection, partial(knocking.look_ahead, self._begun)
        with signs.call(to, hurried=self._hurried, doubted=doubted) as call:
            stream = asyncio.create_task(self._stream(call))
            unwanted = asyncio.create_task(watching.until_unwanted(self._begun))
            gone = asyncio.create_task(call.gone.wait())
            tasks = (stream, unwanted, gone)
            try:
                await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
                if stream.done():
                    stream.result()
                elif unwanted.done():
                    raise Superseded("nobody waits for this answer any more")
                else:
                    raise ProviderFailure("silent")
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)

    async def _stream(self, call: Call) -> None:
        begun = self._begun
        stream = provider.stream_text(begun.connection, begun.prompt, self._spending)
        async with aclosing(stream), aclosing(_unstalled(stream, call)) as pieces:
            async for piece in pieces:
                self._stages_ms.setdefault("first_token", self._elapsed_ms())
                self._came.append(piece)
                self._characters += len(piece)
                if self._characters > MOST_CHARACTERS:
                    raise ProviderFailure("too_long")
                for sentence in self._cutter.feed(piece):
                    await self._say(sentence)
        rest = self._cutter.rest()
        if rest:
            await self._say(rest)
        self._left_out.check_rest(self._passed)
        if not self._passed:
            raise ProviderFailure("empty")

    async def _say(self, sentence: str) -> None:
        """Show the sentence. Raises Unsupported, or Superseded when nobody waits for it."""
        whole, verifier = self._begun.redactor.restore(sentence), self._begun.verifier
        try:
            weighed = await supporting.with_reader(partial(verifier.weigh, whole))
        except Refused:
            raise
        except Unsupported as why:
            self._left_out.leave_out(whole, why)
            return
        if self._left_out.takes_along(whole, weighed):
            return
        if not await in_thread(record.is_wanted, self._begun):
            raise Superseded("nobody waits for this answer any more")
        checked = verifier.admit(whole, weighed)
        self._passed.append(checked)
        if not self._begun.is_check:
            self._show(checked)

    def _show(self, checked: Checked) -> None:
        seq = len(self._passed)
        frame = {
            "type": "draft.appended",
            "turn_id": str(self._begun.escalation.turn_id),
            "seq": seq,
            "text": (" " if seq > 1 else "") + checked.text,
        }
        broadcast.transient(self._begun.conversation_id, frame)

    def _outcome(self, failure: str) -> Outcome:
        input_tokens, output_tokens = self._tokens(failure)
        return Outcome(
            failure=failure,
            text="" if failure else " ".join(checked.text for checked in self._passed),
            said=tuple(self._passed),
            removed=self._left_out.count,
            input_tokens=input_tokens,
            output_tokens=output_tokens,
            cost_usd=prices.cost_usd(self._begun.connection, input_tokens, output_tokens),
            cpu_seconds=self._spending.cpu_seconds,
            stages_ms=self._stages_ms,
        )

    def _tokens(self, failure: str) -> tuple[int, int]:
        """As the provider counted, else estimated: a call that was broken off is paid too."""
        counted = self._spending
        if failure in UNPAID and not self._characters:
            return counted.input_tokens, counted.output_tokens
        return (
            counted.input_tokens or prices.tokens_in(self._begun.prompt.text),
            counted.output_tokens or prices.tokens_in("".join(self._came)),
        )

    @property
    def was_shown(self) -> bool:
        return bool(self._passed) and not self._begun.is_check

    def _elapsed_ms(self) -> float:
        return round((time.monotonic() - self._started) * 1000, 1)


async def _unstalled(pieces: AsyncGenerator[str, None], call: Call) -> AsyncGenerator[str, None]:
    """The same pieces. Raises ProviderFailure where it falls silent in the middle of its answer."""
    limit_s = None  # the provider's own client waits for the first
    while True:
        try:
            with signs.waiting(call):
                async with asyncio.timeout(limit_s):
                    piece = await anext(pieces)
        except StopAsyncIteration:
            return
        except TimeoutError:
            raise ProviderFailure("stalled") from None
        yield piece
        limit_s = settings.LLM_STALL_TIMEOUT_S


def _queue_ms(begun: Begun) -> float:
    waited = timezone.now() - begun.escalation.requested_at
    return round(waited.total_seconds() * 1000, 1)
