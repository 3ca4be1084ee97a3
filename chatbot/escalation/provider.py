"""Call the configured large model, and stream its text.

One attempt for each call: a retry could be paid twice, so neither the SDK nor we retry. A client
belongs to the loop that made it; all calls of a process run on the one loop of outbox.loop. The
key is a secret: it is in no repr, no log line and no error of this module.

ProviderFailure    the call failed; `code` says how
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

from django.conf import settings

from chatbot.escalation.prices import MAX_OUTPUT_TOKENS
from chatbot.escalation.prompt import Prompt

if TYPE_CHECKING:
    from pydantic_ai.models import Model, StreamedResponse
    from pydantic_ai.settings import ModelSettings

log = logging.getLogger(__name__)
OPENAI, ANTHROPIC = "openai", "anthropic"
_OWN_ADDRESS = {OPENAI: "https://api.openai.com/v1", ANTHROPIC: "https://api.anthropic.com"}
_NO_KEY = "not-set"  # servers on one's own machine want none, the SDKs want a string


class ProviderFailure(Exception):
    """`code`: timeout, rate_limited, cut, filtered, too_long or provider_error."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Connection:
    """Where and how the large model is called; from the settings."""

    provider: str
    base_url: str
    model: str
    api_key: str = field(repr=False)
    connect_timeout_s: float
    first_token_timeout_s: float
    timeout_s: float

    @property
    def destination(self) -> str:
        """The address without user, password and query."""
        parts = urlsplit(self.base_url)
        port = f":{parts.port}" if parts.port else ""
        return f"{parts.scheme}://{parts.hostname}{port}{parts.path}"[:300]


@dataclass
class Spending:
    """Tokens as the provider counted them; 0 where it said nothing."""

    input_tokens: int = 0
    output_tokens: int = 0


def connection() -> Connection:
    """Raises ProviderFailure for a provider that we don't know."""
    provider = settings.LLM_PROVIDER
    if provider not in _OWN_ADDRESS:
        log.error("unknown provider", extra={"event": "provider_unknown", "kind": provider})
        raise ProviderFailure("provider_error")
    return Connection(
        provider=provider,
        base_url=settings.LLM_BASE_URL or _OWN_ADDRESS[provider],
        model=settings.LLM_MODEL,
        api_key=settings.LLM_API_KEY or _NO_KEY,
        connect_timeout_s=settings.LLM_CONNECT_TIMEOUT_S,
        first_token_timeout_s=settings.LLM_FIRST_TOKEN_TIMEOUT_S,
        timeout_s=settings.LLM_TIMEOUT_S,
    )


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
    from pydantic_ai.direct import model_request_stream
    from pydantic_ai.messages import ModelRequest

    request = ModelRequest.user_text_prompt(prompt.data, instructions=prompt.instructions)
    try:
        async with model_request_stream(
            _model(to), [request], model_settings=_model_settings(to)
        ) as response:
            try:
                async for piece in _texts(response):
                    yield piece
            finally:
                spending.input_tokens = response.usage.input_tokens
                spending.output_tokens = response.usage.output_tokens
            _check_end(response)
    except ProviderFailure:
        raise
    except Exception as error:  # whatever a client of theirs raises is a failed call
        raise ProviderFailure(_code(error)) from None


async def _texts(response: "StreamedResponse") -> AsyncIterator[str]:
    from pydantic_ai.messages import PartDeltaEvent, PartStartEvent, TextPart, TextPartDelta

    async for event in response:
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
    return "provider_error"


_models: WeakKeyDictionary[asyncio.AbstractEventLoop, "dict[Connection, Model]"]
_models = WeakKeyDictionary()


def _model(to: Connection) -> "Model":
    """The loop's client for this connection, with its pool of open connections."""
    of_loop = _models.setdefault(asyncio.get_running_loop(), {})
    if to not in of_loop:
        of_loop[to] = _new_model(to)
    return of_loop[to]


def _new_model(to: Connection) -> "Model":
    import httpx2
    from pydantic_ai.models import create_async_httpx2_client

    timeout = httpx2.Timeout(to.timeout_s, connect=to.connect_timeout_s)
    client = create_async_httpx2_client(timeout=timeout)
    if to.provider == ANTHROPIC:
        from pydantic_ai.models.anthropic import AnthropicModel
        from pydantic_ai.providers.anthropic import AnthropicProvider

        anthropic = AnthropicProvider(api_key=to.api_key, base_url=to.base_url, http_client=client)
        return AnthropicModel(to.model, provider=anthropic)
    from pydantic_ai.models.openai import OpenAIChatModel
    from pydantic_ai.profiles.openai import OpenAIModelProfile
    from pydantic_ai.providers.openai_compatible import OpenAICompatibleProvider

    host = urlsplit(to.base_url).hostname or ""
    profile = OpenAIModelProfile(
        openai_chat_streaming_requires_finish_reason=True,
        # The older name of the bound is the one that every other server understands.
        openai_chat_supports_max_completion_tokens=host.endswith(("openai.com", "azure.com")),
    )
    openai = OpenAICompatibleProvider(
        OPENAI, base_url=to.base_url, api_key=to.api_key, http_client=client, profile=profile
    )
    return OpenAIChatModel(to.model, provider=openai)


def _model_settings(to: Connection) -> "ModelSettings":
    return {
        "max_tokens": MAX_OUTPUT_TOKENS,
        "temperature": 0.0,
        "max_retries": 0,
        "timeout": to.timeout_s,
        "first_event_timeout": to.first_token_timeout_s,
        "request_timeout": to.timeout_s,
    }
