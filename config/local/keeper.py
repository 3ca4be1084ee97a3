"""The process that owns one private service for as long as anybody uses it.

Each user holds a shared lock on `<service>.users`; the keeper holds `<service>.keeper`. When the
keeper gets the users' lock for itself, the last user has gone, killed or not, and it stops the
service. A service that dies is started again. If the keeper itself is killed, the kernel stops
the service (Linux), or the next keeper does.
"""

import argparse
import ctypes
import functools
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType

from config.local.errors import LocalError
from config.local.folder import Private, open_folder
from config.local.lock import open_lock, try_lock
from config.local.postgres import Postgres
from config.local.redis import Redis

Service = Postgres | Redis
SERVICES: dict[str, type[Postgres] | type[Redis]] = {"postgres": Postgres, "redis": Redis}
READY_TIMEOUT_S = 90.0
STOP_TIMEOUT_S = 20.0
PR_SET_PDEATHSIG = 1


class Keeper:
    def __init__(self, folder: Path, service: Service, *, temporary: bool) -> None:
        self.folder = folder
        self.service = service
        self.temporary = temporary
        self.state = folder / f"{service.name}.state"
        self.users = open_lock(folder / f"{service.name}.users")
        self.asked_to_stop = False
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._on_signal)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self.asked_to_stop = number == signal.SIGTERM or self.asked_to_stop

    def keep(self) -> None:
        self.service.prepare()
        back_off_s = 0.2
        while not self._unused():
            started = time.monotonic()
            child = self._start()
            try:
                self._watch(child)
            finally:
                self.state.unlink(missing_ok=True)
                _stop(child, self.service.stop_signal)
            back_off_s = 0.2 if time.monotonic() - started > 30 else min(back_off_s * 2, 10)
            if not self._unused():
                time.sleep(back_off_s)
        if self.temporary:
            shutil.rmtree(self.service.home, ignore_errors=True)

    def _start(self) -> subprocess.Popen[bytes]:
        signal_at_death = int(self.service.stop_signal)
        return subprocess.Popen(
            self.service.command(),
            stdin=subprocess.DEVNULL,
            cwd=self.service.private.home,
            env=self.service.environment(),
            umask=0o077,
            start_new_session=True,
            preexec_fn=functools.partial(_die_with_parent, signal_at_death),  # noqa: PLW1509  (no threads here)
            **self.service.account.options(),
        )

    def _watch(self, child: subprocess.Popen[bytes]) -> None:
        """Until the service dies or nobody uses it."""
        if not self.service.wait_ready(timeout_s=READY_TIMEOUT_S):
            raise LocalError(f"{self.service.name} does not accept connections")
        write_state(self.state, {"ready": True, "pid": child.pid})
        while child.poll() is None and not self._unused():
            time.sleep(0.1)

    def _unused(self) -> bool:
        return self.asked_to_stop or try_lock(self.users)


def _die_with_parent(number: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, number)


def _stop(child: subprocess.Popen[bytes], number: int) -> None:
    if child.poll() is not None:
        return
    child.send_signal(number)
    try:
        child.wait(STOP_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def write_state(path: Path, state: dict[str, object]) -> None:
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps(state), encoding="utf-8")
    fresh.replace(path)


def read_state(path: Path) -> dict[str, object]:
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return {}


def build(name: str, private: Private, *, temporary: bool, database: str) -> Service:
    return SERVICES[name](private, durable=not temporary, database=database)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("service", choices=sorted(SERVICES))
    parser.add_argument("folder", type=Path)
    parser.add_argument("--lock", type=int, required=True, help="the locked descriptor")
    parser.add_argument("--temporary", action="store_true")
    parser.add_argument("--database", default="firstline")
    arguments = parser.parse_args()
    if os.fork():  # whoever spawned it has nothing to reap later
        return 0
    os.set_inheritable(arguments.lock, False)
    temporary = arguments.temporary
    state = arguments.folder / f"{arguments.service}.state"
    try:
        private = open_folder(arguments.folder)
        service = build(
            arguments.service, private, temporary=temporary, database=arguments.database
        )
        Keeper(arguments.folder, service, temporary=temporary).keep()
    except (LocalError, OSError) as error:
        write_state(state, {"error": str(error)})
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
