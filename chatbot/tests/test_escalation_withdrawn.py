"""An article is edited while the large model writes: what it was shown may not be said any more."""

from collections.abc import Callable
from concurrent.futures import Future
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from accounts.models import Member
from accounts.scope import workspace_scope
from chatbot.escalation import record, work
from chatbot.models import Contact, EscalationState, Owner, TurnState
from chatbot.tests.caching import ANSWER, QUESTION, SENTENCE, Shop, replies, shop
from chatbot.tests.escalating import DECISION, Escalated, until
from chatbot.tests.in_house import added
from chatbot.tests.test_cached_edits import ELSEWHERE, TOUCHED
from chatbot.tests.test_escalation_failover import second
from chatbot.tests.test_escalation_work import assert_handed_off
from chatbot.tests.test_in_house import chain, house, works_on
from knowledge import articles
from knowledge.models import Article
from knowledge.tests.conftest import fake_model
from outbox import loop
from outbox.models import OutboxJob
from outbox.queue import claim
from tests.fault_server import FaultServer

pytestmark = pytest.mark.django_db(transaction=True)
__all__ = ["fake_model", "house", "second", "shop"]
TWO = f"{SENTENCE} [1]. Returns are free of charge [1]."
Edit = Callable[[Shop], None]


def asked(shop: Shop) -> OutboxJob:
    """Tier 1 has escalated Vera's question, and its call waits for a worker."""
    visit = shop.escalated.visit
    visit.says(QUESTION)
    while (job := shop.waiting(visit.workspace_id)) and job.queue == "answers":
        shop.work(job)
    assert job
    return job


def starts(shop: Shop) -> "Future[None]":
    """Vera has read the first sentence; the second comes when the server is released."""
    shop.escalated.server.mode, shop.escalated.server.answer = "held", TWO
    job = asked(shop)
    leased = claim(job.workspace_id, job.id, lease_s=30.0)
    assert leased
    running = loop.submit(work.run_escalation(leased))
    until(lambda: bool(shop.escalated.frames))
    return running


def ends(shop: Shop, running: "Future[None]") -> None:
    shop.escalated.server.release()
    running.result(30)


@pytest.mark.parametrize("edit", TOUCHED)
def test_what_it_cites_is_not_said_any_more(shop: Shop, edit: Edit) -> None:
    running = starts(shop)
    edit(shop)
    ends(shop, running)
    seen = shop.escalated
    assert seen.replies() == [] and seen.frames[-1]["type"] == "draft.dropped"
    told = [event.payload for event in seen.visit.events(visitor=True)]
    assert not any(SENTENCE in str(one) for one in told)
    assert told[-1]["text"].startswith("I am not sure about this one")
    assert seen.visit.now().owner == Owner.QUEUE and seen.handoffs() == ["revision_gone"]
    assert seen.turn().state == TurnState.HANDED_OFF
    row, (receipt,) = seen.escalation(), seen.receipts()
    assert (row.state, row.failure) == (EscalationState.FAILED, "revision_gone")
    assert row.cost_usd == receipt.cost_usd > 0  # it was paid
    assert (receipt.decision, receipt.reason) == ("handoff", "revision_gone")
    shop.works()
    assert shop.entries() == []


@pytest.mark.parametrize("edit", TOUCHED)
def test_what_is_withdrawn_before_the_call_is_not_sent(shop: Shop, edit: Edit) -> None:
    """Its other passages are, and the model says that they don't answer."""
    job = asked(shop)
    edit(shop)
    shop.work(job)
    assert not any(SENTENCE in str(request) for request in shop.escalated.server.requests)
    assert not any(SENTENCE in entry.redacted_text for entry in shop.escalated.egress())
    assert shop.escalated.visit.now().owner == Owner.QUEUE


def test_nobody_is_called_where_nothing_is_left(shop: Shop) -> None:
    job = asked(shop)
    with workspace_scope(shop.workspace_id):
        Article.objects.update(archived_at=timezone.now())
    shop.work(job)
    seen = shop.escalated
    assert shop.calls() == 0 and seen.egress() == []
    assert seen.handoffs() == ["revision_gone"]
    row, (receipt,) = seen.escalation(), seen.receipts()
    assert (row.state, row.failure, row.cost_usd) == (EscalationState.FAILED, "revision_gone", 0.0)
    assert (receipt.decision, receipt.reason) == ("handoff", "revision_gone")


@pytest.mark.parametrize("edit", ELSEWHERE)
def test_an_edit_elsewhere_before_the_call_changes_nothing(shop: Shop, edit: Edit) -> None:
    job = asked(shop)
    edit(shop)
    shop.work(job)
    assert [message.text for message in replies(shop.escalated.visit)] == [ANSWER]


def test_the_next_model_of_the_chain_is_not_sent_it(
    escalated: Escalated, second: FaultServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One of two articles is archived while the first model's server fails."""
    escalated.server.mode = "error-500"
    escalated.asks()
    go_on = record.go_on

    def late(*given: object) -> object:
        articles.archive(escalated.visit.workspace_id, DECISION.evidence[0].doc_id)
        return go_on(*given)  # type: ignore[arg-type]  # as it was called

    monkeypatch.setattr(record, "go_on", late)
    escalated.works()
    assert second.requests == [] and len(escalated.egress()) == 1
    assert_handed_off(escalated, "revision_gone", "revision_gone")


@pytest.mark.parametrize("edit", ELSEWHERE)
def test_an_edit_elsewhere_takes_nothing_away(shop: Shop, edit: Edit) -> None:
    running = starts(shop)
    edit(shop)
    ends(shop, running)
    assert [message.text for message in replies(shop.escalated.visit)] == [TWO]
    assert shop.escalated.handoffs() == []
    assert shop.escalated.escalation().state == EscalationState.ANSWERED


def test_who_may_read_it_yet_is_told(shop: Shop) -> None:
    """It is narrowed to those whom the company vouches for, and she is one of them."""
    visit = shop.escalated.visit
    with workspace_scope(visit.workspace_id):
        rows = Contact.objects.filter(id=visit.contact_id)
        rows.update(identified_at=timezone.now() - timedelta(minutes=1))
    running = starts(shop)
    with workspace_scope(visit.workspace_id):
        Article.objects.update(audience="signed_in")
    ends(shop, running)
    assert [message.text for message in replies(visit)] == [TWO]


def test_the_next_question_is_answered_from_what_is_published_now(shop: Shop) -> None:
    running = starts(shop)
    TOUCHED[0](shop)
    ends(shop, running)
    shop.escalated.server.mode, shop.escalated.server.answer = "good", ANSWER
    assert [message.text for message in replies(shop.asks())] == [ANSWER]


def test_a_model_in_the_house_is_no_exception(
    escalated: Escalated, house: Path, alice: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At the last moment: the answer is complete, and about to be written down."""
    chain(alice, escalated, added(house, "good"), "remote")
    escalated.asks()
    end = record.end

    def late(*given: object) -> None:
        articles.archive(alice.workspace_id, DECISION.evidence[0].doc_id)
        end(*given)  # type: ignore[arg-type]  # as it was called

    monkeypatch.setattr(record, "end", late)
    works_on(escalated, "generator")
    assert_handed_off(escalated, "revision_gone", "revision_gone")
    assert escalated.egress() == []  # nobody else is asked the same of the same passages
