"""A late draft never speaks over a person, and an answer to an older question is dropped."""

from collections.abc import Callable
from concurrent.futures import Future
from weakref import WeakKeyDictionary

import pytest
from django.test import override_settings

from accounts.models import Member, Workspace
from chatbot import handoff, intake
from chatbot.escalation import work
from chatbot.models import EscalationState, Owner, TurnState
from chatbot.tests.conftest import Visit, new_visit
from chatbot.tests.escalating import Escalated, until
from outbox import loop
from outbox.errors import LeaseLost

pytestmark = pytest.mark.django_db(transaction=True)


def starts(escalated: Escalated) -> "Future[None]":
    """The model has said its first sentence, and goes on when the server is released."""
    escalated.server.mode = "held"
    assert escalated.asks() is None
    running = loop.submit(work.run_escalation(escalated.claims()))
    until(lambda: bool(escalated.frames))
    return running


def ends(escalated: Escalated, running: "Future[None]") -> None:
    escalated.server.release()
    running.result(30)


def assert_dropped(escalated: Escalated) -> None:
    row = escalated.escalation()
    assert row.state == EscalationState.CANCELLED
    assert row.cost_usd > 0 and row.input_tokens > 0
    assert [frame["type"] for frame in escalated.frames] == ["draft.appended", "draft.dropped"]
    assert escalated.replies() == [] == escalated.receipts()


def asks_for_a_person(visit: Visit, _: Member) -> None:
    intake.request_person(*visit.where)


def takes_over(visit: Visit, bob: Member) -> None:
    handoff.take_over(bob, visit.conversation_id)


def resolves(visit: Visit, bob: Member) -> None:
    handoff.resolve(bob, visit.conversation_id)


@pytest.mark.parametrize(
    ("act", "owner", "state"),
    [
        (takes_over, Owner.MEMBER, TurnState.CANCELLED),
        (asks_for_a_person, Owner.QUEUE, TurnState.HANDED_OFF),
        (resolves, Owner.BOT, TurnState.CANCELLED),
    ],
)
def test_a_late_answer_is_dropped(
    escalated: Escalated,
    bob: Member,
    act: Callable[[Visit, Member], None],
    owner: Owner,
    state: TurnState,
) -> None:
    running = starts(escalated)
    act(escalated.visit, bob)
    kinds = escalated.visit.kinds()
    ends(escalated, running)
    assert_dropped(escalated)
    assert escalated.visit.now().owner == owner
    assert escalated.visit.kinds() == kinds
    assert escalated.turn().state == state


def test_a_late_failure_hands_nothing_over(escalated: Escalated, bob: Member) -> None:
    escalated.server.answer = "Shipping costs 4.90 EUR [2]. Everything else costs 99 EUR [2]."
    running = starts(escalated)
    takes_over(escalated.visit, bob)
    ends(escalated, running)
    assert_dropped(escalated)
    assert escalated.handoffs() == ["take_over"]


def test_a_take_over_before_the_call_saves_it(escalated: Escalated, bob: Member) -> None:
    escalated.asks()
    job = escalated.claims()
    takes_over(escalated.visit, bob)
    escalated.works(job)
    row = escalated.escalation()
    assert (row.state, row.cost_usd) == (EscalationState.CANCELLED, 0.0)
    assert escalated.egress() == [] == escalated.server.requests
    assert escalated.job_state(job.id) == "done"


def test_a_visitor_who_writes_on_gets_an_answer_to_all_of_it(escalated: Escalated) -> None:
    running = starts(escalated)
    escalated.visit.says("And where do I ask questions about returns?", client_id="more")
    assert (escalated.turn().state, escalated.turn().revision) == (TurnState.OPEN, 2)
    ends(escalated, running)
    assert_dropped(escalated)
    assert escalated.turn().state == TurnState.OPEN  # tier 1 has it again
    escalated.server.mode = "good"
    assert escalated.escalates() is None
    escalated.works()
    assert len(escalated.replies()) == 1
    assert escalated.escalation().state == EscalationState.ANSWERED
    assert "And where do I ask" in escalated.egress()[-1].redacted_text


def test_the_same_job_twice_posts_once(escalated: Escalated) -> None:
    escalated.asks()
    job = escalated.claims()
    escalated.works(job)
    before = escalated.visit.kinds(), escalated.escalation().cost_usd
    with pytest.raises(LeaseLost):
        escalated.works(job)
    assert (escalated.visit.kinds(), escalated.escalation().cost_usd) == before
    assert len(escalated.replies()) == len(escalated.server.requests) == 1


def test_a_worker_that_lost_its_lease_writes_nothing(escalated: Escalated) -> None:
    running = starts(escalated)
    second = escalated.claims()
    escalated.works(second)
    assert escalated.handoffs() == ["worker_failed"]
    kinds = escalated.visit.kinds()
    escalated.server.release()
    with pytest.raises(LeaseLost):
        running.result(30)
    assert escalated.visit.kinds() == kinds and escalated.replies() == []


def test_only_so_many_calls_run_at_once(
    escalated: Escalated, acme: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work, "_slots", WeakKeyDictionary())
    second = Escalated(new_visit(acme.id), escalated.server, escalated.frames)
    with override_settings(LLM_CONCURRENCY=1):
        first_running = starts(escalated)
        assert second.asks() is None
        second_running = loop.submit(work.run_escalation(second.claims()))
        assert len(escalated.server.requests) == 1
        assert second.escalation().state == EscalationState.REQUESTED
        ends(escalated, first_running)
        second_running.result(30)
    assert len(escalated.server.requests) == 2
    assert len(escalated.replies()) == len(second.replies()) == 1
