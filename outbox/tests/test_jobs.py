"""What a worker does with a job: once, under a lease, again after a failure, and to a clear end."""

import logging
import threading
import time
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.scope import workspace_scope
from outbox.errors import UnknownKind
from outbox.models import JobState
from outbox.queue import LeasedJob, claim
from outbox.registry import handler_of
from outbox.tasks import RETRY_DELAY_S, run_job
from outbox.tests.conftest import Outbox, Register
from tests.together import together

pytestmark = pytest.mark.django_db(transaction=True)


def completing(job: LeasedJob) -> None:
    with workspace_scope(job.workspace_id):
        job.complete()


def failing(job: LeasedJob) -> None:
    raise RuntimeError("a secret of vera's")


def test_a_job_is_done_once_however_often_it_is_woken(acme: Outbox, handle: Register) -> None:
    seen = []

    def work(job: LeasedJob) -> None:
        seen.append(job.payload)
        completing(job)

    handle(work)
    job = acme.add()

    for _ in range(3):
        acme.run(job)

    assert seen == [{"n": 1}]
    assert acme.row(job).state == JobState.DONE


def test_two_workers_woken_at_once_do_it_once(acme: Outbox, handle: Register) -> None:
    seen = []

    def work(job: LeasedJob) -> None:
        seen.append(job.attempt)
        completing(job)

    handle(work)
    job = acme.add()

    together(*[lambda: acme.run(job)] * 4)

    assert seen == [1]


def test_a_wake_up_for_a_row_that_is_not_there_is_no_error(acme: Outbox, other: Outbox) -> None:
    job = acme.add()

    run_job(str(other.workspace_id), str(job.id))

    assert acme.row(job).attempts == 0


def test_the_lease_is_kept_while_the_work_goes_on(acme: Outbox, handle: Register) -> None:
    stolen: list[LeasedJob | None] = []

    def work(job: LeasedJob) -> None:
        """Works until the heartbeat has been felt, then beyond what the first lease gave."""
        first = acme.row(row).locked_until
        assert first
        deadline = time.monotonic() + 20
        while acme.row(row).locked_until == first or timezone.now() < first:
            assert time.monotonic() < deadline, "no heartbeat"
            time.sleep(0.02)
        stolen.append(claim(job.workspace_id, job.id, lease_s=30))
        completing(job)

    handle(work, lease_s=1.5)
    row = acme.add()
    acme.run(row)

    assert stolen == [None]
    assert acme.row(row).state == JobState.DONE
    assert "heartbeat" not in {thread.name for thread in threading.enumerate() if thread.is_alive()}


def test_a_failure_is_tried_again_after_a_delay(acme: Outbox, handle: Register) -> None:
    handle(failing, max_attempts=3)
    row = acme.add()
    delays = []
    for _ in range(2):
        acme.run(row)
        delays.append(acme.row(row).available_at - timezone.now())
        acme.run(row)  # too early: nothing happens
        acme.make_due(row)

    now = acme.row(row)
    assert (now.state, now.attempts, now.lease) == (JobState.READY, 2, None)
    assert timedelta(seconds=RETRY_DELAY_S) * 0 < delays[0] <= timedelta(seconds=RETRY_DELAY_S)
    assert timedelta(seconds=RETRY_DELAY_S) < delays[1] <= timedelta(seconds=2 * RETRY_DELAY_S)

    handle(completing, max_attempts=3)
    acme.run(row)
    assert acme.row(row).state == JobState.DONE


def test_the_row_keeps_the_error_s_name_and_never_its_text(acme: Outbox, handle: Register) -> None:
    handle(failing)
    row = acme.add()
    acme.run(row)

    assert acme.row(row).last_error == "RuntimeError"


def test_after_the_last_attempt_death_is_handled(acme: Outbox, handle: Register) -> None:
    handle(failing, max_attempts=2, on_dead=lambda job: acme.add("test.dead"))
    row = acme.add()
    for _ in range(4):
        acme.run(row)
        acme.make_due(row)

    assert (acme.row(row).state, acme.row(row).attempts) == (JobState.DEAD, 2)
    assert acme.count() == 2, "on_dead ran once"


def test_death_is_one_transaction(acme: Outbox, handle: Register) -> None:
    def on_dead(job: LeasedJob) -> None:
        acme.add("test.dead")
        raise RuntimeError("the handover failed")

    handle(failing, max_attempts=1, on_dead=on_dead)
    row = acme.add()
    with pytest.raises(RuntimeError, match="the handover failed"):
        acme.run(row)

    assert (acme.count(), acme.row(row).state) == (1, JobState.READY)

    handle(failing, max_attempts=1, on_dead=lambda job: acme.add("test.dead"))
    acme.change(row, locked_until=timezone.now())  # the lease runs out, the sweeper wakes it
    acme.run(row)
    assert (acme.count(), acme.row(row).state) == (2, JobState.DEAD)


def test_a_job_whose_workers_were_killed_each_time_is_given_up(
    acme: Outbox, handle: Register
) -> None:
    handle(completing, max_attempts=2, on_dead=lambda job: acme.add("test.dead"))
    row = acme.add()
    for _ in range(2):
        assert claim(acme.workspace_id, row.id, lease_s=-1)  # taken, and never heard of again
    acme.run(row)

    assert (acme.row(row).state, acme.count()) == (JobState.DEAD, 2)


def test_a_worker_that_was_too_slow_writes_nothing(
    acme: Outbox, handle: Register, caplog: pytest.LogCaptureFixture
) -> None:
    def work(job: LeasedJob) -> None:
        acme.change(row, locked_until=timezone.now())
        assert claim(job.workspace_id, job.id, lease_s=30)  # another takes over meanwhile
        with workspace_scope(job.workspace_id):
            acme.add("test.result")
            job.complete()

    handle(work)
    row = acme.add()
    with caplog.at_level(logging.INFO):
        acme.run(row)

    assert (acme.count(), acme.row(row).state) == (1, JobState.READY)
    assert "job_lease_lost" in {getattr(record, "event", "") for record in caplog.records}


def test_a_kind_that_nobody_handles_is_a_program_error(acme: Outbox) -> None:
    with pytest.raises(UnknownKind):
        handler_of("test.nobody")
