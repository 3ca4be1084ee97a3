"""`make run`: everything on this machine, one command, in the foreground.

Private PostgreSQL and Redis (unless addresses are set), migrations, then the processes, and the
demo workspace while they start. Ctrl-C or TERM stops all of it; data stay in the data folder.
"""

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import FrameType

from config import env
from config.local.errors import LocalError
from config.local.folder import default_folder, open_folder
from config.local.lock import RunLock
from config.local.migrating import migrate
from config.local.private import Services, environment, join_or_start
from config.local.processes import processes
from config.local.supervisor import Supervisor

WITH_PARENT = "--with-parent"
HOST = "127.0.0.1"
READY_TIMEOUT_S = 120.0
DEMO = ("manage.py", "demo", "--load", "--skip-checks")


def _tuning_python() -> str:
    return env.text("TUNING_PYTHON", env.tuning_python())


def has_generator(folder: Path) -> bool:
    """Whether `manage.py models` has added one; it is looked for at the start alone."""
    kept = env.BASE_DIR / env.text("ARTEFACTS_DIR", str(folder / "artefacts"))
    return any((kept / "generators" / "names").glob("*.json"))


def run() -> None:
    folder = default_folder()
    env.load_env_file()
    port = env.whole("PORT", 8000, low=1, high=65535)
    url = f"http://{HOST}:{port}/"
    open_folder(folder)
    lock = RunLock(folder / "run.lock")
    lock.take(url=url)
    _require_free(port)
    print("Starting PostgreSQL and Redis", flush=True)
    with join_or_start() as services:
        environment()
        own = os.environ | services.environment | {"PORT": str(port)}
        migrate(own)
        _serve(services, own, port=port, folder=folder, lock=lock)
    print("Stopped. The data stay; `make run` starts again.", flush=True)


def _serve(
    services: Services, own: Mapping[str, str], *, port: int, folder: Path, lock: RunLock
) -> None:
    supervisor = Supervisor(
        processes(
            host=HOST, port=port, trains=bool(_tuning_python()), generates=has_generator(folder)
        ),
        logs=folder / "logs",
        environment=own,
        inherit=(lock.fd, *services.descriptors()),
    )
    supervisor.listen()
    try:
        print("Starting the web process, the workers and the scheduler", flush=True)
        supervisor.start()
        with _loading(own) as demo:
            _until_stopped(supervisor, services, demo, port=port, logs=folder / "logs")
        print("\nStopping", flush=True)
    finally:
        supervisor.stop()


@contextlib.contextmanager
def _loading(own: Mapping[str, str]) -> Iterator[subprocess.Popen[str]]:
    """Load the demo workspace beside the processes that start; ended with the block."""
    demo = subprocess.Popen(
        [sys.executable, *DEMO], cwd=env.BASE_DIR, env=own, stdout=subprocess.PIPE, text=True
    )
    try:
        yield demo
    finally:
        demo.kill()
        demo.wait()
        if demo.stdout:
            demo.stdout.close()


def _until_stopped(
    supervisor: Supervisor,
    services: Services,
    demo: subprocess.Popen[str],
    *,
    port: int,
    logs: Path,
) -> None:
    deadline = time.monotonic() + READY_TIMEOUT_S
    ready = False
    parent = os.getppid() if WITH_PARENT in sys.argv else None
    while not supervisor.stopping and parent in (None, os.getppid()):
        supervisor.check()
        services.revive()
        if not ready and demo.poll() is not None and _answers(port):
            ready = True
            _announce(demo)
        elif not ready and time.monotonic() > deadline:
            raise LocalError(f"Not ready after {READY_TIMEOUT_S:.0f} s. Logs: {logs}")
        time.sleep(0.2)


def _answers(port: int) -> bool:
    """True when `GET /` says 200: questions can be answered."""
    connection = http.client.HTTPConnection(HOST, port, timeout=3)
    with contextlib.closing(connection), contextlib.suppress(OSError, http.client.HTTPException):
        connection.request("GET", "/")
        return connection.getresponse().status == http.client.OK
    return False


def _announce(demo: subprocess.Popen[str]) -> None:
    """The `demo` command knows the addresses and the log-ins."""
    told, _ = demo.communicate()
    if demo.returncode:
        raise LocalError("`manage.py demo --load` failed")
    print(f"{told}\nStop with Ctrl-C.", flush=True)


def _require_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise LocalError(
                f"Port {port} cannot be used ({error.strerror}). Set another: make run PORT=8001"
            ) from None


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def main() -> int:
    """With the option --with-parent it also stops when its parent (make) is killed."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    try:
        run()
    except (LocalError, env.EnvError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
