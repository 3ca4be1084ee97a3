"""Call a large model, and stream its text.

One attempt for each call: the SDKs retry nothing, as a retry could be paid twice. A client
belongs to the loop that made it; all calls of a process run on the one loop of outbox.loop. One
that nobody has used for UNUSED_S is closed as another one is made: keys and addresses change. The
key is a secret: it is in no repr, no log line and no error of this module.

ProviderFailure    the call failed; `code` says how
"""

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

from django.conf import settings

from chatbot.escalation import signs
from chatbot.escalation.connections import Connection
from chatbot.escalation.prices import MAX_OUTPUT_TOKENS
from chatbot.escalation.prompt import Prompt

if TYPE_CHECKING:
    from httpx2 import AsyncClient, Response
    from pydantic_ai.models import Model, StreamedResponse
    from pydantic_ai.settings import ModelSettings

log = logging.getLogger(__name__)
MOST_TOKENS = 10_000_000  # of one call
UNUSED_S = 60.0
NOT_SENT = {"pool", "connect"}  # phases of a transport in which nothing has left


class ProviderFailure(Exception):
    """`code`: timeout, stalled, silent, rate_limited, unreachable, cut, filtered, too_long or else.

    Of a model in the house also not_loaded and prompt_too_long.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass
class Spending:
    """Tokens as the provider counted them; 0 where it said nothing. CPU of a model of our own."""

    input_tokens: int = 0
    output_tokens: int = 0
    cpu_seconds: float = 0.0


def load() -> None:
    """Import the clients ahead of the first call: seconds, which the loop must not stand still."""
    import pydantic_ai.direct
    import pydantic_ai.models.anthropic
    import pydantic_ai.models.openai  # noqa: F401  # imported for later


async def stream_text(
    to: Connection, prompt: Prompt, spending: Spending
) -> AsyncGenerator[str, None]:
    """Pieces of the answer as they come. Raises ProviderFailure; `spending` is set in any case.

    Close it (contextlib.aclosing) to break off the call.
    """
    if to.stays:
        from chatbot.escalation import local_model

        async with aclosing(local_model.stream_text(to, prompt, spending)) as pieces:
            async for piece in pieces:
                yield piece
        return
    from pydantic_ai.direct import model_request_stream
    from pydantic_ai.messages import ModelRequest

    request = ModelRequest.user_text_prompt(prompt.data, instructions=prompt.instructions)
    try:
        async with (
            _client_of(to) as client,
            model_request_stream(
                client.model, [request], model_settings=_model_settings()
            ) as response,
        ):
            try:
                async for piece in _texts(response, to):
                    yield piece
            finally:
                spending.input_tokens = _believed(response.usage.input_tokens)
                spending.output_tokens = _believed(response.usage.output_tokens)
            _check_end(response)
    except ProviderFailure:
        raise
    except Exception as error:  # whatever a client of theirs raises is a failed call
        raise ProviderFailure(_code(error)) from None


def _believed(tokens: Any) -> int:
    """0, as of a server that has not counted, where it says what cannot be: budgets add it up."""
    return tokens if isinstance(tokens, int) and 0 <= tokens <= MOST_TOKENS else 0


async def _texts(response: "StreamedResponse", to: Connection) -> AsyncIterator[str]:
    from pydantic_ai.messages import PartDeltaEvent, PartStartEvent, TextPart, TextPartDelta

    async for event in response:
        signs.noted(to)
        match event:
            case PartStartEvent(part=TextPart(content=text)) if text:
                yield text
            case PartDeltaEvent(delta=TextPartDelta(content_delta=text)) if text:
                yield text


def _check_end(response: "StreamedResponse") -> None:
    """Only an answer that the model itself has ended is whole."""
    if response.finish_reason == "length":
        raise ProviderFailure("too_long")
    if response.finish_reason == "content_filter":
        raise ProviderFailure("filtered")
    if response.finish_reason != "stop":
        raise ProviderFailure("cut")


def _code(error: Exception) -> str:
    from pydantic_ai import exceptions

    log.warning("call failed", extra={"event": "model_call_failed", "kind": type(error).__name__})
    if isinstance(error, exceptions.ModelRequestTimeout | exceptions.ModelTimeoutError):
        return "timeout"
    if isinstance(error, exceptions.ModelRateLimitError | exceptions.ModelQuotaExceededError):
        return "rate_limited"
    if isinstance(error, exceptions.ContentFilterError):
        return "filtered"
    if isinstance(error, exceptions.ModelConnectionError):
        return "unreachable" if error.phase in NOT_SENT else "provider_error"
    return "provider_error"


@dataclass
class _Client:
    """`http`: its pool of open connections. `used_at`: of time.monotonic()."""

    model: "Model"
    http: "AsyncClient"
    calls: int = 0
    used_at: float = 0.0

    @property
    def is_idle(self) -> bool:
        return not self.calls and time.monotonic() - self.used_at >= UNUSED_S


_clients: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[Connection, _Client]]
_clients = WeakKeyDictionary()


@asynccontextmanager
async def _client_of(to: Connection) -> AsyncIterator[_Client]:
    """The loop's own for this connection, for one call."""
    of_loop = _clients.setdefault(asyncio.get_running_loop(), {})
    gone: list[_Client] = []
    if to not in of_loop:
        gone = [of_loop.pop(one) for one, its in list(of_loop.items()) if its.is_idle]
        of_loop[to] = _new_client(to)
    client = of_loop[to]
    client.calls += 1
    try:
        for one in gone:
            await one.http.aclose()
        yield client
    finally:
        client.calls -= 1
        client.used_at = time.monotonic()


