"""Which function handles which kind of job."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from django.utils.module_loading import autodiscover_modules

from outbox.errors import UnknownKind
from outbox.queue import LeasedJob

Work = Callable[[LeasedJob], None]
AsyncWork = Callable[[LeasedJob], Awaitable[None]]
OnDead = Callable[[LeasedJob], None]


@dataclass(frozen=True)
class Handler:
    """`on_dead` runs in the workspace's scope, in the transaction that buries the job."""

    work: Work | AsyncWork
    lease_s: float
    max_attempts: int
    on_dead: OnDead | None
    is_async: bool


_handlers: dict[str, Handler] = {}


def handler(
    kind: str, *, lease_s: float = 30.0, max_attempts: int = 3, on_dead: OnDead | None = None
) -> Callable[[Work], Work]:
    """Register a function that runs in a worker process, with no transaction open.

    It must call `job.complete()` inside the transaction that writes its result.
    """

    def register(work: Work) -> Work:
        _handlers[kind] = Handler(work, lease_s, max_attempts, on_dead, is_async=False)
        return work

    return register


def async_handler(
    kind: str, *, lease_s: float = 30.0, max_attempts: int = 3, on_dead: OnDead | None = None
) -> Callable[[AsyncWork], AsyncWork]:
    """Register a coroutine function; all of them share the worker's one event loop."""

    def register(work: AsyncWork) -> AsyncWork:
        _handlers[kind] = Handler(work, lease_s, max_attempts, on_dead, is_async=True)
        return work

    return register


def handler_of(kind: str) -> Handler:
    """Raises UnknownKind. Loads the task modules of all packages at the first need."""
    if kind not in _handlers:
        autodiscover_modules("tasks")
    if kind not in _handlers:
        raise UnknownKind(kind)
    return _handlers[kind]
