"""What each tier writes into the ledger, by the paths that visitors take."""

import threading
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.test import override_settings

from accounts.ids import uuid7
from accounts.models import Member, Workspace, WorkspaceSettings
from accounts.scope import workspace_scope
from chatbot import costing, events, handoff
from chatbot.answering.contract import (
    ANSWER,
    CLARIFY,
    ESCALATE,
    SMALLTALK,
    AnswerRequest,
    Decision,
)
from chatbot.escalation.counterfactual import TYPICAL_OUTPUT_TOKENS, what_asking_costs
from chatbot.escalation.request import MOST_PASSAGES
from chatbot.handling import busy_s
from chatbot.models import Kind, LargeModel, LedgerEntry, Message, Turn
from chatbot.tests.conftest import Visit
from chatbot.tests.escalating import DECISION, Escalated

pytestmark = pytest.mark.django_db(transaction=True)


def lines(workspace: Workspace) -> list[LedgerEntry]:
    with workspace_scope(workspace.id):
        return list(LedgerEntry.objects.order_by("created_at", "id"))


def decided(visit: Visit, decision: Decision) -> LedgerEntry:
    visit.says("May I return it?")
    with workspace_scope(visit.workspace_id):
        turn = Turn.objects.get(conversation_id=visit.conversation_id)
        costing.record_decision(events.lock(visit.conversation_id), turn, decision)
        return LedgerEntry.objects.get()


def test_cpu_seconds_are_those_of_the_process_and_not_those_waited() -> None:
    """The work is done in another thread, as a model's is; before and after nobody works."""
    used = []

    def work() -> None:
        before = time.thread_time()
        while time.thread_time() - before < 0.05:
            sum(range(1_000))
        used.append(time.thread_time() - before)

    def answer(request: AnswerRequest) -> Decision:
        worker = threading.Thread(target=work)
        worker.start()
        worker.join()
        return DECISION

    decision = costing.measured(answer, AnswerRequest(uuid7(), "?"))
    assert decision.cpu_s >= used[0]
    assert replace(decision, cpu_s=0.0) == DECISION


def test_an_answer_of_tier_1_has_its_seconds_and_what_was_spared(vera: Visit) -> None:
    row = decided(vera, replace(DECISION, kind=ANSWER, cpu_s=0.25))
    assert (row.kind, row.tier, row.answered, row.cpu_s) == (Kind.COMPACT, 1, True, 0.25)
    assert row.cpu_usd > 0 and row.model_usd == 0.0
    assert row.priced_by == "reference/gpt-4.1-mini"
    assert str(row.article_id) == DECISION.evidence[0].article_id


@pytest.mark.parametrize("kind", [ESCALATE, CLARIFY])
def test_what_answered_nothing_costs_all_the_same(vera: Visit, kind: str) -> None:
    row = decided(vera, replace(DECISION, kind=kind, cpu_s=0.25))
    assert (row.kind, row.answered, row.cpu_s) == (Kind.COMPACT, False, 0.25)
    assert row.counterfactual_usd is None


def test_small_talk_spares_no_question(vera: Visit) -> None:
    row = decided(vera, Decision(SMALLTALK, "greeting", 0.9, text="Hello", cpu_s=0.01))
    assert (row.kind, row.tier, row.answered) == (Kind.SMALL_TALK, 0, True)
    assert row.counterfactual_usd is None and row.article_id is None


def test_the_large_model_is_supposed_to_read_evidence_and_question(vera: Visit) -> None:
    vera.says("May I return it?")
    prices = {"REFERENCE_PRICE_INPUT_PER_MTOK": 0.0, "REFERENCE_PRICE_OUTPUT_PER_MTOK": 10.0}
    evidence = [row.as_json() for row in DECISION.evidence]
    with workspace_scope(vera.workspace_id):
        turn = Turn.objects.get()
        short, long = what_asking_costs(turn, []), what_asking_costs(turn, evidence)
        with override_settings(**prices):
            output = what_asking_costs(turn, evidence).usd
        most, many = (what_asking_costs(turn, evidence * count) for count in (3, 30))
    assert len(evidence) * 3 == MOST_PASSAGES
    assert 0 < short.usd < long.usd < most.usd == many.usd
    assert output == pytest.approx(TYPICAL_OUTPUT_TOKENS * 10 / 1_000_000)