def _new_client(to: Connection) -> _Client:
    import httpx2
    from pydantic_ai.models import create_async_httpx2_client

    timeout = httpx2.Timeout(settings.LLM_TIMEOUT_S, connect=settings.LLM_CONNECT_TIMEOUT_S)
    http = create_async_httpx2_client(timeout=timeout)
    http.event_hooks["response"].append(partial(_answered, to))
    return _Client(_model(to, http), http)


def _model(to: Connection, client: "AsyncClient") -> "Model":
    if to.vendor.protocol == "anthropic":
        from pydantic_ai.models.anthropic import AnthropicModel
        from pydantic_ai.providers.anthropic import AnthropicProvider

        anthropic = AnthropicProvider(api_key=to.api_key, base_url=to.base_url, http_client=client)
        return AnthropicModel(to.model, provider=anthropic)
    from pydantic_ai.profiles.openai import OpenAIModelProfile
    from pydantic_ai.providers.openai_compatible import OpenAICompatibleProvider

    profile = OpenAIModelProfile(
        openai_chat_streaming_requires_finish_reason=True,
        openai_chat_supports_max_completion_tokens=_knows_newer_bound(to),
    )
    openai = OpenAICompatibleProvider(
        "openai", base_url=to.base_url, api_key=to.api_key, http_client=client, profile=profile
    )
    return _openai_model(to, openai)


async def _answered(to: Connection, response: "Response") -> None:
    """The head of an answer, ahead of its first word."""
    if response.is_success:
        signs.noted(to)


def _knows_newer_bound(to: Connection) -> bool:
    """Every other server understands the older name of the bound alone."""
    host = urlsplit(to.base_url).hostname or ""
    return to.vendor.newer_bound and host.endswith(to.vendor.hosts)


def _openai_model(to: Connection, provider: Any) -> "Model":
    from openai import omit
    from pydantic_ai.models.openai import OpenAIChatModel

    class WithoutStreamOptions(OpenAIChatModel):
        """Mistral answers 422 to `stream_options`, and counts tokens without being asked."""

        def _get_stream_options(self, model_settings: Any) -> Any:
            return omit

    kind = OpenAIChatModel if to.vendor.usage_asked else WithoutStreamOptions
    return kind(to.model, provider=provider)


def _model_settings() -> "ModelSettings":
    return {
        "max_tokens": MAX_OUTPUT_TOKENS,
        "temperature": 0.0,
        "max_retries": 0,
        "timeout": settings.LLM_TIMEOUT_S,
        "first_event_timeout": settings.LLM_FIRST_TOKEN_TIMEOUT_S,
        "request_timeout": settings.LLM_TIMEOUT_S,
    }
