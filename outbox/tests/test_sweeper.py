"""No row is forgotten: what nobody does is woken again, by one process at a time."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connections
from django.utils import timezone

from outbox import wakeup
from outbox.models import JobState
from outbox.queue import claim
from outbox.sweeper import hold_lock, sweep
from outbox.tests.conftest import Outbox, broken_broker
from tests.together import together

pytestmark = pytest.mark.django_db(transaction=True)
Count = Callable[[], int]
LONG_AGO = timedelta(seconds=10)


@pytest.fixture
def lost(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Wake-ups get lost until the returned function is called: the broker is down."""
    monkeypatch.setattr(wakeup, "current_app", broken_broker())
    return monkeypatch.undo


def test_what_a_broken_broker_lost_is_woken_in_every_workspace(
    acme: Outbox, other: Outbox, wakeups: Count, lost: Callable[[], None]
) -> None:
    for outbox in (acme, other):
        outbox.change(outbox.add(), available_at=timezone.now() - LONG_AGO)
    assert (sweep(), wakeups()) == (0, 0)
    lost()

    assert sweep() == 2
    assert wakeups() == 2


def test_a_job_whose_worker_died_is_woken_when_its_lease_has_run_out(
    acme: Outbox, wakeups: Count
) -> None:
    job = acme.add()
    acme.change(job, available_at=timezone.now() - LONG_AGO)
    assert claim(acme.workspace_id, job.id, lease_s=30)
    assert sweep() == 0

    acme.change(job, locked_until=timezone.now() - LONG_AGO)
    assert sweep() == 1


def test_what_is_fresh_or_not_due_or_ended_is_left_alone(acme: Outbox, wakeups: Count) -> None:
    acme.add()
    acme.add(delay_s=60)
    for state in (JobState.DONE, JobState.DEAD):
        acme.change(acme.add(), state=state, available_at=timezone.now() - LONG_AGO)
    before = wakeups()

    assert sweep() == 0
    assert wakeups() == before


def test_sweeping_changes_no_row(acme: Outbox) -> None:
    job = acme.add()
    acme.change(job, available_at=timezone.now() - LONG_AGO)
    before = acme.row(job).__dict__ | {"_state": None}
    sweep()

    assert acme.row(job).__dict__ | {"_state": None} == before


def test_the_sweeper_s_role_sees_the_outbox_and_what_is_due_of_queues(acme: Outbox) -> None:
    acme.add()
    with connections["sweeper"].cursor() as cursor:
        cursor.execute("SELECT count(*) FROM outbox_outboxjob")
        assert cursor.fetchone() == (1,)
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r' "
            "AND relnamespace = 'public'::regnamespace "
            "AND has_any_column_privilege(oid, 'SELECT, INSERT, UPDATE') ORDER BY relname"
        )
        assert cursor.fetchall() == [("chatbot_placement",), ("outbox_outboxjob",)]
        cursor.execute("SELECT has_table_privilege('outbox_outboxjob', 'INSERT, DELETE, TRUNCATE')")
        assert cursor.fetchone() == (False,)


def test_one_process_at_a_time_holds_the_lock(acme: Outbox) -> None:
    assert hold_lock()
    assert together(hold_lock, hold_lock) == [False, False]

    connections["sweeper"].close()  # as when the scheduler dies
    assert sorted(together(hold_lock)) == [True]
