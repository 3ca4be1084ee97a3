"""Answered at once, checked afterwards: each message gets exactly one end of its check."""

from concurrent.futures import Future
from dataclasses import replace
from uuid import UUID

import pytest
from django.test import override_settings

from accounts.models import Member, Workspace, WorkspaceSettings
from accounts.scope import workspace_scope
from chatbot import erasing, events, handoff, replies
from chatbot.answering import pipeline
from chatbot.answering.contract import Citation, Decision
from chatbot.escalation import record, verifying, work
from chatbot.models import (
    Author,
    CheckState,
    Conversation,
    EscalationPurpose,
    EscalationState,
    Message,
    Owner,
    Receipt,
    Slot,
    TurnState,
)
from chatbot.tasks import hand_over_escalation
from chatbot.tests.escalating import DECISION, RETURNS, SHIPPING, Escalated, evidence, until
from chatbot.tests.publishing import published
from knowledge import articles
from outbox import loop
from outbox.models import OutboxJob
from outbox.tasks import run_job

pytestmark = pytest.mark.django_db(transaction=True)
FIRST = RETURNS.split(". ", maxsplit=1)[0] + "."
CITED = Citation(1, DECISION.evidence[0].article_id, "Returns", "In short", "/help/x/", FIRST)
SURE_ENOUGH = replace(DECISION, text=f"{FIRST} [1]", citations=(CITED,), provisional=True)
AGAIN = evidence(3, "Sending back", FIRST, relevance=0.3)  # another article with the same words
TWICE = replace(SURE_ENOUGH, evidence=(DECISION.evidence[0], AGAIN))
QUESTION = "Within how many days of delivery can I return products?"
SAME = "You can return most products within 14 days of delivery [1]."
OTHER = "Standard shipping takes three working days [2]."
LEFT = {
    CheckState.CHECKED: SURE_ENOUGH.text,
    CheckState.UNCHECKED: SURE_ENOUGH.text,
    CheckState.AMENDED: OTHER.replace("[2]", "[1]"),
    CheckState.WITHDRAWN: "My answer did not hold when I checked it. Please disregard it.",
}


@pytest.fixture
def checked(escalated: Escalated) -> "Checked":
    return Checked(escalated)


class Checked:
    """Vera has an answer that is being checked."""

    def __init__(self, escalated: Escalated) -> None:
        self.escalated, self.visit = escalated, escalated.visit
        published(self.visit.workspace_id, [*SURE_ENOUGH.evidence, AGAIN])

    def asks(self, decision: Decision = SURE_ENOUGH) -> bool:
        """Whether tier 1 answers at once."""
        self.visit.says(QUESTION, client_id="q")
        with workspace_scope(self.visit.workspace_id):
            conversation = events.lock(self.visit.conversation_id)
            turn = self.escalated._turns().latest("number")
            return verifying.answer_at_once(conversation, turn, decision) is not None

    def starts(self, decision: Decision = SURE_ENOUGH) -> "Future[None]":
        """The large model is being asked, and answers when the server is released."""
        self.escalated.server.mode = "held"
        assert self.asks(decision)
        running = loop.submit(work.run_escalation(self.escalated.claims()))
        until(lambda: bool(self.escalated.server.requests))
        return running

    def ends(self, running: "Future[None]") -> None:
        self.escalated.server.release()
        running.result(30)

    def withdraws(self, number: int) -> None:
        """The article of this row of evidence."""
        articles.archive(self.visit.workspace_id, SURE_ENOUGH.evidence[number].doc_id)

    def message(self) -> Message:
        return next(one for one in self.escalated.replies() if one.slot == "answer")

    def amendments(self) -> list[str]:
        rows = self.visit.events(visitor=True)
        return [row.payload["check"] for row in rows if row.kind == "message.amended"]


def test_the_answer_stands_at_once_and_says_that_it_is_being_checked(checked: Checked) -> None:
    assert checked.asks()
    message, turn = checked.message(), checked.escalated.turn()
    assert (message.author, message.check_state) == (Author.BOT, CheckState.PENDING)
    assert turn.state == TurnState.ANSWERED
    posted = checked.visit.events(visitor=True)[-1].payload
    assert (posted["check"], posted["note"]) == ("pending", "being checked")
    row = checked.escalated.escalation()
    assert (row.purpose, row.state) == (EscalationPurpose.VERIFY, EscalationState.REQUESTED)
    assert row.cost_usd > 0  # reserved


def test_what_the_large_model_bears_out_is_checked(checked: Checked) -> None:
    checked.escalated.server.answer = SAME
    checked.asks()
    before = checked.message().text
    checked.escalated.works()
    message = checked.message()
    assert (message.check_state, message.text) == (CheckState.CHECKED, before)
    assert message.author == Author.BOT
    assert checked.amendments() == ["checked"]
    assert checked.escalated.frames == []  # no draft is shown of a check
    (receipt,) = checked.escalated.receipts()
    assert (receipt.decision, receipt.reason) == ("check", "check_supported")
    assert receipt.cost_usd > 0 and receipt.message_id == message.id
    assert checked.visit.now().owner == Owner.BOT


