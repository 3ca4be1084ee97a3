"""The processes of the service: the one list that the supervisor and docker-compose.yml share."""

import sys
from dataclasses import dataclass

CELERY = ("celery", "-A", "config")
WORKER = (
    *CELERY, "worker", "--concurrency", "1", "--loglevel", "WARNING",
    "--without-gossip", "--without-mingle", "--without-heartbeat",
)  # fmt: skip


@dataclass(frozen=True)
class Process:
    """`module` and `arguments` run as `python -m module arguments…`."""

    name: str
    module: str
    arguments: tuple[str, ...]
    stop_s: float = 8.0

    def command(self) -> list[str]:
        return [sys.executable, "-m", self.module, *self.arguments]


def web(*, host: str, port: int) -> Process:
    return Process(
        "web",
        "uvicorn",
        ("config.asgi:application", "--host", host, "--port", str(port), "--log-level", "warning",
         "--no-access-log", "--timeout-graceful-shutdown", "5", "--ws-max-size", "262144"),
    )  # fmt: skip


def worker(queue: str, pool: str) -> Process:
    return Process(
        f"worker-{queue}",
        WORKER[0],
        (*WORKER[1:], "--queues", queue, "--pool", pool, "--hostname", f"{queue}@%h"),
    )


def scheduler() -> Process:
    return Process("scheduler", "manage", ("run_scheduler",))


def processes(
    *, host: str, port: int, trains: bool = False, generates: bool = False
) -> list[Process]:
    """In the order in which they start; they stop in reverse.

    trains: trainings are started too. generates: a large model runs in the house.
    """
    return [
        worker("answers", "prefork"),
        worker("escalations", "threads"),
        worker("knowledge", "prefork"),
        *([worker("tuning", "prefork")] if trains else []),
        *([worker("generator", "threads")] if generates else []),
        scheduler(),
        web(host=host, port=port),
    ]
