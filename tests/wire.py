"""The widget's socket in a test's hand: it can be cut, lose frames, and refuse them."""

import json
import re
import time
from dataclasses import dataclass, field

from playwright.sync_api import BrowserContext, Page, WebSocketRoute


@dataclass
class Wire:
    """`cut`: no socket at all. `lose`: types of frames from the server that never arrive.

    `refuse_next`: the error code that the next message gets instead of being sent.
    """

    cut: bool = False
    refuse_next: str = ""
    lose: set[str] = field(default_factory=set)
    sent: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    sockets: list[WebSocketRoute] = field(default_factory=list)

    def tap(self, context: BrowserContext) -> "Wire":
        context.route_web_socket(re.compile("/ws/v1/visitor"), self._connect)
        return self

    def _connect(self, socket: WebSocketRoute) -> None:
        if self.cut:
            socket.close(code=1012)
            return
        self.sockets.append(socket)
        server = socket.connect_to_server()

        def to_server(text: str | bytes) -> None:
            frame = json.loads(text)
            self.sent.append(frame["type"])
            if self.refuse_next and frame["type"] == "message.send":
                socket.send(json.dumps(self._refusal(frame["client_id"])))
            else:
                server.send(text)

        def to_client(text: str | bytes) -> None:
            kind = json.loads(text)["type"]
            if kind in self.lose:
                self.lost.append(kind)
            elif not self.cut:
                socket.send(text)

        socket.on_message(to_server)
        server.on_message(to_client)

    def _refusal(self, client_id: str) -> dict[str, str | int]:
        code, self.refuse_next = self.refuse_next, ""
        refusal: dict[str, str | int] = {"type": "error", "code": code, "message": "Refused"}
        more = {"retry_after_s": 1} if code == "rate_limited" else {}
        return refusal | {"client_id": client_id} | more

    def wait_until_lost(self, page: Page, *kinds: str) -> None:
        """Until these have been lost, in any order."""
        deadline = time.monotonic() + 15
        while sorted(self.lost) != sorted(kinds):
            assert time.monotonic() < deadline, self.lost
            page.wait_for_timeout(20)

    def break_all(self) -> None:
        for socket in self.sockets:
            socket.close(code=1012)
        self.sockets.clear()
