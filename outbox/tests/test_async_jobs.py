"""Coroutine handlers share one loop; their jobs obey the same lease as all others."""

import asyncio
import threading
import time
from collections.abc import Callable

import pytest
from django.utils import timezone

from accounts.scope import workspace_scope
from outbox.models import JobState, OutboxJob
from outbox.queue import LeasedJob, claim
from outbox.tests.conftest import Outbox, Register
from outbox.threads import in_thread

pytestmark = pytest.mark.django_db(transaction=True)
WAIT_S = 20.0


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WAIT_S
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


def wait_for_state(outbox: Outbox, job: OutboxJob, state: str) -> None:
    wait_until(lambda: outbox.row(job).state == state)


def complete(job: LeasedJob) -> None:
    with workspace_scope(job.workspace_id):
        job.complete()


def test_two_jobs_wait_side_by_side_on_one_loop(acme: Outbox, handle: Register) -> None:
    seen: list[tuple[int, str]] = []
    both = asyncio.Barrier(2)

    async def work(job: LeasedJob) -> None:
        async with asyncio.timeout(WAIT_S):
            await both.wait()  # each waits for the other: one after the other would never end
        seen.append((id(asyncio.get_running_loop()), threading.current_thread().name))
        await in_thread(complete, job)

    handle(work, is_async=True)
    jobs = [acme.add(), acme.add()]
    for job in jobs:
        acme.run(job)  # returns at once

    for job in jobs:
        wait_for_state(acme, job, JobState.DONE)
    assert len(seen) == 2 and len(set(seen)) == 1
    assert seen[0][1] == "loop" != threading.current_thread().name


def test_database_work_leaves_the_loop_free_and_its_result_comes_back(
    acme: Outbox, handle: Register
) -> None:
    threads: list[str] = []

    async def work(job: LeasedJob) -> None:
        threads.append(await in_thread(lambda: threading.current_thread().name))
        with pytest.raises(ZeroDivisionError):
            await in_thread(lambda: 1 // 0)
        await in_thread(complete, job)

    handle(work, is_async=True)
    job = acme.add()
    acme.run(job)

    wait_for_state(acme, job, JobState.DONE)
    assert threads[0].startswith("database")


def test_a_failure_is_tried_again_and_then_given_up(acme: Outbox, handle: Register) -> None:
    async def work(job: LeasedJob) -> None:
        raise RuntimeError

    def dead(job: LeasedJob) -> None:
        acme.add("test.dead")

    handle(work, is_async=True, max_attempts=2, on_dead=dead)
    job = acme.add()
    acme.run(job)
    wait_until(lambda: acme.row(job).last_error == "RuntimeError")
    assert (acme.row(job).state, acme.row(job).lease) == (JobState.READY, None)

    acme.make_due(job)
    acme.run(job)
    wait_for_state(acme, job, JobState.DEAD)
    assert acme.count() == 2


def test_a_job_beyond_its_attempts_is_given_up_without_work(acme: Outbox, handle: Register) -> None:
    begun: list[LeasedJob] = []

    async def work(job: LeasedJob) -> None:
        begun.append(job)

    handle(work, is_async=True, max_attempts=1)
    job = acme.add()
    assert claim(acme.workspace_id, job.id, lease_s=-1)
    acme.run(job)

    wait_for_state(acme, job, JobState.DEAD)
    assert begun == []


def test_the_lease_is_kept_and_a_lost_one_writes_nothing(acme: Outbox, handle: Register) -> None:
    ended = threading.Event()
    extended: list[bool] = []

    def late(job: LeasedJob) -> None:
        acme.change(row, locked_until=timezone.now())
        assert claim(acme.workspace_id, row.id, lease_s=60)  # another worker
        with workspace_scope(job.workspace_id):
            acme.add("test.result")
            job.complete()

    async def work(job: LeasedJob) -> None:
        try:
            first = (await in_thread(acme.row, row)).locked_until
            await in_thread(wait_until, lambda: acme.row(row).locked_until != first)
            extended.append(True)
            await in_thread(late, job)
        finally:
            ended.set()

    handle(work, is_async=True, lease_s=1.5)
    row = acme.add()
    acme.run(row)

    assert ended.wait(WAIT_S)
    assert extended == [True]
    assert (acme.count(), acme.row(row).state, acme.row(row).attempts) == (1, JobState.READY, 2)
