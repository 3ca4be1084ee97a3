"""File locks of the kernel (flock). A killed process gives its locks back by itself."""

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from config.local.errors import LocalError


def open_lock(path: Path) -> int:
    """A descriptor to lock; Python closes it in programs that we start."""
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def try_lock(fd: int, *, shared: bool = False) -> bool:
    try:
        fcntl.flock(fd, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def unlock(fd: int) -> None:
    fcntl.flock(fd, fcntl.LOCK_UN)


def wait_lock(fd: int, *, shared: bool, timeout_s: float) -> None:
    deadline = time.monotonic() + timeout_s
    while not try_lock(fd, shared=shared):
        if time.monotonic() > deadline:
            raise LocalError("another Firstline process holds a lock in the data folder")
        time.sleep(0.02)


@contextmanager
def locked(path: Path, *, timeout_s: float = 60) -> Iterator[None]:
    """Alone in this block among all processes that use the same path."""
    fd = open_lock(path)
    try:
        wait_lock(fd, shared=False, timeout_s=timeout_s)
        yield
    finally:
        os.close(fd)


class RunLock:
    """At most one `make run` for each data folder; the file says which process and where."""

    def __init__(self, path: Path) -> None:
        self.fd = open_lock(path)

    def take(self, *, url: str) -> None:
        """Raises LocalError that names the process that runs already."""
        if not try_lock(self.fd):
            raise LocalError(_already(self._holder()))
        os.ftruncate(self.fd, 0)
        os.pwrite(self.fd, json.dumps({"pid": os.getpid(), "url": url}).encode(), 0)

    def _holder(self) -> dict[str, Any]:
        try:
            return dict(json.loads(os.pread(self.fd, 1000, 0)))
        except ValueError:
            return {}


def _already(holder: dict[str, Any]) -> str:
    pid = holder.get("pid")
    if not pid or not alive(int(pid)):
        return "An earlier `make run` is still starting or stopping. Try again in a few seconds."
    return (
        f"Firstline runs already: PID {pid}, {holder.get('url')}\n"
        f"Use it, or stop it first: Ctrl-C in its terminal, or `kill {pid}`."
    )


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
