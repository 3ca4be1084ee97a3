"""One call, whole or failed: no retry, every time-out ours, and the key in no log."""

import asyncio
import logging
import time
from collections.abc import Iterator
from contextlib import aclosing
from typing import Any

import pytest
from django.test import override_settings
from httpx2 import AsyncClient
from pydantic_ai.models import create_async_httpx2_client

from accounts.ids import uuid7
from chatbot.escalation import prices, prompt, provider
from chatbot.escalation.connections import Connection, connections
from chatbot.escalation.provider import ProviderFailure, Spending
from chatbot.tests.escalating import until
from outbox.threads import in_thread
from tests.fault_server import FaultServer

pytestmark = pytest.mark.django_db(transaction=True)
KEY = "sk-secret-1234567890"
PASSAGE = {
    "title": "Returns",
    "heading_path": ("In short",),
    "text": "You can return most products within 14 days. Keep the receipt.",
}
PROMPT = prompt.build([PASSAGE], "Within how many days can I return products?")


@pytest.fixture
def server() -> Iterator[FaultServer]:
    provider.load()
    running = FaultServer().start()
    with override_settings(
        LLM_PROVIDER="openai",
        LLM_BASE_URL=running.url,
        LLM_API_KEY=KEY,
        LLM_MODEL="fault",
        LLM_FIRST_TOKEN_TIMEOUT_S=10.0,
        LLM_TIMEOUT_S=20.0,
    ):
        yield running
    running.stop()


def connection() -> Connection:
    """That of the settings."""
    (found,) = connections(uuid7())
    return found


async def ask(spending: Spending | None = None) -> str:
    stream = provider.stream_text(await in_thread(connection), PROMPT, spending or Spending())
    async with aclosing(stream) as pieces:
        return "".join([piece async for piece in pieces])


@pytest.mark.parametrize("name", ["openai", "anthropic"])
async def test_tokens_that_cannot_be_count_as_not_counted(server: FaultServer, name: str) -> None:
    """So many fit in no column, and would use up the budget of years."""
    spending, server.counted = Spending(), (10**15, 10**15)
    with override_settings(LLM_PROVIDER=name):
        assert await ask(spending)
    assert (spending.input_tokens, spending.output_tokens) == (0, 0)


async def test_fewer_tokens_than_none_refill_no_budget(server: FaultServer) -> None:
    spending, server.counted = Spending(), (-(10**6), -5)
    with pytest.raises(ProviderFailure, match="provider_error"):
        await ask(spending)
    assert (spending.input_tokens, spending.output_tokens) == (0, 0)


@pytest.mark.parametrize("name", ["openai", "anthropic"])
async def test_the_answer_streams_with_its_usage(server: FaultServer, name: str) -> None:
    spending = Spending()
    with override_settings(LLM_PROVIDER=name):
        assert await ask(spending) == "You can return most products within 14 days [1]."
    assert spending.input_tokens == len(PROMPT.data) // 4
    assert spending.output_tokens == 50
    assert len(server.requests) == 1


async def test_instructions_and_data_go_apart(server: FaultServer) -> None:
    await ask()
    body = server.requests[0]["body"]
    assert [message["role"] for message in body["messages"]] == ["system", "user"]
    assert body["messages"][0]["content"] == PROMPT.instructions
    assert body["messages"][1]["content"] == PROMPT.data
    assert body["max_tokens"] == prices.MAX_OUTPUT_TOKENS and body["stream"] is True
    assert f"Bearer {KEY}" in server.requests[0]["head"]


