"""A shop of another origin, with the widget's script tag on its page and a strict policy."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PAGE = """<!doctype html>
<html lang="{language}" dir="{direction}">
<head>
<meta charset="utf-8"><title>Acme</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
{tag}
</head>
<body><main><h1>Acme</h1><p>We sell anvils.</p><a href="/other">Another page</a></main></body>
</html>"""


@dataclass
class HostPage:
    """`origin` is where it is served; the rest may change between requests.

    `general`: with the loader that is the same for every widget.
    """

    origin: str
    service: str
    key: str = ""
    language: str = "en"
    general: bool = False

    def policy(self) -> str:
        """As strict as a site can be that allows the widget at all; even trusted types."""
        return (
            f"default-src 'none'; script-src {self.service}; frame-src {self.service}; "
            "style-src 'self'; img-src data:; require-trusted-types-for 'script'"
        )

    def html(self) -> str:
        key = escape(self.key, quote=True)
        where = f'loader.js" data-key="{key}' if self.general else f"{key}/loader.js"
        tag = f'<script async src="{self.service}/widget/v1/{where}"></script>'
        direction = "rtl" if self.language in {"ar", "he"} else "ltr"
        return PAGE.format(language=self.language, direction=direction, tag=tag)


@contextmanager
def serve(service: str) -> Iterator[HostPage]:
    """On a free port until the end of the block."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = page.html().encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Security-Policy", page.policy())
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    page = HostPage(origin=f"http://127.0.0.1:{server.server_port}", service=service)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield page
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
