"""The large model answers with checked sentences, or a person takes over; nothing happens twice."""

import logging

import pytest
from django.test import override_settings

from accounts.models import Workspace
from chatbot.escalation import record
from chatbot.models import Author, Conversation, EscalationState, Owner, TurnState
from chatbot.tests.escalating import KEY, RETURNS, Escalated, until
from outbox.tasks import run_job

pytestmark = pytest.mark.django_db(transaction=True)
ANSWER = "You can return most products within 14 days of delivery [1]. Shipping costs 4.90 EUR [2]."


def assert_handed_off(escalated: Escalated, reason: str, failure: str) -> None:
    """Handed off once, told once, and no word of the model's is left."""
    assert escalated.visit.now().owner == Owner.QUEUE
    assert escalated.handoffs() == [reason]
    assert escalated.visit.kinds(visitor=True)[-1] == "owner.changed"
    assert escalated.visit.events(visitor=True)[-1].payload["text"]
    assert escalated.replies() == []
    assert escalated.turn().state == TurnState.HANDED_OFF
    row = escalated.escalation()
    assert (row.state, row.failure) == (EscalationState.FAILED, failure)
    assert escalated.frames[-1] == {
        "type": "draft.dropped",
        "turn_id": str(escalated.turn().id),
    }
    (receipt,) = escalated.receipts()
    assert (receipt.decision, receipt.reason) == ("handoff", reason)


def test_a_checked_answer_is_streamed_and_posted(escalated: Escalated) -> None:
    assert escalated.asks() is None
    assert escalated.turn().state == TurnState.ESCALATED
    job = escalated.claims()
    escalated.works(job)
    (message,) = escalated.replies()
    assert (message.author, message.text) == (Author.MODEL, ANSWER)
    assert [(row["number"], row["title"]) for row in message.citations] == [
        (1, "Returns"),
        (2, "Shipping"),
    ]
    assert message.citations[0]["quote"] == RETURNS.split(". ", maxsplit=1)[0] + "."
    assert escalated.drafted() == ANSWER
    assert [frame["seq"] for frame in escalated.frames] == [1, 2]
    assert escalated.visit.now().owner == Owner.BOT
    assert escalated.turn().state == TurnState.ANSWERED
    assert escalated.job_state(job.id) == "done"


def test_the_workers_task_runs_it_on_the_loop(escalated: Escalated) -> None:
    escalated.asks()
    job = escalated.job()
    run_job(str(job.workspace_id), str(job.id))
    until(lambda: escalated.job_state(job.id) == "done")
    assert [message.text for message in escalated.replies()] == [ANSWER]


def test_the_receipt_and_the_row_hold_what_it_cost(escalated: Escalated) -> None:
    escalated.asks()
    escalated.works()
    row, (receipt,) = escalated.escalation(), escalated.receipts()
    assert row.state == EscalationState.ANSWERED
    assert row.output_tokens == 50 and row.input_tokens > 100
    assert row.cost_usd == pytest.approx((row.input_tokens + 10 * row.output_tokens) / 1_000_000)
    assert (receipt.tier, receipt.decision, receipt.cost_usd) == (2, "answer", row.cost_usd)
    assert receipt.models_version == "fault" and len(receipt.evidence) == 2
    assert {"queue", "first_token", "model"} == set(receipt.stages_ms)


def test_only_redacted_text_leaves_and_it_is_logged(escalated: Escalated) -> None:
    escalated.asks()
    escalated.works()
    (entry,) = escalated.egress()
    (request,) = escalated.server.requests
    sent = "\n\n".join(message["content"] for message in request["body"]["messages"])
    assert entry.redacted_text == sent
    assert entry.destination == escalated.server.url
    assert entry.redactions == {"CARD": 1, "EMAIL": 2, "PHONE": 1}
    for secret in ("vera@", "returns@shop.example", "7946", "4111", KEY):
        assert secret not in sent


