"""An answer of the large model that passed the check answers the same question of another visitor.

The workers run as they do; the models are fakes, the large model is a server of our own.
"""

from datetime import timedelta

import pytest
from django.test import override_settings
from django.utils import timezone

from accounts.models import Member, Workspace, WorkspaceSettings
from accounts.scope import workspace_scope
from accounts.tests.rows import row_in
from chatbot import cached_answers, intake
from chatbot.answering import models
from chatbot.escalation import cache, cache_check, cache_keeping
from chatbot.handoff import verdicts
from chatbot.models import Attachment, Author, CachedAnswer, Contact, Message, Owner, Receipt
from chatbot.tests.caching import (
    ALIKE,
    ANSWER,
    CALIBRATION,
    GREETING,
    QUESTION,
    RETURNS,
    Calibrate,
    Shop,
    calibrate,
    receipts,
    replies,
    served,
    shop,
)
from chatbot.tests.conftest import new_visit
from knowledge.tests.conftest import fake_model
from outbox.models import OutboxJob
from outbox.queue import claim

pytestmark = pytest.mark.django_db(transaction=True)
LAST = "Is sending a big parcel back free of charge?"
__all__ = ["calibrate", "fake_model", "shop"]


def test_the_same_question_is_answered_again_without_a_call(shop: Shop) -> None:
    shop.asks()
    assert (shop.calls(), len(shop.entries())) == (1, 1)
    visit = shop.asks(ALIKE)
    (message,) = replies(visit)
    assert (message.text, message.author, message.repeated) == (ANSWER, Author.MODEL, True)
    assert [row["title"] for row in message.citations] == ["Returns"]
    assert shop.calls() == 1
    (entry,) = shop.entries()
    assert (entry.hits, entry.question) == (1, QUESTION)


def test_the_receipt_says_that_it_is_an_earlier_answer_and_costs_nothing(shop: Shop) -> None:
    shop.asks()
    visit = shop.asks(ALIKE)
    first, second = receipts(visit)
    assert (first.tier, first.decision, first.cached) == (1, "escalate", False)
    assert (second.tier, second.decision, second.reason) == (2, "answer", cache.REASON)
    assert (second.cost_usd, second.cached, second.models_version) == (0.0, True, "fault")
    assert second.cached_id == shop.entries()[0].id and "cache" in second.stages_ms
    assert visit.kinds()[-2:] == ["message.posted", "receipt.recorded"]
    assert visit.events()[-2].payload["repeated"] is True
    assert visit.now().owner == Owner.BOT


def test_another_question_goes_to_the_large_model(shop: Shop) -> None:
    shop.asks()
    shop.asks("Where is the nearest shop that exchanges shoes?")
    assert shop.calls() == 2


@pytest.mark.parametrize(
    "text",
    [
        "How many days do I not have to return a product?",
        "How many days do I have to return 2 products?",
        "How many days do I have to return a product E-104?",
    ],
)
def test_a_number_a_code_or_a_denial_makes_another_question(shop: Shop, text: str) -> None:
    shop.asks()
    shop.asks(text)
    assert shop.calls() == 2


def test_the_reader_refuses_a_near_miss(shop: Shop) -> None:
    shop.asks()
    shop.reader.hard = ALIKE
    shop.asks(ALIKE)
    assert shop.calls() == 2


def test_visitors_who_may_read_more_have_entries_of_their_own(shop: Shop) -> None:
    shop.asks()
    visit = new_visit(shop.workspace_id)
    with workspace_scope(shop.workspace_id):
        Contact.objects.filter(id=visit.contact_id).update(identified_at=timezone.now())
    shop.asks(QUESTION, visit)
    assert shop.calls() == 2
    assert {entry.audience for entry in shop.entries()} == {"public", "signed_in"}


