"""Ask a model of our own, in the worker of the queue `generator`. Nothing leaves the machine.

The model itself runs in a process of its own (chatbot.local_models.engine): the loop only waits.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator
from typing import Any

from django.conf import settings

from accounts.errors import NotFound
from chatbot.escalation.connections import Connection
from chatbot.escalation.prices import MAX_OUTPUT_TOKENS
from chatbot.escalation.prompt import Prompt
from chatbot.escalation.provider import ProviderFailure, Spending
from chatbot.local_models import store
from chatbot.local_models.engine import engine
from outbox import loop
from outbox.threads import in_thread

log = logging.getLogger(__name__)
# How an answer ended, and what that is for a chain of models; "" for a whole one.
FAILURES = {
    "stop": "",
    "length": "too_long",
    "too_long": "prompt_too_long",
    "not_loaded": "not_loaded",
    "failed": "provider_error",
    "gone": "cut",
}


async def stream_text(
    to: Connection, prompt: Prompt, spending: Spending
) -> AsyncGenerator[str, None]:
    """As provider.stream_text. The wait for the first piece has LOCAL_GENERATOR_WAIT_S."""
    try:
        folder = await in_thread(store.unpacked, to.model)
    except (NotFound, OSError) as error:
        log.error("no such model", extra={"event": "model_missing", "reason": type(error).__name__})
        raise ProviderFailure("not_loaded") from None
    came: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    here = asyncio.get_running_loop()

    def hear(message: dict[str, Any]) -> None:
        here.call_soon_threadsafe(came.put_nowait, message)

    number = engine.ask(
        folder, prompt.instructions, prompt.data, most_tokens=MAX_OUTPUT_TOKENS, hear=hear
    )
    try:
        async with asyncio.timeout(settings.LOCAL_GENERATOR_WAIT_S):
            message = await came.get()
        _count(spending, message)
        while "text" in message:
            yield message["text"]
            message = await came.get()
            _count(spending, message)
    except TimeoutError:
        raise ProviderFailure("timeout") from None
    finally:
        engine.stop(number)
    if failure := FAILURES[message["end"]]:
        raise ProviderFailure(failure)


def _count(spending: Spending, message: dict[str, Any]) -> None:
    """What it has cost by now, so that an answer that is broken off has its cost too."""
    if message.get("end") != "gone":
        spending.input_tokens = message["input_tokens"]
        spending.output_tokens = message["output_tokens"]
        spending.cpu_seconds = message["cpu_s"]


def warm_up() -> None:
    """Unpack what was added, and load it where it is one model: the first visitor waits less."""

    def ready() -> None:
        names = store.names()
        for name in names:
            folder = store.unpacked(name)
            if len(names) == 1:
                engine.load(folder)

    async def get_ready() -> None:
        try:
            await in_thread(ready)
        except (NotFound, OSError) as error:
            kind = type(error).__name__
            log.error("not ready", extra={"event": "model_missing", "reason": kind})

    loop.submit(get_ready())
