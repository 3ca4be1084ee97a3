"""A scarce budget is weighed against the agents who are there."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Member, Workspace
from accounts.scope import workspace_scope
from chatbot import replies
from chatbot.escalation import consent
from chatbot.escalation.routing import MODEL, PEOPLE, Situation, choose
from chatbot.models import Escalation, Owner, Receipt, Turn
from chatbot.protocol_desk_events import STAFF_KINDS
from chatbot.queues import choosing, pressure, staff
from chatbot.tests.conftest import Visit, new_visit
from chatbot.tests.escalating import DECISION, Escalated
from chatbot.tests.queueing import asks
from chatbot.tests.test_budgets import spend
from chatbot.tests.test_escalation_request import decide

SCARCE = Situation(
    budget_share=0.85, scarce_from=0.8, people_answer=True, people_here=True, free_agents=1,
    waiting=0,
)  # fmt: skip


@pytest.mark.parametrize(
    ("change", "to", "reason"),
    [
        ({}, PEOPLE, "agent_free"),
        ({"budget_share": 0.79}, MODEL, "budget_ample"),
        ({"budget_share": 0.8}, PEOPLE, "agent_free"),
        ({"people_answer": False}, MODEL, "no_people"),
        ({"people_here": False}, MODEL, "outside_hours"),
        ({"free_agents": 0}, MODEL, "nobody_free"),
        ({"waiting": 1}, MODEL, "long_line"),
        ({"waiting": 1, "free_agents": 2}, PEOPLE, "agent_free"),
        ({"waiting": 3, "wait_s": 60.0}, PEOPLE, "short_wait"),
        ({"waiting": 3, "wait_s": 61.0}, MODEL, "long_line"),
        ({"free_agents": 0, "wait_s": 5.0}, MODEL, "nobody_free"),
    ],
)
def test_where_a_question_goes(change: dict[str, object], to: str, reason: str) -> None:
    found = choose(replace(SCARCE, **change))  # type: ignore[arg-type]  # fields of a Situation
    assert (found.to, found.reason) == (to, reason)
    assert found.as_json()["free_agents"] == found.situation.free_agents


@given(
    st.builds(
        Situation,
        budget_share=st.floats(0, 2),
        scarce_from=st.just(0.8),
        people_answer=st.booleans(),
        people_here=st.booleans(),
        free_agents=st.integers(0, 50),
        waiting=st.integers(0, 50),
        wait_s=st.none() | st.floats(0, 1e5),
    )
)
def test_nobody_is_sent_to_people_who_are_not_there_and_an_ample_budget_is_used(
    now: Situation,
) -> None:
    if choose(now).to == PEOPLE:
        assert now.budget_share >= 0.8 and now.people_here and now.people_answer
        assert now.free_agents > 0


@pytest.fixture
def scarce(escalated: Escalated, acme: Workspace) -> Escalated:
    """The day's budget has 85% used, and the workspace weighs."""
    decide(acme, budget_usd_per_day=10.0, weigh_people=True)
    spend(new_visit(acme.id), 4.25)
    return escalated


def ask(escalated: Escalated) -> str | None:
    """With the receipt that tier 1 writes before."""
    escalated.visit.says("How long may I return it?", client_id="q")
    with workspace_scope(escalated.visit.workspace_id):
        turn = Turn.objects.filter(conversation_id=escalated.visit.conversation_id).latest("number")
        replies.add_receipt(turn.conversation, turn, DECISION, tier=1)
    return escalated.escalates()


def route(escalated: Escalated) -> dict[str, object]:
    with workspace_scope(escalated.visit.workspace_id):
        return dict(Receipt.objects.get(tier=1).route)


def told(visit: Visit) -> list[tuple[str, str]]:
    events = [one for one in visit.events() if one.kind == "route.chosen"]
    assert all(one.visitor_seq is None for one in events)
    return [(one.staff_payload["to"], one.staff_payload["reason"]) for one in events]


@pytest.mark.django_db(transaction=True)
def test_a_free_agent_gets_it_while_the_budget_is_scarce(scarce: Escalated, bob: Member) -> None:
    staff.heartbeat(bob)
    assert ask(scarce) == "agent_free"
    assert scarce.visit.now().owner == Owner.QUEUE and scarce.handoffs() == ["agent_free"]
    assert told(scarce.visit) == [("people", "agent_free")]
    found = route(scarce)
    assert (found["to"], found["reason"], found["free_agents"]) == ("people", "agent_free", 1)
    assert found["budget_share"] == pytest.approx(0.85)
    with workspace_scope(scarce.visit.workspace_id):
        assert Escalation.objects.count() == 1  # the one that had made it scarce
    assert scarce.egress() == []


@pytest.mark.django_db(transaction=True)
def test_without_a_free_agent_the_large_model_is_asked_and_says_why(scarce: Escalated) -> None:
    assert ask(scarce) is None
    assert told(scarce.visit) == [("model", "nobody_free")]
    assert route(scarce)["reason"] == "nobody_free"


@pytest.mark.django_db(transaction=True)
def test_outside_of_hours_the_large_model_is_asked(
    scarce: Escalated, bob: Member, acme: Workspace
) -> None:
    decide(acme, hours=[[] for _ in range(7)])
    staff.heartbeat(bob)
    assert ask(scarce) is None
    assert told(scarce.visit) == [("model", "outside_hours")]


@pytest.mark.django_db(transaction=True)
def test_an_ample_budget_is_in_the_receipt_alone(
    scarce: Escalated, bob: Member, acme: Workspace
) -> None:
    decide(acme, budget_warning_share=0.9)
    staff.heartbeat(bob)
    assert ask(scarce) is None
    assert told(scarce.visit) == [] and route(scarce)["reason"] == "budget_ample"


@pytest.mark.django_db(transaction=True)
def test_who_does_not_weigh_is_asked_nothing(
    scarce: Escalated, bob: Member, acme: Workspace
) -> None:
    decide(acme, weigh_people=False)
    staff.heartbeat(bob)
    assert ask(scarce) is None
    assert told(scarce.visit) == [] and route(scarce) == {}


@pytest.mark.django_db(transaction=True)
def test_nothing_is_said_to_be_asked_before_the_visitor_has_agreed(
    scarce: Escalated, acme: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consent, "missing", lambda conversation: consent.ASK)
    assert ask(scarce) == consent.ASK
    assert told(scarce.visit) == [] and route(scarce) == {}


@pytest.mark.django_db(transaction=True)
def test_a_hard_stop_comes_before_any_weighing(scarce: Escalated, acme: Workspace) -> None:
    spend(new_visit(acme.id), 5.75)
    assert ask(scarce) == "budget"
    assert told(scarce.visit) == []


@pytest.mark.django_db
def test_a_queues_pressure_is_of_its_own_people(
    acme: Workspace, alice: Member, bob: Member, vera: Visit
) -> None:
    staff.heartbeat(bob)
    asks(vera)
    with workspace_scope(acme.id):
        queue = choosing.default_queue()
        assert pressure.pressure(queue) == pressure.Pressure(1, 1, None)
        queue.people.create(workspace=acme, member=alice)
        assert pressure.pressure(queue).free_agents == 0


def test_agents_are_told_by_an_event_of_theirs() -> None:
    assert "route.chosen" in STAFF_KINDS
