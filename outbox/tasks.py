"""Run one job under its lease. Celery messages say only which row to look at."""

import asyncio
import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast
from uuid import UUID

from celery import shared_task
from django.db import close_old_connections, connections

from accounts.scope import workspace_scope
from outbox import loop
from outbox.errors import LeaseLost
from outbox.queue import LeasedJob, claim, extend, retry_later
from outbox.registry import AsyncWork, Handler, Work, handler_of

log = logging.getLogger(__name__)
RETRY_DELAY_S = 1.0


@shared_task(name="outbox.run_job")  # type: ignore[untyped-decorator]  # Celery has no types
def run_job(workspace_id: str, job_id: str) -> None:
    """Claim, work, finish. An asynchronous job returns at once and goes on in the loop."""
    from outbox.models import OutboxJob

    with workspace_scope(UUID(workspace_id)):
        kind = OutboxJob.objects.filter(id=job_id).values_list("kind", flat=True).first()
    if kind is None:
        return
    handler = handler_of(kind)
    job = claim(UUID(workspace_id), UUID(job_id), lease_s=handler.lease_s)
    if job is None:
        return
    if handler.is_async:
        loop.submit(_run_async(job, handler))
    else:
        _run(job, handler)


def _run(job: LeasedJob, handler: Handler) -> None:
    started = time.monotonic()
    try:
        if job.attempt > handler.max_attempts:
            give_up(job, handler)
            return
        with _heartbeat(job, handler.lease_s):
            cast(Work, handler.work)(job)
    except LeaseLost:
        _log(job, "job_lease_lost", started)
    except Exception as error:
        _failed(job, handler, error)
    else:
        _log(job, "job_done", started)
    finally:
        close_old_connections()


async def _run_async(job: LeasedJob, handler: Handler) -> None:
    from outbox.threads import in_thread

    started = time.monotonic()
    beat = asyncio.create_task(_beat_async(job, handler.lease_s))
    try:
        if job.attempt > handler.max_attempts:
            await in_thread(give_up, job, handler)
            return
        await cast(AsyncWork, handler.work)(job)
    except LeaseLost:
        _log(job, "job_lease_lost", started)
    except Exception as error:
        await in_thread(_failed, job, handler, error)
    else:
        _log(job, "job_done", started)
    finally:
        beat.cancel()


def give_up(job: LeasedJob, handler: Handler) -> None:
    """Bury the job and do what its death demands, in one transaction."""
    with workspace_scope(job.workspace_id):
        job.bury()
        if handler.on_dead:
            handler.on_dead(job)
    log.error("gave up", extra={"event": "job_dead", "job": job.id, "kind": job.kind})


def _failed(job: LeasedJob, handler: Handler, error: Exception) -> None:
    log.exception(
        "job failed",
        exc_info=error,
        extra={"event": "job_failed", "job": job.id, "kind": job.kind, "attempt": job.attempt},
    )
    if job.attempt >= handler.max_attempts:
        try:
            give_up(job, handler)
        except LeaseLost:
            return
    else:
        delay = RETRY_DELAY_S * 2 ** (job.attempt - 1)
        retry_later(job, error=type(error).__name__, delay_s=delay)


@contextmanager
def _heartbeat(job: LeasedJob, lease_s: float) -> Iterator[None]:
    """Extend the lease from a thread while the work goes on."""
    stop = threading.Event()

    def beat() -> None:
        try:
            while not stop.wait(lease_s / 3) and _extend_quietly(job, lease_s):
                pass
        finally:
            connections.close_all()  # this thread's own

    thread = threading.Thread(target=beat, name="heartbeat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()


async def _beat_async(job: LeasedJob, lease_s: float) -> None:
    from outbox.threads import in_thread

    held = True
    while held:
        await asyncio.sleep(lease_s / 3)
        held = await in_thread(_extend_quietly, job, lease_s)


def _extend_quietly(job: LeasedJob, lease_s: float) -> bool:
    try:
        return extend(job, lease_s=lease_s)
    except Exception:
        log.warning("no heartbeat", extra={"event": "heartbeat_failed", "job": job.id})
        return True


def _log(job: LeasedJob, event: str, started: float) -> None:
    log.info(
        event,
        extra={
            "event": event,
            "job": job.id,
            "kind": job.kind,
            "attempt": job.attempt,
            "duration_ms": round((time.monotonic() - started) * 1000),
        },
    )
