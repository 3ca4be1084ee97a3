"""The service as processes, on a free port, in the session's own PostgreSQL and Redis.

`live` is all of it and needs the models; it lasts for one module, as its workers would take the
jobs of others. `web` is the web process alone, where a test plays the workers itself; it lasts for
the session, as each start costs seconds.
The supervisor starts again what a test kills, and its guard ends everything if pytest is killed.
"""

import os
import socket
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest

from config.local.private import Services
from config.local.processes import Process, processes
from config.local.supervisor import Supervisor

CHECK_S = 0.1
START_S = 120.0


@dataclass
class Live:
    """`url` is the service's own origin, without a slash at the end."""

    url: str
    port: int
    supervisor: Supervisor
    _ended: threading.Event = field(default_factory=threading.Event)
    _checking: threading.Lock = field(default_factory=threading.Lock)

    def pid(self, name: str) -> int:
        """The process of this name as it runs now. Raises LookupError while it starts again."""
        for child in self.supervisor.children:
            if child.process.name == name and child.popen and child.popen.poll() is None:
                return child.popen.pid
        raise LookupError(f"{name} does not run")

    def kill(self, name: str) -> None:
        """SIGKILL, as by the kernel: the process and its family get no chance to say goodbye."""
        parent = psutil.Process(self.pid(name))
        for process in [*parent.children(recursive=True), parent]:
            process.kill()

    @contextmanager
    def down(self, name: str) -> Iterator[None]:
        """Killed, and started again only after the block."""
        with self._checking:
            self.kill(name)
            yield

    def log(self, name: str) -> str:
        path = self.supervisor.log(name)
        return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""

    def answers(self, path: str = "/widget/v1/loader.js") -> bool:
        """Whether the web process answers this path with 200."""
        try:
            with urllib.request.urlopen(self.url + path, timeout=5) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return False

    def wait_until(
        self, condition: Callable[[], object], what: str, *, timeout_s: float = 60.0
    ) -> None:
        """Raises AssertionError with the ends of all logs when it does not come true in time."""
        deadline = time.monotonic() + timeout_s
        while not condition():
            if time.monotonic() > deadline:
                names = [child.process.name for child in self.supervisor.children]
                logs = "\n".join(f"--- {name}\n{self.log(name)[-2000:]}" for name in names)
                raise AssertionError(f"waited in vain: {what}\n{logs}")
            time.sleep(CHECK_S)

    def keep_up(self) -> None:
        while not self._ended.wait(CHECK_S):
            with self._checking:
                self.supervisor.check()

    def end(self) -> None:
        self._ended.set()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(wanted: Sequence[str], logs: Path) -> Iterator[Live]:
    """The processes of these names (all of them, if empty) until the end of the block."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    every = [_quick(process) for process in processes(host="127.0.0.1", port=port)]
    chosen = [process for process in every if not wanted or process.name in wanted]
    environment = os.environ | {"PORT": str(port), "BASE_URL": url}
    environment["PICTURES_DIR"] = str(logs / "pictures")
    environment["ATTACHMENTS_DIR"] = str(logs / "attachments")
    said: list[str] = []
    live = Live(url, port, Supervisor(chosen, logs=logs, environment=environment, say=said.append))
    live.supervisor.start()
    watcher = threading.Thread(target=live.keep_up, name="live", daemon=True)
    watcher.start()
    try:
        yield live
    finally:
        live.end()
        watcher.join()
        live.supervisor.stop()
        assert live.supervisor.guard.stdin
        live.supervisor.guard.stdin.close()


def _quick(process: Process) -> Process:
    """Nothing in a test waits for a polite end."""
    return Process(process.name, process.module, process.arguments, stop_s=2.0)


@pytest.fixture(scope="session")
def web(
    services: Services, django_db_setup: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Live]:
    """The web process alone."""
    with running(("web",), tmp_path_factory.mktemp("web")) as live:
        live.wait_until(live.answers, "the web process answers", timeout_s=START_S)
        yield live


@pytest.fixture(scope="module")
def live(
    services: Services, django_db_setup: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Live]:
    """The whole service, ready to answer."""
    with running((), tmp_path_factory.mktemp("live")) as live:
        live.wait_until(lambda: live.answers("/readyz"), "the service is ready", timeout_s=START_S)
        yield live