def test_another_workspace_gets_nothing(shop: Shop, other: Workspace) -> None:
    shop.asks()
    before = shop.entries()
    visit = shop.asks(QUESTION, new_visit(other.id))
    assert replies(visit) == [] and visit.now().owner == Owner.QUEUE
    with workspace_scope(other.id):
        assert not CachedAnswer.objects.exists()
    assert [(row.id, row.hits) for row in shop.entries()] == [(row.id, 0) for row in before]


def test_what_leans_on_its_dialogue_is_neither_kept_nor_answered(shop: Shop) -> None:
    visit = shop.asks("Where is the nearest shop that exchanges shoes?")
    (entry,) = shop.entries()
    shop.asks(QUESTION, visit)
    assert [row.id for row in shop.entries()] == [entry.id]
    shop.asks()
    calls = shop.calls()
    shop.asks(ALIKE, visit)
    assert shop.calls() == calls + 1


def test_a_greeting_before_it_is_no_dialogue_but_a_file_is_more_than_words(shop: Shop) -> None:
    visit = shop.asks(QUESTION, shop.asks(GREETING))
    assert (shop.calls(), len(shop.entries())) == (1, 1)
    visit = shop.asks(ALIKE, shop.asks(GREETING))
    assert [one.repeated for one in replies(visit)] == [False, True]
    visit = new_visit(shop.workspace_id)
    visit.says(ALIKE)
    with workspace_scope(shop.workspace_id):
        message = Message.objects.get(conversation_id=visit.conversation_id)
        file = row_in(shop.workspace_id, Attachment)
        Attachment.objects.filter(id=file.pk).update(message=message)
        assert not cache.stands_alone(message.turn_id)  # type: ignore[arg-type]  # it has a turn


@pytest.mark.parametrize(
    "text",
    [
        f"{QUESTION} I am vera@example.org",
        f"{QUESTION} My order is 1234567",
        f"{QUESTION} {'It is a long story. ' * 40}",
        "Сколько дней есть на возврат товара?",
    ],
    ids=["mail", "order", "story", "script"],
)
def test_a_question_of_one_visitor_alone_is_not_kept(shop: Shop, text: str) -> None:
    shop.asks(text)
    assert shop.calls() == 1 and shop.entries() == []


def test_an_answer_with_details_that_no_passage_has_is_personal() -> None:
    passages = [{"text": "Write to returns@shop.example."}]
    assert cache_keeping._is_personal("We write to vera@example.org [1].", passages)
    assert not cache_keeping._is_personal("Write to returns@shop.example [1].", passages)


def test_an_answer_with_the_companys_own_address_is_kept(shop: Shop) -> None:
    shop.publishes(Returns=f"## Sending back\n\n{ANSWER[:-5]}. Write to returns@shop.example.")
    shop.escalated.server.answer = "Write to [EMAIL_1] [1]."
    shop.asks()
    assert len(shop.entries()) == 1  # the company's own address is nobody's secret


@pytest.mark.parametrize("again", [False, True], ids=["the first answer", "the repeated one"])
def test_a_visitor_who_calls_it_wrong_takes_it_out_at_once(shop: Shop, again: bool) -> None:
    first = shop.asks()
    visit = shop.asks(ALIKE) if again else first
    (message,) = replies(visit)
    for _ in range(2):
        intake.give_feedback(*visit.where, message_id=message.id, verdict="wrong")
    assert shop.entries() == []


def test_an_agents_verdict_takes_it_out(shop: Shop, bob: Member) -> None:
    visit = shop.asks()
    verdicts.give(bob, receipts(visit)[-1].id, "right")
    assert len(shop.entries()) == 1
    for _ in range(2):
        verdicts.give(bob, receipts(visit)[-1].id, "wrong")
    assert shop.entries() == []


def test_what_was_called_wrong_before_it_could_be_kept_is_not_kept(shop: Shop, bob: Member) -> None:
    visit = new_visit(shop.workspace_id)
    visit.says(QUESTION)
    while (job := shop.waiting(shop.workspace_id)) and job.kind != "keep_answer":
        shop.work(job)
    verdicts.give(bob, receipts(visit)[-1].id, "wrong")
    shop.works()
    assert shop.entries() == []


