"""A visitor's socket over the network, as blocking calls; it remembers what the widget would."""

import json
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

Frame = dict[str, Any]
WAIT_S = 60.0


@dataclass
class Visitor:
    """`events` are all that ever came, over any number of connections; `token` says who it is."""

    url: str
    widget_key: str
    token: str | None = None
    events: list[Frame] = field(default_factory=list)
    _socket: ClientConnection | None = None
    _open: ExitStack = field(default_factory=ExitStack)

    def __enter__(self) -> Self:
        """Connect and begin, after the last event that was seen."""
        address = f"ws://{urlsplit(self.url).netloc}/ws/v1/visitor?key={self.widget_key}"
        connection = connect(address, origin=Origin(self.url), open_timeout=WAIT_S)
        self._socket = self._open.enter_context(connection)
        self._send(type="session.start", token=self.token, after_seq=self.seq)
        self.token = self._until("session.started")["token"]
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._open.close()

    @property
    def seq(self) -> int:
        return int(self.events[-1]["seq"]) if self.events else 0

    @property
    def outcomes(self) -> list[Frame]:
        """What the service did for the visitor: replies, and the line that says who takes over."""
        return [
            event
            for event in self.events
            if event["kind"] == "owner.changed"
            or (event["kind"] == "message.posted" and event["payload"]["author"] != "visitor")
        ]

    def says(self, text: str, *, client_id: str) -> Frame:
        """Send, and again after an error, until the server has it; returns its confirmation."""
        deadline = time.monotonic() + WAIT_S
        while True:
            self._send(type="message.send", client_id=client_id, text=text)
            frame = self._until("message.accepted", "error")
            if frame["type"] == "message.accepted":
                return frame
            assert time.monotonic() < deadline, frame
            time.sleep(0.2)

    def waits_for(self, outcomes: int) -> None:
        """Until the service has done this much for the visitor."""
        while len(self.outcomes) < outcomes:
            self._next()

    def is_gone(self) -> bool:
        """Whether the server broke the connection; reads until it does."""
        try:
            while True:
                self._next()
        except ConnectionClosed:
            return True

    def _send(self, **frame: Any) -> None:
        assert self._socket
        self._socket.send(json.dumps(frame))

    def _next(self) -> Frame:
        assert self._socket
        frame: Frame = json.loads(self._socket.recv(timeout=WAIT_S))
        if frame["type"] == "event":
            self.events.append(frame)
        return frame

    def _until(self, *types: str) -> Frame:
        while (frame := self._next())["type"] not in types:
            pass
        return frame
