"""What pages of the desk, the console and the widget take, with and without a pool of connections.

    python -m benchmarks.page_times [--requests 40] [--rounds 3] [--port 8396]

A fresh private PostgreSQL and two web processes: one with DATABASE_POOL_SIZE=0, one with its
default. In each round each page is asked for so many times of the one and then of the other, one
request after the other. Says the median milliseconds of a request, the milliseconds of CPU time
that the web process took for it, and how many connections PostgreSQL was asked for.
"""

import argparse
import http.client
import os
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psutil

from config.local.private import temporary
from config.local.processes import web
from config.local.supervisor import Supervisor

SIZES = {"without": "0", "with": ""}  # "": the default
SETTLE_S = 1.5  # PostgreSQL counts sessions once a second
START_S = 120.0


@dataclass
class Seen:
    """Of one page and one process, in all rounds: milliseconds, connections, requests."""

    took: list[float]
    cpu: float = 0.0
    connections: int = 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--requests", type=int, default=40)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--port", type=int, default=8396)
    given = parser.parse_args()
    print("python -m benchmarks.page_times", " ".join(sys.argv[1:]), flush=True)
    with temporary() as services, tempfile.TemporaryDirectory(dir="/tmp") as logs:
        os.environ.update(services.environment)
        os.environ["FIRSTLINE_ENV_FILE"] = os.devnull
        _measure(given, Path(logs))


def _measure(given: argparse.Namespace, logs: Path) -> None:
    cookie, pages = _prepare()
    running = {}
    try:
        for number, (name, size) in enumerate(SIZES.items()):
            port = given.port + number
            environment = os.environ | {"PORT": str(port), "DATABASE_POOL_SIZE": size}
            environment["BASE_URL"] = f"http://127.0.0.1:{port}"
            place = logs / name
            place.mkdir()
            process = web(host="127.0.0.1", port=port)
            running[name] = (Supervisor([process], logs=place, environment=environment), port)
            running[name][0].start()
        for _, port in running.values():
            _wait(port, cookie, pages["desk"])
        _report(_ask(given, running, cookie, pages))
    finally:
        for supervisor, _ in running.values():
            supervisor.stop()


def _prepare() -> tuple[str, dict[str, str]]:
    """A workspace and its administrator: the cookie of a session, and paths by name."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    import django

    django.setup()
    from django.core.management import call_command
    from django.test import Client

    from accounts.models import Role
    from console.provisioning import add_member, create_workspace

    call_command("migrate", database="owner", verbosity=0)
    place = create_workspace("pages", name="Pages")
    client = Client()
    client.force_login(add_member(place.workspace, "ann@example.org", role=Role.ADMIN).member.user)
    pages = {
        "desk": "/desk/pages/",
        "overview of the console": "/console/pages/",
        "frame of the widget": f"/widget/v1/frame/{place.widget_key}/",
    }
    return f"sessionid={client.cookies['sessionid'].value}", pages


def _wait(port: int, cookie: str, path: str) -> None:
    deadline = time.monotonic() + START_S
    while True:
        try:
            return _getter(port, cookie)(path)
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)


def _getter(port: int, cookie: str) -> Callable[[str], None]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def get(path: str) -> None:
        connection.request("GET", path, headers={"Cookie": cookie})
        answer = connection.getresponse()
        answer.read()
        if answer.status != 200:
            raise SystemExit(f"{path}: {answer.status}")

    return get


def _ask(
    given: argparse.Namespace,
    running: dict[str, tuple[Supervisor, int]],
    cookie: str,
    pages: dict[str, str],
) -> dict[tuple[str, str], Seen]:
    found: dict[tuple[str, str], Seen] = defaultdict(lambda: Seen([]))
    for _ in range(given.rounds):
        for page, path in pages.items():
            for name, (supervisor, port) in running.items():
                popen = supervisor.children[0].popen
                assert popen
                get, process = _getter(port, cookie), psutil.Process(popen.pid)
                get(path)
                seen, sessions, spent = found[page, name], _sessions(), _spent(process)
                for _ in range(given.requests):
                    began = time.perf_counter()
                    get(path)
                    seen.took.append((time.perf_counter() - began) * 1000)
                seen.cpu += (_spent(process) - spent) * 1000
                seen.connections += _sessions() - sessions
    return found


def _spent(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def _sessions() -> int:
    """How many connections the database was asked for since it was made."""
    from django.db import connection

    time.sleep(SETTLE_S)
    with connection.cursor() as cursor:
        cursor.execute("SELECT sessions FROM pg_stat_database WHERE datname = current_database()")
        return int(cursor.fetchone()[0])


def _report(found: dict[tuple[str, str], Seen]) -> None:
    for (page, name), seen in found.items():
        count = len(seen.took)
        print(
            f"{page}, {name} a pool: median {statistics.median(seen.took):.1f} ms, "
            f"{seen.cpu / count:.1f} ms of CPU time, "
            f"{seen.connections} connections for {count} requests"
        )


if __name__ == "__main__":
    main()