def test_the_check_leaves_a_line_in_the_egress_log_and_is_redacted(checked: Checked) -> None:
    checked.asks()
    checked.escalated.works()
    (entry,) = checked.escalated.egress()
    assert entry.purpose == "verification"
    assert "returns@shop.example" not in entry.redacted_text


def test_what_it_contradicts_is_amended_where_the_visitor_sees_it(checked: Checked) -> None:
    checked.escalated.server.answer = OTHER
    checked.asks()
    before = checked.message().text
    checked.escalated.works()
    message = checked.message()
    assert message.check_state == CheckState.AMENDED
    assert message.text == "Standard shipping takes three working days [1]."
    assert message.author == Author.MODEL
    assert [row["title"] for row in message.citations] == ["Shipping"]
    assert message.citations[0]["quote"] == SHIPPING.split(". ", maxsplit=1)[0] + "."
    event = checked.visit.events(visitor=True)[-1]
    assert event.kind == "message.amended"
    assert event.payload["line"] and event.payload["note"] == "changed after a check"
    assert event.staff_payload == {"text_before": before}
    assert len(checked.escalated.replies()) == 1


@pytest.mark.parametrize(
    ("mode", "state", "reason"),
    [
        ("refuse", CheckState.WITHDRAWN, "unsupported"),
        ("unsupported", CheckState.UNCHECKED, "unsupported"),
        ("error-500", CheckState.UNCHECKED, "provider_error"),
        ("cut", CheckState.UNCHECKED, "provider_error"),
    ],
)
def test_without_an_answer_it_says_so_and_a_person_takes_over(
    checked: Checked, mode: str, state: CheckState, reason: str
) -> None:
    checked.escalated.server.mode = mode
    checked.asks()
    before = checked.message().text
    checked.escalated.works()
    message = checked.message()
    assert message.check_state == state
    assert (message.text == before) == (state == CheckState.UNCHECKED)
    assert checked.amendments() == [state]
    assert checked.visit.now().owner == Owner.QUEUE
    assert checked.escalated.handoffs() == [reason]


@pytest.mark.parametrize(
    ("said", "withdrawn", "state", "reason"),
    [
        (SAME, 0, CheckState.WITHDRAWN, "revision_gone"),  # both rest on it
        (OTHER, 0, CheckState.AMENDED, ""),
        ("NO_SUPPORTED_ANSWER", 0, CheckState.WITHDRAWN, "unsupported"),
        ("Cake is free [1].", 0, CheckState.WITHDRAWN, "unsupported"),
        (SAME, 1, CheckState.CHECKED, ""),
        (OTHER, 1, CheckState.UNCHECKED, "revision_gone"),  # the answer that stands may stay
    ],
)
def test_no_end_leaves_words_that_were_withdrawn_meanwhile(
    checked: Checked, said: str, withdrawn: int, state: CheckState, reason: str
) -> None:
    checked.escalated.server.answer = said
    running = checked.starts()
    checked.withdraws(withdrawn)
    checked.ends(running)
    message = checked.message()
    assert (message.check_state, message.text) == (state, LEFT[state])
    assert checked.escalated.handoffs() == ([reason] if reason else [])
    (receipt,) = checked.escalated.receipts()
    assert (receipt.decision == "handoff") == bool(reason)


def test_the_same_words_of_another_article_take_their_place(checked: Checked) -> None:
    checked.escalated.server.answer = SAME.replace("[1]", "[2]")
    running = checked.starts(TWICE)
    checked.withdraws(0)
    checked.ends(running)
    message = checked.message()
    assert (message.check_state, message.text) == (CheckState.AMENDED, SAME)
    assert [row["title"] for row in message.citations] == ["Sending back"]
    assert checked.escalated.handoffs() == []


def test_where_nobody_could_check_it_nothing_is_said(checked: Checked, acme: Workspace) -> None:
    with workspace_scope(acme.id):
        WorkspaceSettings.objects.update_or_create(
            workspace=acme, defaults={"large_model_allowed": False}
        )
    assert not checked.asks()
    assert checked.escalated.replies() == []
    assert checked.escalated.turn().state == TurnState.OPEN


def test_without_budget_nothing_is_said(checked: Checked) -> None:
    with override_settings(LLM_BUDGET_USD_PER_DAY=0.0001):
        assert not checked.asks()
    assert checked.escalated.replies() == []


def test_a_person_who_took_over_is_not_spoken_over(checked: Checked, bob: Member) -> None:
    checked.escalated.server.answer = OTHER
    running = checked.starts()
    handoff.take_over(bob, checked.visit.conversation_id)
    checked.ends(running)
    assert checked.message().check_state == CheckState.AMENDED
    assert len(checked.escalated.replies()) == 1  # nothing new was said
    now = checked.visit.now()
    assert (now.owner, now.owner_member_id) == (Owner.MEMBER, bob.id)


