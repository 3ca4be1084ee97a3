"""A web site on this machine that a source takes for one of the internet.

Names resolve to public addresses; only the connector leads to the local server, and says where a
connection should have gone.
"""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from knowledge.fetching.web import Network
from knowledge.sources.visiting import Tools

HOST = "help.shop.example"
PUBLIC_IP = "93.184.216.34"


@dataclass
class Answer:
    body: bytes | str = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    kind: str = "text/html; charset=utf-8"


def html(title: str, text: str, *links: str, head: str = "", lang: str = "en") -> Answer:
    anchors = "".join(f'<a href="{link}">{link}</a> ' for link in links)
    return Answer(
        f'<html lang="{lang}"><head><title>{title} | Shop</title>{head}</head><body>'
        f"<nav>{anchors}</nav><main><h1>{title}</h1><p>{text}, and this is all there is.</p>"
        "</main><footer>Imprint</footer></body></html>"
    )


@dataclass
class Site:
    """pages: what each path answers. asked: every path, in order, with the headers it came with."""

    pages: dict[str, Answer] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    connected: list[tuple[str, int]] = field(default_factory=list)
    names: dict[str, list[str]] = field(default_factory=dict)
    waits: list[tuple[str, float]] = field(default_factory=list)
    port: int = 0

    @property
    def paths(self) -> list[str]:
        return [path for path, _ in self.asked if path != "/robots.txt"]

    def resolve(self, host: str, port: int) -> list[str]:
        if host not in self.names:
            raise OSError("no such name")
        return self.names[host]

    def connect(self, address: str, port: int, timeout_s: float) -> socket.socket:
        self.connected.append((address, port))
        return socket.create_connection(("127.0.0.1", self.port), timeout=5)

    @property
    def network(self) -> Network:
        return Network(self.resolve, self.connect)

    def tools(self, step_s: float = 60.0) -> Tools:
        return Tools(self.network, lambda host, wait_s: self.waits.append((host, wait_s)), step_s)


@contextmanager
def served() -> Iterator[Site]:
    site = Site(names={HOST: [PUBLIC_IP]})

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            site.asked.append((self.path, {k.lower(): v for k, v in self.headers.items()}))
            answer = site.pages.get(self.path, Answer("Not here", 404))
            body = answer.body.encode() if isinstance(answer.body, str) else answer.body
            status = answer.status
            if answer.headers.get("ETag") == self.headers.get("If-None-Match", "none"):
                status, body = 304, b""
            self.send_response(status)
            self.send_header("Content-Type", answer.kind)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 the base's own word
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    site.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
