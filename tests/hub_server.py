"""A model hub that fails on purpose: the list and the files of one repository, by the hub's form.

`cut_after`: bytes after which each answer breaks off. `redirect`: where files are sent to;
`altered`: a name whose bytes are others; `longer`: one that sends more than is listed. `listed`:
given in place of the list. `requests` holds path and headers of what was asked.
"""

import hashlib
import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

LARGE = 500  # from this size on a file has a SHA-256, as those that Git keeps apart


@dataclass
class HubServer:
    files: dict[str, bytes]
    cut_after: int | None = None
    redirect: str = ""
    altered: str = ""
    longer: str = ""
    ranges: bool = True
    listed: bytes = b""
    extra_rows: list[dict[str, Any]] = field(default_factory=list)
    requests: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    @classmethod
    def of(cls, folder: Path, *, under: str = "") -> "HubServer":
        return cls({f"{under}{path.name}": path.read_bytes() for path in folder.iterdir()})

    def start(self) -> "HubServer":
        hub = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                hub.requests.append((self.path, dict(self.headers)))
                hub.answer(self)

            def log_message(self, *args: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def answer(self, to: BaseHTTPRequestHandler) -> None:
        path = unquote(urlsplit(to.path).path)
        if path == "/api/models/acme/tiny/tree/main":
            listed = self.listed or json.dumps([*self._rows(), *self.extra_rows]).encode()
            self._send(to, listed, whole=True)
        elif path.startswith("/acme/tiny/resolve/main/"):
            self._file(to, path.removeprefix("/acme/tiny/resolve/main/"))
        elif path.startswith("/elsewhere/"):
            self._file(to, path.removeprefix("/elsewhere/"), redirected=True)
        else:
            to.send_error(404)

    def _rows(self) -> list[dict[str, Any]]:
        rows = []
        for path, data in self.files.items():
            sha1 = hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()
            row: dict[str, Any] = {"type": "file", "path": path, "size": len(data), "oid": sha1}
            if len(data) >= LARGE:
                digest = hashlib.sha256(data).hexdigest()
                row |= {"lfs": {"oid": digest, "size": len(data), "pointerSize": 130}}
            rows.append(row)
        return rows

    def _file(self, to: BaseHTTPRequestHandler, name: str, *, redirected: bool = False) -> None:
        if self.redirect and not redirected:
            to.send_response(302)
            to.send_header("Location", f"{self.redirect}{name}")
            to.send_header("Content-Length", "0")
            to.end_headers()
            return
        data = self.files[name]
        if name == self.altered:
            data = bytes(byte ^ 1 for byte in data)
        if name == self.longer:
            data *= 3
        self._send(to, data)

    def _send(self, to: BaseHTTPRequestHandler, data: bytes, *, whole: bool = False) -> None:
        begin = 0
        if not whole and self.ranges and (wanted := to.headers.get("Range")):
            begin = int(wanted.removeprefix("bytes=").removesuffix("-"))
        to.send_response(206 if begin else 200)
        if begin:
            to.send_header("Content-Range", f"bytes {begin}-{len(data) - 1}/{len(data)}")
        to.send_header("Content-Length", str(len(data) - begin))
        to.end_headers()
        sent = data[begin:]
        if self.cut_after is not None and not whole and len(sent) > self.cut_after:
            to.wfile.write(sent[: self.cut_after])
            to.wfile.flush()
            to.connection.close()
            return
        to.wfile.write(sent)
