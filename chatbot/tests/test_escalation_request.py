"""Who may ask the large model, and for how much money a day."""

from datetime import timedelta

import pytest
from django.test import override_settings
from django.utils import timezone

from accounts.models import Workspace, WorkspaceSettings
from accounts.scope import workspace_scope
from chatbot.answering.contract import ESCALATE, Decision
from chatbot.models import Escalation, EscalationState, Owner, TurnState
from chatbot.tests.conftest import new_visit
from chatbot.tests.escalating import RETURNS, Escalated, evidence
from outbox.models import OutboxJob

pytestmark = pytest.mark.django_db(transaction=True)


def decide(acme: Workspace, **values: object) -> None:
    with workspace_scope(acme.id):
        WorkspaceSettings.objects.update_or_create(workspace=acme, defaults=values)


def assert_refused(escalated: Escalated, reason: str) -> None:
    """A person takes over, and nothing of an escalation is left."""
    assert escalated.asks() == reason
    with workspace_scope(escalated.visit.workspace_id):
        assert not Escalation.objects.exists()
        assert not OutboxJob.objects.filter(kind="escalate").exists()
    assert escalated.visit.now().owner == Owner.QUEUE
    assert escalated.handoffs() == [reason]
    assert escalated.egress() == [] == escalated.server.requests


def test_a_request_is_a_row_and_a_job(escalated: Escalated) -> None:
    assert escalated.asks() is None
    row = escalated.escalation()
    assert (row.state, row.turn_revision, row.reason) == (
        EscalationState.REQUESTED,
        1,
        "low_confidence",
    )
    assert [passage["title"] for passage in row.evidence] == ["Returns", "Shipping"]
    assert escalated.turn().state == TurnState.ESCALATED
    assert escalated.claims().payload == {"escalation_id": str(row.id)}


def test_the_six_most_relevant_passages_go(escalated: Escalated) -> None:
    found = [evidence(n, f"T{n}", RETURNS, relevance=n / 10) for n in range(1, 8)]
    found.append(evidence(9, "only found", RETURNS, relevance=None))
    escalated.asks(decision=Decision(ESCALATE, "low_confidence", 0.4, evidence=tuple(found)))
    titles = [passage["title"] for passage in escalated.escalation().evidence]
    assert titles == ["T7", "T6", "T5", "T4", "T3", "T2"]


def test_without_a_model_nobody_is_asked(escalated: Escalated) -> None:
    with override_settings(LLM_MODEL=""):
        assert_refused(escalated, "no_provider")


def test_a_workspace_may_forbid_it(escalated: Escalated, acme: Workspace) -> None:
    decide(acme, large_model_allowed=False)
    assert_refused(escalated, "not_allowed")


def test_without_evidence_nobody_is_asked(escalated: Escalated) -> None:
    nothing = Decision(ESCALATE, "low_confidence", 0.1)
    assert escalated.asks(decision=nothing) == "unsupported"
    assert escalated.visit.now().owner == Owner.QUEUE


def test_a_workspaces_budget_holds(escalated: Escalated, acme: Workspace) -> None:
    decide(acme, budget_usd_per_day=0.001)
    assert_refused(escalated, "budget")


def test_a_workspace_cannot_raise_the_budget_of_the_service(
    escalated: Escalated, acme: Workspace
) -> None:
    decide(acme, budget_usd_per_day=100.0)
    with override_settings(LLM_BUDGET_USD_PER_DAY=0.001):
        assert_refused(escalated, "budget")


def test_a_free_model_needs_no_budget(escalated: Escalated) -> None:
    with override_settings(
        LLM_BUDGET_USD_PER_DAY=0.0, LLM_PRICE_INPUT_PER_MTOK=0.0, LLM_PRICE_OUTPUT_PER_MTOK=0.0
    ):
        assert escalated.asks() is None


def test_running_escalations_hold_their_part_of_the_budget(
    escalated: Escalated, acme: Workspace
) -> None:
    assert escalated.asks() is None
    reserved = escalated.escalation().cost_usd
    second = Escalated(new_visit(acme.id), escalated.server, escalated.frames)
    decide(acme, budget_usd_per_day=reserved * 1.9)
    assert second.asks() == "budget"
    escalated.works()
    assert 0 < escalated.escalation().cost_usd < reserved / 2
    third = Escalated(new_visit(acme.id), escalated.server, escalated.frames)
    assert third.asks() is None


def test_yesterdays_costs_are_over(escalated: Escalated, acme: Workspace) -> None:
    escalated.asks()
    reserved = escalated.escalation().cost_usd
    with workspace_scope(acme.id):
        Escalation.objects.update(requested_at=timezone.now() - timedelta(days=1))
    decide(acme, budget_usd_per_day=reserved * 1.1)
    assert Escalated(new_visit(acme.id), escalated.server, escalated.frames).asks() is None


def test_other_workspaces_have_budgets_of_their_own(
    escalated: Escalated, acme: Workspace, other: Workspace
) -> None:
    escalated.asks()
    with override_settings(LLM_BUDGET_USD_PER_DAY=escalated.escalation().cost_usd * 1.1):
        elsewhere = Escalated(new_visit(other.id), escalated.server, escalated.frames)
        assert elsewhere.asks() is None
        assert Escalated(new_visit(acme.id), escalated.server, []).asks() == "budget"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"large_model_allowed": False}, "not_allowed"),
        ({"budget_usd_per_day": 0.0}, "budget"),
    ],
)
def test_what_is_forbidden_meanwhile_is_not_sent(
    escalated: Escalated, acme: Workspace, change: dict[str, object], reason: str
) -> None:
    assert escalated.asks() is None
    decide(acme, **change)
    escalated.works()
    assert escalated.handoffs() == [reason]
    assert escalated.escalation().failure == reason
    assert escalated.escalation().cost_usd == 0.0
    assert escalated.egress() == [] == escalated.server.requests
