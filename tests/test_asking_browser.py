"""Playground, golden questions and the check before publishing, with the models and workers."""

import pytest
from playwright.sync_api import Page, expect

from accounts.scope import workspace_scope
from accounts.workspaces import change_settings
from knowledge.articles import upsert_article
from knowledge.models import Article
from tests.browser import NewPage
from tests.cast import Cast
from tests.live import Live
from tests.test_console_browser import accessible, opened

pytestmark = pytest.mark.django_db(transaction=True)
RETURNS = "# Returns\n\nYou can send anything back within 30 days of the delivery."
ASKED = "Within how many days can I send something back?"


def fits_a_phone(page: Page) -> None:
    page.set_viewport_size({"width": 360, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.set_viewport_size({"width": 1280, "height": 900})


def answers(cast: Cast) -> bool:
    with workspace_scope(cast.workspace.id):
        return Article.objects.filter(published_revision__isnull=False).exists()


def test_a_question_is_tried_kept_and_guards_its_article(
    live: Live, new_page: NewPage, cast: Cast, page_errors: list[str]
) -> None:
    change_settings(cast.workspace.id, actor=cast.alice, risk=0.5)
    upsert_article(cast.workspace.id, doc_id="returns", title="Returns", text=RETURNS)
    live.wait_until(lambda: answers(cast), "the article is published")
    page = opened(new_page, live, cast.alice, "playground/")
    page.get_by_label("Question").fill(ASKED)
    page.get_by_role("button", name="Ask").click()
    expect(page.get_by_text("1: compact model on this server")).to_be_visible()
    expect(page.locator("table.scores mark")).to_contain_text("30 days")
    accessible(page)
    fits_a_phone(page)
    page.get_by_role("button", name="this answer is right").click()
    expect(page.get_by_text("It is a golden question now.")).to_be_visible()
    accessible(page)
    fits_a_phone(page)

    page.get_by_role("link", name="Golden questions", exact=True).click()
    page.get_by_role("button", name="Ask all of them now").click()
    expect(page.get_by_text("right: 1")).to_be_visible()
    expect(page.get_by_role("button", name="Ask all of them now")).to_be_visible()
    accessible(page)
    fits_a_phone(page)

    page.get_by_role("link", name="Knowledge", exact=True).click()
    page.get_by_role("link", name="Returns").click()
    page.get_by_label("Text").fill("# Returns\n\nPlease ask our friendly team.")
    page.get_by_role("button", name="Check before publishing").click()
    expect(page.get_by_text("It can affect 1 of 1 golden questions.")).to_be_visible()
    expect(page.get_by_text("gets lost: 1")).to_be_visible()
    accessible(page)
    fits_a_phone(page)
    page.get_by_role("button", name="Save and publish").click()
    expect(page.get_by_text("Not published: 1 golden question")).to_be_visible()
    expect(page.get_by_text("gets lost: 1")).to_be_visible()
    assert all("400 (Bad Request)" in error for error in page_errors)
    page_errors.clear()
    page.get_by_role("button", name="Publish although 1 answer gets lost").click()
    expect(
        page.get_by_text("Saved. It answers questions as soon as it is indexed.")
    ).to_be_visible()

    page.get_by_role("link", name="Revisions").click()
    page.get_by_role("button", name="Restore").click()
    expect(page.get_by_text("Restored. It answers questions")).to_be_visible()  # went on by itself
    page.get_by_role("button", name="Archive", exact=True).click()
    expect(page.get_by_role("button", name="although 1 answer gets lost")).to_be_visible()
    accessible(page)
    fits_a_phone(page)
    page.get_by_role("button", name="although 1 answer gets lost").click()
    expect(page.get_by_text("The article is archived.", exact=False)).to_be_visible()


def test_an_article_is_found_by_its_title_while_a_golden_question_is_written(
    web: Live, new_page: NewPage, cast: Cast
) -> None:
    upsert_article(cast.workspace.id, doc_id="r-17", title="Returns", text=RETURNS)
    page = opened(new_page, web, cast.alice, "golden/new/")
    page.get_by_label("Question").fill(ASKED)
    page.get_by_label("Expected").select_option("article")
    page.get_by_label("Article", exact=True).press_sequentially("retu")
    expect(page.locator("datalist option[value='r-17']")).to_be_attached()
    with page.expect_response("**/golden/articles/*"):
        page.get_by_label("Article", exact=True).fill("r-17")
    accessible(page)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("The question is saved.")).to_be_visible()
