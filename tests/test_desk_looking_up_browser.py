"""The desk by keys: one priority alone, and what the bot would say to an agent's own question."""

import pytest
from playwright.sync_api import expect

from accounts.scope import workspace_scope
from chatbot import broadcast
from chatbot.models import LookUp, LookUpState, Placement, Priority, Suggestion
from chatbot.tests.test_inbox import to_people, visit
from knowledge.articles import upsert_article
from knowledge.models import Article
from tests.browser import NewPage
from tests.cast import Cast
from tests.desks import QUOTE, Vera, sit_down
from tests.live import Live
from tests.test_desk_inbox_browser import rows
from tests.test_desk_reading import accessible

pytestmark = pytest.mark.django_db(transaction=True)


def is_read(cast: Cast) -> None:
    """As the worker of `answers` does it; the text has marks of Markdown."""
    upsert_article(cast.workspace.id, doc_id="returns", title="Returns", text=QUOTE)
    with workspace_scope(cast.workspace.id):
        article = Article.objects.get(external_id="returns")
        assert article.wanted_revision_id
        asked = LookUp.objects.get()
        url = f"/help/acme/{article.id}/"
        Suggestion.objects.create(
            workspace=cast.workspace, conversation_id=cast.conversation_id, look_up=asked,
            number=1, question=asked.question, text="Within **30** days.", public=True,
            citation={"number": 1, "article_id": str(article.id), "title": "Returns",
                      "heading": "", "url": url, "quote": QUOTE},
            article_id=article.id, revision_id=article.wanted_revision_id, doc_id="returns",
            start=0, end=19, relevance=0.9,
        )  # fmt: skip
        asked.state = LookUpState.DONE
        asked.save()
        broadcast.pane_changed_after_commit(cast.conversation_id)


def test_an_agent_looks_up_and_inserts_by_keys_alone(
    web: Live, new_page: NewPage, cast: Cast
) -> None:
    vera = Vera(cast)
    vera.says("Help")
    vera.asks_for_a_person()
    bob = sit_down(new_page, web, cast.bob, viewport={"width": 1400, "height": 900}).claim()
    page, pane = bob.page, bob.page.locator("#pane")
    expect(pane).to_contain_text("The summary is being made")

    page.locator("#conversation-title, h2").first.click()
    page.keyboard.press("q")
    field = page.get_by_label("What would the bot say?")
    expect(field).to_be_focused()
    page.keyboard.type("How long can an anvil go back?")
    page.keyboard.press("Enter")
    expect(pane).to_contain_text("The articles are being read")
    accessible(page)
    is_read(cast)
    expect(pane.locator("[data-number='4']")).to_be_visible()  # came by itself
    expect(pane).to_contain_text("Within 30 days.")  # read as words
    accessible(page)
    page.keyboard.press("Alt+4")
    expect(bob.field).to_have_value("Within **30** days.")
    expect(page.locator("#based")).to_be_visible()


def test_the_most_urgent_stand_first_and_a_key_shows_one_priority(
    web: Live, new_page: NewPage, cast: Cast
) -> None:
    ids = {name: to_people(cast, visit(cast, name)) for name in ("Ann", "Ben", "Cleo")}
    with workspace_scope(cast.workspace.id):
        for name, priority in (("Cleo", Priority.URGENT), ("Ben", Priority.HIGH)):
            Placement.objects.filter(conversation_id=ids[name]).update(priority=priority)
    bob = sit_down(new_page, web, cast.bob)
    page = bob.page
    in_order = ["Cleo (not read)", "Ben (not read)", "Ann (not read)"]
    expect(rows(bob)).to_have_text(in_order)
    for shown in (in_order[:1], in_order[1:2], in_order[2:], in_order):
        page.keyboard.press("u")
        expect(rows(bob)).to_have_text(shown)
    page.get_by_text("Filters and order").click()
    page.get_by_label("Priority").select_option("high")
    expect(rows(bob)).to_have_text(in_order[1:2])
    accessible(page)
    page.reload()
    expect(rows(bob)).to_have_text(in_order[1:2])