def test_placeholders_are_put_back_for_the_visitor(escalated: Escalated) -> None:
    escalated.server.answer = "Questions about returns are answered at [EMAIL_1] [1]."
    escalated.asks()
    escalated.works()
    (message,) = escalated.replies()
    assert message.text == "Questions about returns are answered at returns@shop.example [1]."


LIMITS = {
    "hang": {"LLM_FIRST_TOKEN_TIMEOUT_S": 0.3},
    "no-first-token": {"LLM_FIRST_TOKEN_TIMEOUT_S": 0.3},
    "slow": {"LLM_TIMEOUT_S": 2.0},
}


@pytest.mark.parametrize(
    ("mode", "reason", "failure"),
    [
        ("error-500", "provider_error", "provider_error"),
        ("error-429", "provider_error", "rate_limited"),
        ("garbage", "provider_error", "provider_error"),
        ("cut", "provider_error", "provider_error"),
        ("no-first-token", "timeout", "timeout"),
        ("hang", "timeout", "timeout"),
        ("slow", "timeout", "timeout"),
        ("unsupported", "unsupported", "unsupported:number"),
        ("refuse", "unsupported", "refused"),
        ("too-long", "unsupported", "too_long"),
    ],
)
def test_every_failure_ends_with_a_person(
    escalated: Escalated, mode: str, reason: str, failure: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    escalated.server.mode = mode
    escalated.asks()
    job = escalated.claims()
    with override_settings(**LIMITS.get(mode, {})):
        escalated.works(job)
    assert_handed_off(escalated, reason, failure)
    assert escalated.job_state(job.id) == "done"
    calls = 2 if failure == "rate_limited" else 1  # nothing of it was paid, so once more
    assert len(escalated.server.requests) == len(escalated.egress()) == calls
    assert [row["failure"] for row in escalated.escalation().attempts] == [failure] * calls
    assert KEY not in caplog.text and "vera@" not in caplog.text


@pytest.mark.parametrize("unseen", ["\0", "\ud800"])
def test_what_no_database_holds_ends_with_a_person_at_once(
    escalated: Escalated, unseen: str
) -> None:
    escalated.server.answer = (
        f"You can return most products{unseen} within 14 days of delivery [1]."
    )
    escalated.asks()
    job = escalated.claims()
    escalated.works(job)
    assert_handed_off(escalated, "unsupported", "unsupported:markup")
    assert escalated.job_state(job.id) == "done"


def test_an_answer_that_is_broken_off_is_paid_for(escalated: Escalated) -> None:
    escalated.server.mode = "unsupported"
    escalated.asks()
    escalated.works()
    assert escalated.drafted().startswith(ANSWER)
    assert escalated.escalation().cost_usd > 0


def test_a_refused_call_costs_nothing(escalated: Escalated) -> None:
    escalated.server.mode = "error-429"
    escalated.asks()
    escalated.works()
    assert escalated.escalation().cost_usd == 0.0


def test_an_attempt_after_a_crash_does_not_call_again(escalated: Escalated) -> None:
    escalated.asks()
    assert record.begin(escalated.claims()) is not None  # and here the worker dies
    reserved = escalated.escalation().cost_usd
    escalated.works()
    assert_handed_off(escalated, "worker_failed", "worker_failed")
    assert escalated.server.requests == [] and len(escalated.egress()) == 1
    assert escalated.escalation().cost_usd == reserved > 0


def test_a_job_that_waited_too_long_calls_nobody(escalated: Escalated) -> None:
    escalated.asks()
    with override_settings(LLM_TIMEOUT_S=0.0):
        escalated.works()
    assert_handed_off(escalated, "timeout", "timeout")
    assert escalated.server.requests == [] == escalated.egress()
    assert escalated.escalation().cost_usd == 0.0


def test_the_visitors_own_workspace_alone_sees_it(escalated: Escalated, other: Workspace) -> None:
    from accounts.scope import workspace_scope
    from chatbot.models import EgressEntry, Escalation

    escalated.asks()
    escalated.works()
    with workspace_scope(other.id):
        assert not Escalation.objects.exists() and not EgressEntry.objects.exists()
        assert not Conversation.objects.exists()
