"""How calls ended is written for many conversations together: each once, none at others' cost."""

import asyncio
import threading
from dataclasses import replace

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from accounts.ids import uuid7
from accounts.models import Member
from accounts.scope import workspace_scope
from chatbot import events, handoff
from chatbot.answering.contract import Decision
from chatbot.escalation import ending, record
from chatbot.escalation.ending import Ended, end_together
from chatbot.escalation.outcome import Outcome
from chatbot.models import EscalationState, Owner
from chatbot.tests.conftest import new_visit
from chatbot.tests.escalating import DECISION, Escalated
from outbox import loop
from outbox.models import JobState
from outbox.queue import claim, retry_later

pytestmark = pytest.mark.django_db(transaction=True)
AWAY = Outcome(failure="silent", input_tokens=100, cost_usd=0.001)
HANDOFF_QUERIES = 32  # of one alone; it was 47
MORE_EACH = 4  # for each further one in the same transaction; it was 16


class Crowd:
    """Visitors whose questions are at the large model."""

    def __init__(self, escalated: Escalated, count: int, decision: Decision = DECISION) -> None:
        self.seen = []
        self.ended = []
        for _ in range(count):
            one = replace(escalated, visit=new_visit(escalated.visit.workspace_id))
            assert one.asks(decision=decision) is None
            job = claim(one.visit.workspace_id, one.job().id, lease_s=300.0)
            assert job is not None
            begun = record.begin(job)
            assert begun is not None
            self.seen.append(one)
            self.ended.append(Ended(job, begun, AWAY))

    def assert_handed_over_once(self, which: range) -> None:
        for at in which:
            one = self.seen[at]
            assert one.visit.now().owner == Owner.QUEUE
            told = [row for row in one.visit.events(visitor=True) if row.kind == "owner.changed"]
            assert len(told) == 1 and told[0].payload["reason"] == "provider_error"
            with workspace_scope(one.visit.workspace_id):
                (row,) = one.turn().escalations.all()
            assert (row.state, row.failure) == (EscalationState.FAILED, "silent")
            assert one.job_state(self.ended[at].job.id) == JobState.DONE


def test_many_are_written_in_one_transaction(escalated: Escalated) -> None:
    crowd = Crowd(escalated, 5)
    with CaptureQueriesContext(connection) as one:
        assert end_together(crowd.ended[:1]) == []
    with CaptureQueriesContext(connection) as four:
        assert end_together(crowd.ended[1:]) == []
    crowd.assert_handed_over_once(range(5))
    assert sum(row["sql"] == "COMMIT" for row in four.captured_queries) == 1
    assert len(one) <= HANDOFF_QUERIES and len(four) <= HANDOFF_QUERIES + 3 * MORE_EACH


def test_whoever_is_locked_is_left_and_nobody_waits(escalated: Escalated) -> None:
    crowd = Crowd(escalated, 3)
    held, done = threading.Event(), threading.Event()

    def hold() -> None:
        with workspace_scope(crowd.seen[1].visit.workspace_id):
            events.lock(crowd.seen[1].visit.conversation_id)
            held.set()
            done.wait(20)
        connections.close_all()

    holder = threading.Thread(target=hold)
    holder.start()
    assert held.wait(20)
    try:
        assert end_together(crowd.ended) == [crowd.ended[1]]
    finally:
        done.set()
        holder.join(20)
    crowd.assert_handed_over_once(range(1))
    crowd.assert_handed_over_once(range(2, 3))
    assert crowd.seen[1].visit.now().owner == Owner.BOT
    assert end_together(crowd.ended[1:2]) == []
    crowd.assert_handed_over_once(range(3))


def test_one_that_cannot_be_written_costs_the_others_nothing(escalated: Escalated) -> None:
    crowd = Crowd(escalated, 4)
    lost = crowd.ended[2].job
    retry_later(lost, error="lost", delay_s=0.0)  # so another worker may have it

    async def all_of_them() -> list[BaseException | None]:
        calls = [ending.end(one.job, one.begun, one.outcome) for one in crowd.ended]
        return await asyncio.gather(*calls, return_exceptions=True)

    ends = loop.submit(all_of_them()).result(60)
    assert [type(one).__name__ for one in ends] == ["NoneType", "NoneType", "LeaseLost", "NoneType"]
    crowd.assert_handed_over_once(range(2))
    crowd.assert_handed_over_once(range(3, 4))
    assert crowd.seen[2].visit.now().owner == Owner.BOT
    assert crowd.seen[2].job_state(lost.id) == JobState.READY


def test_written_twice_it_is_there_once(escalated: Escalated) -> None:
    crowd = Crowd(escalated, 3)
    assert end_together(crowd.ended) == []
    with pytest.raises(Exception, match="held by another worker"):
        end_together(crowd.ended)
    crowd.assert_handed_over_once(range(3))


def test_who_was_taken_over_meanwhile_is_left_to_the_person(
    escalated: Escalated, bob: Member
) -> None:
    crowd = Crowd(escalated, 3)
    handoff.take_over(bob, crowd.seen[0].visit.conversation_id)
    assert end_together(crowd.ended) == []
    crowd.assert_handed_over_once(range(1, 3))
    assert crowd.seen[0].visit.now().owner == Owner.MEMBER
    assert crowd.seen[0].job_state(crowd.ended[0].job.id) == JobState.DONE


def test_a_crowd_that_ends_at_once_is_written_by_few(
    escalated: Escalated, monkeypatch: pytest.MonkeyPatch
) -> None:
    crowd = Crowd(escalated, 12)
    taken = []
    together = ending.end_together

    def counted(several: list[Ended]) -> list[Ended]:
        taken.append(len(several))
        return together(several)

    monkeypatch.setattr(ending, "end_together", counted)

    async def all_of_them() -> None:
        await asyncio.gather(*(ending.end(one.job, one.begun, one.outcome) for one in crowd.ended))

    loop.submit(all_of_them()).result(60)
    crowd.assert_handed_over_once(range(12))
    assert len(taken) <= ending.WRITERS and sum(taken) >= 12 - ending.WRITERS


def test_what_is_written_together_is_of_one_workspace(
    escalated: Escalated, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = uuid7(), uuid7()
    (own,) = Crowd(escalated, 1).ended
    others = [replace(own, job=replace(own.job, id=uuid7(), workspace_id=one))
              for one in (first, second) * 4]  # fmt: skip
    taken: list[list[Ended]] = []

    def take(several: list[Ended]) -> list[Ended]:
        taken.append(several)
        return []

    monkeypatch.setattr(ending, "end_together", take)
    monkeypatch.setattr(record, "end", lambda job, begun, outcome: None)

    async def all_of_them() -> None:
        await asyncio.gather(*(ending.end(one.job, one.begun, one.outcome) for one in others))

    loop.submit(all_of_them()).result(60)
    assert taken and all(len({one.job.workspace_id for one in several}) == 1 for several in taken)