def test_the_first_model_that_has_a_price_is_the_one(vera: Visit, acme: Workspace) -> None:
    vera.says("May I return it?")
    with workspace_scope(acme.id):
        for position, (name, price) in enumerate((("free", 0.0), ("paid", 9.0))):
            LargeModel.objects.create(
                workspace=acme, position=position, vendor="compatible", model=name,
                base_url="http://127.0.0.1:1/v1", price_input_per_mtok=price,
                price_output_per_mtok=price,
            )  # fmt: skip
        found = what_asking_costs(Turn.objects.get(), [])
        assert found.priced_by == "compatible/paid"
        LargeModel.objects.filter(model="paid").delete()
        assert what_asking_costs(Turn.objects.get(), []).priced_by.startswith("reference/")


def test_an_escalation_costs_what_the_provider_takes(escalated: Escalated, acme: Workspace) -> None:
    assert escalated.asks() is None
    escalated.works()
    (row,) = lines(acme)
    call = escalated.escalation()
    assert (row.kind, row.tier, row.answered, row.model) == (Kind.LARGE, 2, True, "fault")
    assert row.model_usd == call.cost_usd > 0
    assert (row.input_tokens, row.output_tokens) == (call.input_tokens, call.output_tokens)
    assert (row.counterfactual_usd, row.priced_by) == (call.cost_usd, "openai/fault")


def test_a_call_that_failed_is_paid_and_spared_nothing(
    escalated: Escalated, acme: Workspace
) -> None:
    escalated.server.mode = "refuse"
    assert escalated.asks() is None
    escalated.works()
    (row,) = lines(acme)
    assert (row.kind, row.answered, row.counterfactual_usd) == (Kind.LARGE, False, None)
    assert row.model_usd > 0


def test_a_call_that_was_never_made_is_no_line(escalated: Escalated, acme: Workspace) -> None:
    assert escalated.asks() is None
    with override_settings(LLM_MODEL=""):
        escalated.works()
    assert lines(acme) == []


def test_an_agents_minutes_end_with_the_conversation(
    vera: Visit, bob: Member, acme: Workspace
) -> None:
    with workspace_scope(acme.id):
        WorkspaceSettings.objects.create(workspace=acme, agent_usd_per_hour=36.0)
        handoff.request(events.lock(vera.conversation_id), reason="asked_for_person")
    handoff.claim(bob, vera.conversation_id)
    handoff.reply(bob, vera.conversation_id, client_id="r", text="Here I am")
    assert lines(acme) == []
    handoff.resolve(bob, vera.conversation_id)
    (row,) = lines(acme)
    assert (row.kind, row.tier, row.answered) == (Kind.PERSON, 3, True)
    assert row.agent_s is not None and row.agent_usd == pytest.approx(row.agent_s / 100)
    assert row.counterfactual_usd is None


def test_who_waited_for_nobody_cost_no_time(vera: Visit, acme: Workspace) -> None:
    with workspace_scope(acme.id):
        handoff.request(events.lock(vera.conversation_id), reason="asked_for_person")
    vera.says("Never mind")
    with workspace_scope(acme.id):
        assert Message.objects.exists() and not LedgerEntry.objects.exists()


def test_of_a_long_silence_the_first_minutes_count() -> None:
    start = datetime(2026, 1, 5, 9, tzinfo=UTC)
    at = [start + timedelta(minutes=minutes) for minutes in (0, 3, 500, 501)]
    assert busy_s(*at) == (3 + 10 + 1) * 60
    assert busy_s(start) == 0
