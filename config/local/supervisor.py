"""Starts the processes, starts again what crashes, and leaves none behind.

Each child is the leader of a session of its own, so Ctrl-C in the terminal reaches the supervisor
alone and a whole family (Celery's prefork) can be ended. Should the supervisor be killed, the
guard ends them.
"""

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from config.env import BASE_DIR
from config.local import guard
from config.local.processes import Process

LOG_LIMIT_BYTES = 20_000_000
BACK_OFF_S = (0.5, 1, 2, 5, 10, 30)
STABLE_S = 60.0


@dataclass
class Child:
    process: Process
    popen: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    crashes: int = 0
    start_at: float = 0.0


class Supervisor:
    def __init__(
        self,
        processes: Sequence[Process],
        *,
        logs: Path,
        environment: Mapping[str, str],
        inherit: tuple[int, ...] = (),
        say: Callable[[str], None] = print,
    ) -> None:
        self.children = [Child(process) for process in processes]
        self.logs = logs
        self.environment = dict(environment)
        self.say = say
        self.stopping = False
        stop_s = max((process.stop_s for process in processes), default=0.0)
        self.guard = subprocess.Popen(
            [sys.executable, "-I", "-S", guard.__file__, str(stop_s)],
            stdin=subprocess.PIPE,
            cwd="/",
            start_new_session=True,
            pass_fds=inherit,
        )

    def listen(self) -> None:
        """INT, TERM and HUP ask to stop; a second one stops without waiting."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._on_signal)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        if self.stopping:
            guard.signal_groups(self._groups(), signal.SIGKILL)
        self.stopping = True

    def start(self) -> None:
        for child in self.children:
            self._start(child)

    def _start(self, child: Child) -> None:
        with self.log(child.process.name).open("ab") as log:
            child.popen = subprocess.Popen(
                child.process.command(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=BASE_DIR,
                env=self.environment,
                start_new_session=True,
            )
        child.started = time.monotonic()
        self._tell_guard(f"+{child.popen.pid}")

    def log(self, name: str) -> Path:
        path = self.logs / f"{name}.log"
        if path.exists() and path.stat().st_size > LOG_LIMIT_BYTES:
            path.replace(path.with_suffix(".log.1"))
        return path

    def _tell_guard(self, line: str) -> None:
        assert self.guard.stdin
        self.guard.stdin.write(f"{line}\n".encode())
        self.guard.stdin.flush()

    def check(self) -> None:
        """One look at every child; call it a few times a second."""
        now = time.monotonic()
        for child in self.children:
            if child.popen is None:
                if now >= child.start_at:
                    self._start(child)
            elif child.popen.poll() is not None:
                self._crashed(child, child.popen, now)

    def _crashed(self, child: Child, popen: subprocess.Popen[bytes], now: float) -> None:
        """What its family left goes too; it starts again after a pause that grows."""
        guard.signal_groups([popen.pid], signal.SIGKILL)
        self._tell_guard(f"-{popen.pid}")
        child.crashes = 0 if now - child.started > STABLE_S else child.crashes
        pause_s = BACK_OFF_S[min(child.crashes, len(BACK_OFF_S) - 1)]
        child.crashes += 1
        child.popen, child.start_at = None, now + pause_s
        self.say(
            f"{child.process.name} ended (exit status {popen.returncode}); it starts again in "
            f"{pause_s:g} s. Log: {self.log(child.process.name)}"
        )

    def _groups(self) -> list[int]:
        return [child.popen.pid for child in self.children[::-1] if child.popen]

    def stop(self) -> None:
        """TERM in reverse order, KILL to what is left after its time; reaps every child."""
        self.stopping = True
        running = [child for child in self.children[::-1] if child.popen]
        guard.signal_groups(self._groups(), signal.SIGTERM)
        deadline = time.monotonic()
        for child in running:
            assert child.popen
            limit_s = max(deadline + child.process.stop_s - time.monotonic(), 0.05)
            try:
                child.popen.wait(limit_s)
            except subprocess.TimeoutExpired:
                self.say(f"{child.process.name} does not stop; it is ended")
            guard.signal_groups([child.popen.pid], signal.SIGKILL)
            child.popen.wait()
        self._tell_guard("done")
        self.guard.wait()
