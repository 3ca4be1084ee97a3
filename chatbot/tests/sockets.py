"""A client of the sockets for tests, through config.asgi.application.

Every frame that comes is checked against the types that docs/protocol.schema.json is made from.
Tests that use it are `django_db(transaction=True)`, since the server has connections of its own,
and ask the database through `in_database`, since nobody would close those of the test's loop.
"""

import json
from typing import Any
from urllib.parse import quote

from asgiref.testing import ApplicationCommunicator
from django.conf import settings
from django.test import Client
from pydantic import TypeAdapter

from accounts.models import Member
from chatbot import protocol_server
from config.asgi import application
from tests.cast import ORIGIN

WAIT_S = 30.0
Application: Any = ApplicationCommunicator  # asgiref.testing has no types
QUIET_S = 0.3  # how long nothing must come to say that nothing comes


class Refused(Exception):
    """The server closed the socket. `code` is what it gave."""

    def __init__(self, code: int) -> None:
        super().__init__(f"closed with {code}")
        self.code = code


class Socket:
    """One connection."""

    def __init__(
        self, path: str, *, query: str = "", headers: dict[str, str], frames: TypeAdapter[Any]
    ) -> None:
        scope = {
            "type": "websocket",
            "path": path,
            "query_string": query.encode("latin-1"),
            "headers": [(name.lower().encode(), text.encode()) for name, text in headers.items()],
            "client": ("192.0.2.1", 40_000),
            "subprotocols": [],
        }
        self._wire = Application(application, scope)
        self._frames = frames
        self.events: list[dict[str, Any]] = []

    async def __aenter__(self) -> "Socket":
        await self._wire.send_input({"type": "websocket.connect"})
        answer = await self._wire.receive_output(timeout=WAIT_S)
        if answer["type"] == "websocket.close":
            raise Refused(answer.get("code", 1000))
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._wire.send_input({"type": "websocket.disconnect", "code": 1005})
        await self._wire.wait(timeout=WAIT_S)

    async def send(self, frame_type: str, /, **fields: Any) -> None:
        await self.send_text(json.dumps({"type": frame_type, **fields}))

    async def send_text(self, text: str) -> None:
        await self._wire.send_input({"type": "websocket.receive", "text": text})

    async def send_bytes(self, data: bytes) -> None:
        await self._wire.send_input({"type": "websocket.receive", "bytes": data})

    async def next(self) -> dict[str, Any]:
        """The next frame. Raises Refused when the server closes instead."""
        output = await self._wire.receive_output(timeout=WAIT_S)
        if output["type"] == "websocket.close":
            raise Refused(output["code"])
        frame: dict[str, Any] = json.loads(output["text"])
        self._frames.validate_python(frame)
        if frame["type"] == "event":
            self.events.append(frame)
        return frame

    async def until(self, frame_type: str, /, **fields: Any) -> dict[str, Any]:
        """The next frame of this type with these fields; those before it are passed over."""
        while True:
            frame = await self.next()
            if frame["type"] == frame_type and fields.items() <= frame.items():
                return frame

    async def event(self, kind: str) -> dict[str, Any]:
        return await self.until("event", kind=kind)

    async def error(self, code: str) -> dict[str, Any]:
        return await self.until("error", code=code)

    async def closed(self) -> int:
        """The code with which the server closes; frames before it are passed over."""
        try:
            while True:
                await self.next()
        except Refused as refused:
            return refused.code

    async def is_quiet(self) -> bool:
        return bool(await self._wire.receive_nothing(timeout=QUIET_S))

    async def settle(self) -> list[str]:
        """Take all that the commands so far have caused, one by one; the types of the frames."""
        await self.send("ping")
        taken = []
        while (frame := await self.next())["type"] != "pong":
            taken.append(frame["type"])
        return taken


def visitor_socket(key: str, *, origin: str | None = ORIGIN, query: str | None = None) -> Socket:
    headers = {"Host": "localhost"} | ({"Origin": origin} if origin is not None else {})
    return Socket(
        "/ws/v1/visitor",
        query=f"key={quote(key)}" if query is None else query,
        headers=headers,
        frames=protocol_server.visitor_frames,
    )


def logged_in(who: Member) -> str:
    """The session cookie of a browser in which this member is logged in."""
    client = Client()
    client.force_login(who.user)
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def desk_socket(cookie: str | None, slug: str, *, origin: str | None = settings.BASE_URL) -> Socket:
    headers = {"Host": "localhost"} | ({"Origin": origin} if origin is not None else {})
    if cookie:
        headers["Cookie"] = f"{settings.SESSION_COOKIE_NAME}={cookie}"
    return Socket(f"/ws/v1/desk/{slug}", headers=headers, frames=protocol_server.desk_frames)