def test_erasing_the_visitor_takes_the_entry_with_the_question(shop: Shop) -> None:
    from chatbot import erasing

    visit = shop.asks()
    with workspace_scope(shop.workspace_id):
        erasing.erase([visit.conversation_id])
    assert shop.entries() == []


def test_with_other_models_nothing_is_answered_again(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.asks()
    monkeypatch.setattr(models, "loaded", lambda: served(shop.reader, "another"))
    shop.asks(ALIKE)
    assert shop.calls() == 2


def test_vectors_of_another_embedder_are_not_compared(shop: Shop) -> None:
    shop.asks()
    shop.change(embedder="another")
    shop.asks(ALIKE)
    assert shop.calls() == 2


def test_what_does_not_pass_the_check_is_neither_kept_nor_given(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where a link leads to a host that is not the workspace's any more."""
    shop.asks()
    monkeypatch.setattr(cache_check, "verified", lambda *given, **named: None)
    shop.asks(ALIKE)
    assert shop.calls() == 2 and [row.question for row in shop.entries()] == [QUESTION]


def test_a_dial_that_no_threshold_keeps_answers_the_same_words_alone(
    shop: Shop, calibrate: Calibrate
) -> None:
    shop.asks()
    calibrate(thresholds={0.1: None})
    shop.asks(ALIKE)
    calibrate(thresholds={0.3: CALIBRATION.thresholds[0.1]})
    shop.asks(f"Please, {ALIKE}?")
    assert shop.calls() == 3
    for again in (QUESTION, f"  {QUESTION.lower()}?", QUESTION.rstrip("?")):
        visit = shop.asks(again)
        assert [one.repeated for one in replies(visit)] == [True], again
        assert receipts(visit)[-1].threshold is None
    assert shop.calls() == 3


def test_the_reader_is_asked_about_other_words_alone(shop: Shop) -> None:
    shop.asks()
    shop.reader.asked.clear()
    same = receipts(shop.asks(QUESTION.upper()))[-1]
    assert (same.cached, same.features["same_words"], shop.reader.asked) == (True, 1.0, [])
    assert "gain" not in same.features
    near = receipts(shop.asks(ALIKE))[-1]
    assert (near.cached, near.features["same_words"]) == (True, 0.0)
    assert set(shop.reader.asked) == {QUESTION, ALIKE} and "gain" in near.features
    assert shop.calls() == 1


def test_the_same_words_are_not_answered_again_after_an_edit(
    shop: Shop, calibrate: Calibrate
) -> None:
    shop.asks()
    calibrate(thresholds={0.1: None})
    shop.publishes(Returns=RETURNS.replace("14 days", "15 days"))
    shop.asks()
    assert shop.calls() == 2


def test_after_its_days_it_is_too_old(shop: Shop) -> None:
    shop.asks()
    shop.change(created_at=timezone.now() - timedelta(days=31))
    shop.asks(ALIKE)
    assert shop.calls() == 2
    assert [row.question for row in shop.entries()] == [ALIKE]


def test_beyond_the_bound_goes_what_was_used_longest_ago(shop: Shop) -> None:
    with override_settings(LLM_CACHE_ENTRIES=2):
        shop.asks()
        shop.asks("Where is the nearest shop that exchanges shoes?")
        shop.asks(ALIKE)
        shop.asks(LAST)
    assert [row.hits for row in shop.entries()] == [1, 0]
    assert [row.question for row in shop.entries()] == [QUESTION, LAST]
    with override_settings(LLM_CACHE_ENTRIES=0):
        shop.asks(ALIKE)
    assert shop.calls() == 4


def test_the_same_question_twice_at_once_makes_one_entry(shop: Shop) -> None:
    visits = [new_visit(shop.workspace_id) for _ in range(2)]
    for visit in visits:
        visit.says(QUESTION)
    while (job := shop.waiting(shop.workspace_id)) and job.kind == "answer_turn":
        shop.work(job)
    shop.works()
    assert shop.calls() == 2 and len(shop.entries()) == 1
    assert [one.text for visit in visits for one in replies(visit)] == [ANSWER] * 2


def test_a_worker_that_dies_while_keeping_leaves_it_to_the_next(shop: Shop) -> None:
    shop.asks()
    with workspace_scope(shop.workspace_id):
        rows = OutboxJob.objects.filter(kind="keep_answer")
        rows.update(state="ready", locked_until=None)
        job = rows.get()
        CachedAnswer.objects.all().delete()
    assert claim(shop.workspace_id, job.id, lease_s=0.0) is not None
    shop.works()
    assert len(shop.entries()) == 1


def test_no_budget_and_no_consent_still_leave_an_earlier_answer(shop: Shop) -> None:
    shop.asks()
    with workspace_scope(shop.workspace_id):
        WorkspaceSettings.objects.update_or_create(
            workspace_id=shop.workspace_id, defaults={"budget_usd_per_day": 0.0}
        )
    visit = shop.asks(ALIKE)
    assert [one.text for one in replies(visit)] == [ANSWER]
    assert len(shop.escalated.egress()) == 1


def test_where_visitors_are_asked_for_consent_an_admin_must_switch_it_on(
    shop: Shop, alice: Member
) -> None:
    shop.asks()
    with workspace_scope(shop.workspace_id):
        WorkspaceSettings.objects.update_or_create(
            workspace_id=shop.workspace_id, defaults={"consent_required": True}
        )
    visit = shop.asks(ALIKE)
    assert visit.events(visitor=True)[-1].payload["slot"] == "consent"
    cached_answers.switch(alice, True)
    visit = shop.asks(ALIKE)
    assert [one.text for one in replies(visit)] == [ANSWER]


def test_where_no_large_model_may_answer_none_answers_again(shop: Shop, alice: Member) -> None:
    shop.asks()
    with override_settings(LLM_MODEL=""):
        assert replies(shop.asks(ALIKE)) == []
    cached_answers.switch(alice, False)
    shop.asks(ALIKE)
    with workspace_scope(shop.workspace_id):
        WorkspaceSettings.objects.update_or_create(
            workspace_id=shop.workspace_id, defaults={"large_model_allowed": False}
        )
    cached_answers.switch(alice, True)
    assert replies(shop.asks(ALIKE)) == []
    assert shop.calls() == 2


@pytest.mark.parametrize("switched", [False, True], ids=["forgotten", "switched off"])
def test_an_entry_that_goes_between_look_and_answer_is_not_given(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, alice: Member, *, switched: bool
) -> None:
    shop.asks()
    give = cache.give

    def late(*given: object, **named: object) -> object:
        cached_answers.switch(alice, False) if switched else cached_answers.forget_all(alice)
        return give(*given, **named)  # type: ignore[arg-type]  # as it was called

    monkeypatch.setattr(cache, "give", late)
    visit = shop.asks(ALIKE)
    assert shop.calls() == 2 and [one.repeated for one in replies(visit)] == [False]


def test_forgetting_is_of_ones_own_workspace(shop: Shop, alice: Member, charlie: Member) -> None:
    from accounts.errors import NotFound

    shop.asks()
    (entry,) = shop.entries()
    with pytest.raises(NotFound):
        cached_answers.forget(charlie, entry.id)
    assert cached_answers.forget_all(charlie) == 0
    assert len(shop.entries()) == 1
    cached_answers.forget(alice, entry.id)
    assert shop.entries() == []
    with workspace_scope(shop.workspace_id):
        assert Receipt.objects.filter(tier=2).count() == 1
