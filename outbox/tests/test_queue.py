"""A row is the job: written with what it announces, claimed by one, finished by its holder."""

import time
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from django.utils import timezone

from accounts.scope import workspace_scope
from outbox import wakeup
from outbox.errors import LeaseLost
from outbox.models import JobState
from outbox.queue import LeasedJob, claim, enqueue, extend, retry_later, withdraw
from outbox.tests.conftest import KIND, QUEUE, Outbox, broken_broker
from tests.together import together

pytestmark = pytest.mark.django_db(transaction=True)
Count = Callable[[], int]


def taken(outbox: Outbox, job_id: UUID, *, lease_s: float = 30.0) -> LeasedJob:
    job = claim(outbox.workspace_id, job_id, lease_s=lease_s)
    assert job
    return job


def finish(outbox: Outbox, job: LeasedJob) -> None:
    """As handlers do: write the result, here another row, and end the job, in one transaction."""
    with workspace_scope(outbox.workspace_id):
        outbox.add("test.result")
        job.complete()


def test_a_job_and_its_wake_up_come_with_the_commit(acme: Outbox, wakeups: Count) -> None:
    with workspace_scope(acme.workspace_id):
        job = enqueue(KIND, workspace_id=acme.workspace_id, payload={"n": 1}, queue=QUEUE)
        assert wakeups() == 0

    assert job and acme.row(job).payload == {"n": 1}
    assert wakeups() == 1


def test_a_rollback_takes_job_and_wake_up_with_it(acme: Outbox, wakeups: Count) -> None:
    def add_and_fail() -> None:
        with workspace_scope(acme.workspace_id):
            enqueue(KIND, workspace_id=acme.workspace_id, payload={}, queue=QUEUE)
            raise RuntimeError("what it announces failed")

    with pytest.raises(RuntimeError):
        add_and_fail()
    assert (acme.count(), wakeups()) == (0, 0)


def test_the_same_key_again_adds_nothing(acme: Outbox, other: Outbox, wakeups: Count) -> None:
    acme.add(dedup_key="a")
    with workspace_scope(acme.workspace_id):
        again = enqueue(
            KIND, workspace_id=acme.workspace_id, payload={}, queue=QUEUE, dedup_key="a"
        )

    assert again is None
    assert (acme.count(), wakeups()) == (1, 1)
    for outbox, kind, key in ((acme, "test.another", "a"), (acme, KIND, "b"), (other, KIND, "a")):
        outbox.add(kind, dedup_key=key)
    assert (acme.count(), other.count()) == (3, 1)


def test_a_key_stays_used_when_its_job_is_done(acme: Outbox) -> None:
    job = acme.add(dedup_key="a")
    acme.change(job, state=JobState.DONE)

    with workspace_scope(acme.workspace_id):
        again = enqueue(
            KIND, workspace_id=acme.workspace_id, payload={}, queue=QUEUE, dedup_key="a"
        )
    assert again is None


def test_the_same_key_from_two_transactions_at_once_adds_one(acme: Outbox) -> None:
    def add() -> bool:
        with workspace_scope(acme.workspace_id):
            job = enqueue(
                KIND, workspace_id=acme.workspace_id, payload={}, queue=QUEUE, dedup_key="a"
            )
        return job is not None

    assert sorted(together(add, add, add)) == [False, False, True]
    assert acme.count() == 1


def test_of_several_claims_at_once_one_wins(acme: Outbox) -> None:
    job = acme.add()

    claims = together(*[lambda: claim(acme.workspace_id, job.id, lease_s=30)] * 4)

    (won,) = [one for one in claims if one]
    row = acme.row(job)
    assert (row.lease, row.attempts, won.attempt) == (won.lease, 1, 1)


@pytest.mark.parametrize("state", [JobState.DONE, JobState.DEAD])
def test_a_job_that_ended_is_not_claimed(acme: Outbox, state: str) -> None:
    job = acme.add()
    acme.change(job, state=state)

    assert claim(acme.workspace_id, job.id, lease_s=30) is None


def test_a_job_is_not_claimed_before_its_time(acme: Outbox, wakeups: Count) -> None:
    job = acme.add(delay_s=60)

    assert wakeups() == 0
    assert claim(acme.workspace_id, job.id, lease_s=30) is None
    acme.make_due(job)
    assert claim(acme.workspace_id, job.id, lease_s=30)