def test_a_failure_after_a_take_over_hands_over_to_nobody_else(
    checked: Checked, bob: Member
) -> None:
    checked.asks()
    handoff.take_over(bob, checked.visit.conversation_id)
    checked.escalated.server.mode = "error-500"
    checked.escalated.works()
    assert checked.message().check_state == CheckState.UNCHECKED
    assert checked.visit.now().owner_member_id == bob.id
    assert checked.escalated.handoffs() == ["take_over"]


def test_a_visitor_who_wrote_on_keeps_the_bot(checked: Checked) -> None:
    checked.asks()
    job = checked.escalated.claims()
    checked.visit.says("And what does shipping cost?", client_id="next")
    checked.escalated.server.mode = "error-500"
    checked.escalated.works(job)
    assert checked.message().check_state == CheckState.UNCHECKED
    assert checked.visit.now().owner == Owner.BOT
    assert checked.escalated.turn().state == TurnState.OPEN


def test_a_check_that_ends_twice_changes_nothing_more(checked: Checked) -> None:
    checked.escalated.server.answer = SAME
    checked.asks()
    checked.escalated.works()
    kinds, lease = checked.visit.kinds(), checked.escalated.job()
    assert lease.state == "done"
    with workspace_scope(checked.visit.workspace_id):
        record.abandon_check(checked.escalated.escalation())
    assert checked.visit.kinds() == kinds
    assert checked.message().check_state == CheckState.CHECKED
    assert len(checked.escalated.server.requests) == 1


def test_after_a_crash_in_the_middle_nobody_is_asked_again(checked: Checked) -> None:
    checked.asks()
    assert record.begin(checked.escalated.claims()) is not None  # and here the worker dies
    checked.escalated.works()
    assert checked.message().check_state == CheckState.UNCHECKED
    assert checked.escalated.handoffs() == ["worker_failed"]
    assert checked.escalated.server.requests == []


def test_a_job_that_no_worker_finished_ends_the_check_once(checked: Checked) -> None:
    checked.asks()
    job = checked.escalated.claims()
    for _ in range(2):
        with workspace_scope(checked.visit.workspace_id):
            hand_over_escalation(job)
    assert checked.message().check_state == CheckState.UNCHECKED
    assert checked.amendments() == ["unchecked"]
    assert checked.escalated.handoffs() == ["worker_failed"]


def test_an_erased_conversation_is_left_alone(checked: Checked) -> None:
    running = checked.starts()
    with workspace_scope(checked.visit.workspace_id):
        erasing.erase(erasing.take(Conversation.objects.all(), most=10))
    checked.ends(running)
    with workspace_scope(checked.visit.workspace_id):
        assert not Conversation.objects.exists() and not Message.objects.exists()


def test_a_stranger_sees_nothing_of_it(checked: Checked, other: Workspace) -> None:
    checked.asks()
    checked.escalated.works()
    with workspace_scope(other.id):
        assert not Message.objects.exists()
        with pytest.raises(Conversation.DoesNotExist):
            events.lock(UUID(str(checked.visit.conversation_id)))


def test_a_reply_without_a_check_has_no_mark(checked: Checked) -> None:
    checked.visit.says(QUESTION, client_id="q")
    with workspace_scope(checked.visit.workspace_id):
        conversation = events.lock(checked.visit.conversation_id)
        turn = checked.escalated._turns().latest("number")
        replies.post_reply(conversation, turn, replies.Reply(FIRST, Slot.ANSWER, Author.BOT))
    assert "check" not in checked.visit.events(visitor=True)[-1].payload


def works(checked: Checked, monkeypatch: pytest.MonkeyPatch) -> None:
    """The worker answers the turn; the pipeline is a fake."""
    monkeypatch.setattr(pipeline, "answer", lambda request: SURE_ENOUGH)
    checked.visit.says(QUESTION, client_id="q")
    with workspace_scope(checked.visit.workspace_id):
        job = OutboxJob.objects.get(kind="answer_turn")
    run_job(str(job.workspace_id), str(job.id))


def test_the_worker_answers_at_once_what_is_published(
    checked: Checked, monkeypatch: pytest.MonkeyPatch
) -> None:
    works(checked, monkeypatch)
    assert checked.message().check_state == CheckState.PENDING
    assert "escalation.started" not in checked.visit.kinds(visitor=True)
    with workspace_scope(checked.visit.workspace_id):
        receipt = Receipt.objects.get(tier=1)
    assert (receipt.decision, receipt.reason) == ("answer", "being_checked")
    assert receipt.text == checked.message().text


def test_what_was_withdrawn_meanwhile_is_not_said_at_once(
    checked: Checked, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked.withdraws(0)
    works(checked, monkeypatch)
    assert checked.escalated.replies() == []
    assert checked.escalated.turn().state == TurnState.ESCALATED
    assert checked.escalated.escalation().purpose == EscalationPurpose.ANSWER


def test_where_it_may_not_be_checked_a_person_answers(
    checked: Checked, acme: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    with workspace_scope(acme.id):
        WorkspaceSettings.objects.create(workspace=acme, large_model_allowed=False)
    works(checked, monkeypatch)
    assert checked.escalated.replies() == []
    assert checked.escalated.handoffs() == ["not_allowed"]
