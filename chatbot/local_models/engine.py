"""The worker's side of inference.generator_process: starts it, asks it, hears its answers.

One process for each worker, started at the first need and again after it ended. It is given the
least of an environment: no secret of ours is in it. What waits when it ends is told so.

Nothing here waits for the process: it does not read while it loads a model, and its pipe holds less
than a prompt. Callers are on the loop that keeps all leases alive, so a thread writes for them.
"""

import contextlib
import json
import logging
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings

log = logging.getLogger(__name__)
MODULE = "inference.generator_process"
STOP_S = 20
GONE: dict[str, Any] = {"end": "gone", "input_tokens": 0, "output_tokens": 0, "cpu_s": 0.0}
Hear = Callable[[dict[str, Any]], None]
Lines = queue.SimpleQueue[bytes | None]  # None: the last


class Engine:
    """Questions go in by `ask`; each of its lines is heard in a thread of this class."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._lines: Lines = queue.SimpleQueue()
        self._hears: dict[int, Hear] = {}
        self._last = 0

    def ask(
        self, folder: Path, instructions: str, data: str, *, most_tokens: int, hear: Hear
    ) -> int:
        """Its number, for `stop`. The last that is heard has `end`."""
        with self._lock:
            self._last += 1
            number = self._last
            self._hears[number] = hear
            self._send(
                {
                    "op": "ask",
                    "id": number,
                    "folder": str(folder),
                    "instructions": instructions,
                    "data": data,
                    "most_tokens": most_tokens,
                }
            )
        return number

    def load(self, folder: Path) -> None:
        """Have a model loaded before it is needed."""
        with self._lock:
            self._send({"op": "load", "folder": str(folder)})

    def stop(self, number: int) -> None:
        """Nobody hears this answer any more. One that has ended is no error."""
        with self._lock:
            if self._hears.pop(number, None) and self._process:
                self._send({"op": "stop", "id": number})

    def close(self) -> None:
        with self._lock:
            process, self._process = self._process, None
            self._lines.put(None)
        if process:
            try:
                process.wait(STOP_S)
            except subprocess.TimeoutExpired:
                process.kill()

    def _send(self, message: dict[str, Any]) -> None:
        """With the lock held. A process that has just ended is noticed by its listener."""
        self._process = self._process or self._started()
        self._lines.put(json.dumps(message).encode() + b"\n")

    def _started(self) -> subprocess.Popen[bytes]:
        bounds = {
            "threads": settings.LOCAL_GENERATOR_THREADS,
            "concurrency": settings.LOCAL_GENERATOR_CONCURRENCY,
            "prompt-tokens": settings.LOCAL_GENERATOR_PROMPT_TOKENS,
            "memory-mb": settings.LOCAL_GENERATOR_MEMORY_MB,
        }
        asked = [part for name, value in bounds.items() for part in (f"--{name}", str(value))]
        kept = {name: os.environ[name] for name in ("PATH", "LANG", "TMPDIR") if name in os.environ}
        process = subprocess.Popen(
            [sys.executable, "-m", MODULE, *asked],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=settings.BASE_DIR,
            env=kept,
        )
        self._lines = queue.SimpleQueue()
        for work in (self._listen, _write):
            given = (process, self._lines)
            threading.Thread(target=work, args=given, name="generator", daemon=True).start()
        return process

    def _listen(self, process: subprocess.Popen[bytes], lines: Lines) -> None:
        assert process.stdout
        with process.stdout:
            try:
                for line in process.stdout:
                    self._tell(json.loads(line))
            except Exception as error:  # not its language: it is of no more use
                kind = type(error).__name__
                log.warning("not heard", extra={"event": "generator_unheard", "reason": kind})
                process.kill()
        process.wait()
        with self._lock:
            if self._process is process:
                self._process = None
                log.error(
                    "generator ended",
                    extra={"event": "generator_ended", "status": process.returncode},
                )
            left, self._hears = list(self._hears.values()), {}
        lines.put(None)
        for hear in left:
            hear(GONE)

    def _tell(self, message: dict[str, Any]) -> None:
        with self._lock:
            number = int(message["id"])
            hear = self._hears.get(number)
            if "end" in message:
                self._hears.pop(number, None)
        if hear:
            hear(message)


def _write(process: subprocess.Popen[bytes], lines: Lines) -> None:
    """A process that has just ended is noticed by its listener."""
    assert process.stdin
    with contextlib.suppress(OSError), process.stdin as pipe:
        for line in iter(lines.get, None):
            pipe.write(line)
            pipe.flush()


engine = Engine()
