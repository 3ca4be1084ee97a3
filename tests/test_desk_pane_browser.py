"""Beside the conversation, in real browsers: one journey of two agents shows most of it."""

import re

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from accounts.scope import workspace_scope
from chatbot import broadcast, canned, desk_settings, handoff
from chatbot.answering.contract import ANSWER, ESCALATE
from chatbot.canned import Written
from chatbot.desk_settings import Decided
from chatbot.models import AnswerVerdict, Assist, Contact, Message, Suggestion, SuggestionUse
from knowledge.articles import upsert_article
from knowledge.models import Article
from tests.browser import NewPage
from tests.cast import Cast
from tests.desks import QUOTE, Vera, decided, sit_down
from tests.live import Live

pytestmark = pytest.mark.django_db(transaction=True)


def is_assisted(cast: Cast) -> None:
    """As the worker of `answers` does it: three lines and a suggestion, for the newest message."""
    upsert_article(cast.workspace.id, doc_id="returns", title="Returns", text=QUOTE)
    with workspace_scope(cast.workspace.id):
        article = Article.objects.get(external_id="returns")
        assert article.wanted_revision_id
        newest = Message.objects.filter(author="visitor").latest("created_at")
        made = {"workspace": cast.workspace, "conversation_id": cast.conversation_id}
        Assist.objects.create(
            message=newest, asked="My anvil is broken", left_open="May I return it?", **made
        )
        url = f"/help/acme/{article.id}/"
        for number, public in ((1, True), (2, False)):
            Suggestion.objects.create(
                message=newest, number=number, question=newest.text, text=QUOTE, public=public,
                citation={"number": 1, "article_id": str(article.id), "title": "Returns",
                          "heading": "", "url": url, "quote": QUOTE},
                article_id=article.id, revision_id=article.wanted_revision_id, doc_id="returns",
                start=0, end=len(QUOTE), relevance=0.9, made_at=timezone.now(), **made,
            )  # fmt: skip
        broadcast.pane_changed_after_commit(cast.conversation_id)


def test_two_agents_with_all_that_stands_beside(web: Live, new_page: NewPage, cast: Cast) -> None:
    vera = Vera(cast)
    vera.says("My anvil is broken")
    vera.is_answered(decided(ANSWER, confidence=0.93))
    vera.says("May I return it?")
    vera.asks_for_a_person()
    with workspace_scope(cast.workspace.id):
        Contact.objects.filter(id=cast.vera.contact_id).update(name="Vera")
    canned.save(cast.alice, Written("hello", "Good day {visitor.name}, I am {agent.name}.", True))

    bob = sit_down(new_page, web, cast.bob, viewport={"width": 1400, "height": 900}).claim()
    pane = bob.page.locator("#pane")
    expect(pane).to_contain_text("The summary is being made")
    is_assisted(cast)
    expect(pane).to_contain_text("May I return it?")  # came by itself
    expect(pane).to_contain_text("For members: read only, never sent")

    # A canned reply by its name, and below it the suggestion by its key.
    bob.field.press_sequentially("/he")
    expect(bob.page.locator("#canned [role=option]")).to_contain_text("/hello")
    bob.field.press("Enter")
    expect(bob.field).to_have_value("Good day Vera, I am Bob.")
    bob.field.press("Alt+1")
    expect(bob.field).to_have_value(f"Good day Vera, I am Bob.\n\n{QUOTE}")
    bob.field.press("Alt+2")  # not public: nothing happens
    expect(bob.page.locator("#based")).to_be_visible()

    # Alice sees him, and he her; her note names him.
    alice = sit_down(new_page, web, cast.alice).open("others")
    expect(bob.page.locator("#present")).to_contain_text("Alice looks at this too.")
    expect(alice.page.locator("#present")).to_contain_text(re.compile("^Bob"))
    alice.write("@Bob she is a regular", mode="Internal note")
    expect(bob.notices).to_contain_text("Alice mentions you in a note.")

    # What he has typed is there after a reload, with its source.
    with bob.page.expect_response(re.compile("/drafts/")):
        bob.field.press_sequentially(" Bye")
    bob.page.reload()
    bob.is_connected()
    expect(bob.field).to_have_value(f"Good day Vera, I am Bob.\n\n{QUOTE} Bye")
    bob.has_state("You have this conversation")
    bob.field.press("Enter")
    expect(bob.field).to_have_value("")
    expect(bob.log.locator(".message.member")).to_contain_text("Returns")

    # One click on what the bot said.
    verdict = bob.log.get_by_role("button", name="wrong", exact=True)
    verdict.click()
    expect(verdict).to_have_attribute("aria-pressed", "true")
    expect(alice.log).to_contain_text("said Bob")
    with workspace_scope(cast.workspace.id):
        assert AnswerVerdict.objects.get().verdict == "wrong"
        assert SuggestionUse.objects.get().edited
    reads = str(vera.reads())
    assert "regular" not in reads and "verdict" not in reads


def test_a_reply_that_overlooks_a_colleagues_is_held_back_once(
    web: Live, new_page: NewPage, cast: Cast
) -> None:
    vera = Vera(cast)
    vera.says("My anvil is broken")
    vera.asks_for_a_person()
    bob = sit_down(new_page, web, cast.bob).claim()
    bob.field.fill("Is it the horn?")

    handoff.release(cast.bob, cast.conversation_id)
    handoff.claim(cast.alice, cast.conversation_id)
    handoff.reply(cast.alice, cast.conversation_id, client_id="a", text="Is it the base?")
    handoff.release(cast.alice, cast.conversation_id)
    handoff.claim(cast.bob, cast.conversation_id)
    expect(bob.log).to_contain_text("Is it the base?")
    bob.has_state("You have this conversation")
    bob.field.press("Enter")

    expect(bob.page.locator("#text-problem")).to_contain_text("Somebody else has replied")
    expect(bob.field).to_have_value("Is it the horn?")
    assert vera.replies() == ["Is it the base?"]
    bob.field.press("Enter")
    expect(bob.field).to_have_value("")
    assert vera.replies() == ["Is it the base?", "Is it the horn?"]


def test_the_bots_question_is_answered_in_one_field_on_a_phone(
    web: Live, new_page: NewPage, cast: Cast
) -> None:
    desk_settings.change(cast.alice, Decided(ask_colleague=True, colleague_minutes=5))
    bob = sit_down(new_page, web, cast.bob, viewport={"width": 360, "height": 740})
    vera = Vera(cast)
    vera.says("Do you sell left-handed anvils?")
    vera.is_answered(decided(ESCALATE, confidence=0.2, reason="low_confidence"))

    ask = bob.page.locator("#for-me form")
    expect(ask).to_contain_text("Do you sell left-handed anvils?")
    width = bob.page.evaluate("document.documentElement.scrollWidth")
    assert width <= 360
    ask.get_by_role("textbox").fill("Yes, on order.")
    ask.get_by_role("button", name="Answer").click()
    expect(ask).to_have_count(0)

    said = [one["payload"] for one in vera.reads() if one["kind"] == "message.posted"]
    assert said[-1]["slot"] == "colleague" and "Yes, on order." in said[-1]["text"]
