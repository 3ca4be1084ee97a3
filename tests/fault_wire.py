"""Server-sent events of the two protocols, as messages of an ASGI response."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Protocol

Send = Callable[[dict[str, Any]], Awaitable[None]]


class Wire(Protocol):
    async def begin(self) -> None: ...
    async def text(self, piece: str) -> None: ...
    async def end(self, reason: str | None, *, input_tokens: int, output_tokens: int) -> None: ...
    async def error(self, status: int, kind: str) -> None: ...
    async def garbage(self) -> None: ...


@dataclass
class Chunks:
    send: Send

    async def head(self, status: int = 200, kind: bytes = b"text/event-stream") -> None:
        headers = [(b"content-type", kind), (b"connection", b"close")]
        await self.send({"type": "http.response.start", "status": status, "headers": headers})

    async def write(self, text: str) -> None:
        body = text.encode()
        await self.send({"type": "http.response.body", "body": body, "more_body": True})

    async def event(self, data: dict[str, Any], name: str = "") -> None:
        prefix = f"event: {name}\n" if name else ""
        await self.write(f"{prefix}data: {json.dumps(data)}\n\n")

    async def last(self) -> None:
        await self.send({"type": "http.response.body", "body": b""})

    async def error(self, status: int, kind: str) -> None:
        await self.head(status, b"application/json")
        message = f"{kind}, and here is your key again: sk-secret-1234567890"
        await self.write(json.dumps({"type": "error", "error": {"type": kind, "message": message}}))
        await self.last()

    async def garbage(self) -> None:
        await self.head()
        await self.write("data: {this is not json\n\ndata: [1, 2]\n\n<html>Bad gateway</html>\n\n")
        await self.last()


@dataclass
class OpenAIWire(Chunks):
    async def _chunk(self, choices: list[dict[str, Any]], **rest: Any) -> None:
        chunk = {"id": "c1", "object": "chat.completion.chunk", "created": 1, "model": "fault"}
        await self.event({**chunk, "choices": choices, **rest})

    async def begin(self) -> None:
        await self.head()
        await self._delta({"role": "assistant", "content": ""})

    async def _delta(self, delta: dict[str, Any], reason: str | None = None) -> None:
        await self._chunk([{"index": 0, "delta": delta, "finish_reason": reason}])

    async def text(self, piece: str) -> None:
        await self._delta({"content": piece})

    async def end(self, reason: str | None, *, input_tokens: int, output_tokens: int) -> None:
        if reason:
            await self._delta({}, reason)
            usage = {"prompt_tokens": input_tokens, "completion_tokens": output_tokens}
            await self._chunk([], usage={**usage, "total_tokens": input_tokens + output_tokens})
            await self.write("data: [DONE]\n\n")
        await self.last()


@dataclass
class AnthropicWire(Chunks):
    async def _event(self, kind: str, **data: Any) -> None:
        await self.event({"type": kind, **data}, kind)

    async def begin(self) -> None:
        await self.head()
        message: dict[str, Any] = {
            "id": "m1", "type": "message", "role": "assistant", "model": "fault", "content": [],
            "stop_reason": None, "stop_sequence": None,
            "usage": {"input_tokens": 0, "output_tokens": 0},
        }  # fmt: skip
        await self._event("message_start", message=message)
        block = {"type": "text", "text": ""}
        await self._event("content_block_start", index=0, content_block=block)

    async def text(self, piece: str) -> None:
        delta = {"type": "text_delta", "text": piece}
        await self._event("content_block_delta", index=0, delta=delta)

    async def end(self, reason: str | None, *, input_tokens: int, output_tokens: int) -> None:
        if reason:
            await self._event("content_block_stop", index=0)
            stop = {"stop": "end_turn", "length": "max_tokens"}[reason]
            usage = {"input_tokens": input_tokens, "output_tokens": output_tokens}
            delta = {"stop_reason": stop, "stop_sequence": None}
            await self._event("message_delta", delta=delta, usage=usage)
            await self._event("message_stop")
        await self.last()


def openai_wire(send: Send) -> Wire:
    return OpenAIWire(send)


def anthropic_wire(send: Send) -> Wire:
    return AnthropicWire(send)