def test_a_job_of_another_workspace_cannot_be_claimed(acme: Outbox, other: Outbox) -> None:
    job = acme.add()

    assert claim(other.workspace_id, job.id, lease_s=30) is None
    assert acme.row(job).attempts == 0


def test_a_result_and_its_job_s_end_are_one_transaction(acme: Outbox) -> None:
    row = acme.add()
    job = taken(acme, row.id)
    finish(acme, job)
    with pytest.raises(LeaseLost):  # a second time, e.g. by a confused worker
        finish(acme, job)

    now = acme.row(row)
    assert (acme.count(), now.state, now.lease) == (2, JobState.DONE, None)
    assert now.finished_at


def test_after_the_lease_another_takes_over_and_the_first_cannot_finish(acme: Outbox) -> None:
    row = acme.add()
    late = taken(acme, row.id, lease_s=-1)  # ran out a second ago
    second = taken(acme, row.id)

    with pytest.raises(LeaseLost):
        finish(acme, late)

    assert acme.count() == 1, "its result was rolled back"
    assert second.attempt == 2
    finish(acme, second)
    assert (acme.count(), acme.row(row).state) == (2, JobState.DONE)


def test_who_lost_the_lease_can_neither_keep_nor_bury_nor_give_back(acme: Outbox) -> None:
    row = acme.add()
    late = taken(acme, row.id, lease_s=-1)
    second = taken(acme, row.id)
    before = acme.row(row).__dict__ | {"_state": None}

    assert not extend(late, lease_s=30)
    retry_later(late, error="Late", delay_s=9)
    with pytest.raises(LeaseLost), workspace_scope(acme.workspace_id):
        late.bury()

    assert acme.row(row).__dict__ | {"_state": None} == before
    assert extend(second, lease_s=30)


def test_a_lease_that_ran_out_is_still_good_while_nobody_took_the_job(acme: Outbox) -> None:
    row = acme.add()
    late = taken(acme, row.id, lease_s=-1)

    with workspace_scope(acme.workspace_id):
        late.complete()

    assert acme.row(row).state == JobState.DONE


def test_a_job_given_back_waits_for_its_delay(acme: Outbox) -> None:
    row = acme.add()
    retry_later(taken(acme, row.id), error="E" * 500, delay_s=60)

    now = acme.row(row)
    assert (now.state, now.lease, len(now.last_error)) == (JobState.READY, None, 200)
    assert timedelta(seconds=50) < now.available_at - timezone.now() <= timedelta(seconds=60)
    assert claim(acme.workspace_id, row.id, lease_s=30) is None


def taken_back(outbox: Outbox, key: str) -> bool:
    with workspace_scope(outbox.workspace_id):
        return withdraw(KIND, workspace_id=outbox.workspace_id, dedup_key=key)


def test_a_job_that_nobody_holds_is_taken_back_once(acme: Outbox, other: Outbox) -> None:
    row = acme.add(dedup_key="a")
    assert not taken_back(other, "a") and not taken_back(acme, "b")
    assert taken_back(acme, "a") and not taken_back(acme, "a")
    assert claim(acme.workspace_id, row.id, lease_s=30) is None


def test_a_job_that_is_held_or_has_ended_is_not_taken_back(acme: Outbox) -> None:
    row = acme.add(dedup_key="a")
    job = taken(acme, row.id, lease_s=0.2)
    assert not taken_back(acme, "a")
    time.sleep(0.3)
    assert taken_back(acme, "a")  # its lease ran out: who held it can finish no more
    with pytest.raises(LeaseLost):
        finish(acme, job)
    done = acme.add(dedup_key="c")
    finish(acme, taken(acme, done.id))
    assert not taken_back(acme, "c")


def test_a_broker_that_is_down_costs_time_and_no_job(
    acme: Outbox, wakeups: Count, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wakeup, "current_app", broken_broker())
    begun = time.monotonic()

    jobs = [acme.add() for _ in range(3)]

    assert time.monotonic() - begun < 5, "nobody waits for a broker that is down"
    assert [acme.row(job).state for job in jobs] == [JobState.READY] * 3
    assert wakeups() == 0