@pytest.mark.parametrize("name", ["openai", "anthropic"])
@pytest.mark.parametrize(
    ("mode", "code"),
    [
        ("error-500", "provider_error"),
        ("error-429", "rate_limited"),
        ("garbage", "provider_error"),
        ("cut", "provider_error"),
        ("too-long", "too_long"),
        ("no-first-token", "timeout"),
        ("hang", "timeout"),
    ],
)
async def test_a_failure_has_a_code_and_is_not_retried(
    server: FaultServer, name: str, mode: str, code: str, caplog: pytest.LogCaptureFixture
) -> None:
    server.mode = mode
    caplog.set_level(logging.DEBUG)
    limit = 0.3 if code == "timeout" else 10.0
    with (
        override_settings(LLM_PROVIDER=name, LLM_FIRST_TOKEN_TIMEOUT_S=limit),
        pytest.raises(ProviderFailure) as caught,
    ):
        await ask()
    assert caught.value.code == code
    assert len(server.requests) == 1
    assert KEY not in caplog.text and KEY not in repr(await in_thread(connection))
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("name", ["openai", "anthropic"])
async def test_a_stream_without_its_end_is_cut(server: FaultServer, name: str) -> None:
    server.mode = "cut-cleanly"
    with override_settings(LLM_PROVIDER=name), pytest.raises(ProviderFailure) as caught:
        await ask()
    assert caught.value.code in {"cut", "provider_error"}


async def test_the_whole_answer_has_a_time_limit(server: FaultServer) -> None:
    server.mode = "slow"
    started = time.monotonic()
    with override_settings(LLM_TIMEOUT_S=1.5), pytest.raises(ProviderFailure) as caught:
        await ask()
    assert caught.value.code == "timeout"
    assert time.monotonic() - started >= 1.4
    assert len(server.requests) == 1


async def test_a_server_that_is_away_fails_at_once(server: FaultServer) -> None:
    with (
        override_settings(LLM_BASE_URL="http://127.0.0.1:9/v1"),
        pytest.raises(ProviderFailure) as caught,
    ):
        await ask()
    assert caught.value.code == "unreachable"


@pytest.mark.parametrize(
    ("name", "asked"), [("openai", True), ("google", True), ("mistral", False), ("ai21", False)]
)
async def test_tokens_are_asked_for_where_the_vendor_knows_how(
    server: FaultServer, name: str, asked: bool
) -> None:
    with override_settings(LLM_PROVIDER=name):
        assert await ask()
    assert ("stream_options" in server.requests[0]["body"]) is asked


def test_an_unknown_provider_is_none() -> None:
    with override_settings(LLM_PROVIDER="abacus", LLM_MODEL="m"):
        assert connections(uuid7()) == ()


def test_a_destination_shows_no_password() -> None:
    with override_settings(
        LLM_MODEL="m", LLM_BASE_URL="https://user:pw@llm.example.org:8443/v1?k=1"
    ):
        assert connection().destination == "https://llm.example.org:8443/v1"


def test_prices_come_from_the_settings_then_from_the_list() -> None:
    with override_settings(
        LLM_MODEL="m", LLM_PRICE_INPUT_PER_MTOK=2.0, LLM_PRICE_OUTPUT_PER_MTOK=10.0
    ):
        assert prices.cost_usd(connection(), 1_000_000, 100_000) == pytest.approx(3.0)
    with override_settings(LLM_PROVIDER="anthropic", LLM_MODEL="claude-sonnet-4-5"):
        assert prices.cost_usd(connection(), 1_000, 0) == pytest.approx(0.003)
    with override_settings(LLM_BASE_URL="http://127.0.0.1:11434/v1", LLM_MODEL="local"):
        assert prices.cost_usd(connection(), 1_000_000, 1_000_000) == 0.0


async def test_a_client_that_nobody_uses_any_more_is_closed_and_one_in_a_call_is_not(
    server: FaultServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each changed key or address makes another one."""
    made: list[AsyncClient] = []

    def make(**given: Any) -> AsyncClient:
        made.append(create_async_httpx2_client(**given))
        return made[-1]

    monkeypatch.setattr("pydantic_ai.models.create_async_httpx2_client", make)
    monkeypatch.setattr(provider, "UNUSED_S", 0.0)
    for model in ("first", "second", "first"):
        with override_settings(LLM_MODEL=model):
            assert await ask()
    assert [one.is_closed for one in made] == [True, True, False]

    server.mode, other = "no-first-token", FaultServer().start()
    running = asyncio.create_task(ask())
    await asyncio.to_thread(until, lambda: len(server.requests) == 4)
    with override_settings(LLM_BASE_URL=other.url):
        assert await ask()
    assert [one.is_closed for one in made] == [True, True, True, False, False]
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    other.stop()
