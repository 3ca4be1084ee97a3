"""What editors and administrators do in the console from end to end, where no other journey does.

The test plays the workers.
"""

import csv
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.scope import workspace_scope
from knowledge import embedding
from knowledge.models import Article
from knowledge.tests.conftest import FakeEmbedder
from learning.tests.auditing import work
from learning.tests.outcomes import answered, review, verdict
from outbox import recurring
from tests.browser import NewPage
from tests.cast import Cast
from tests.live import Live
from tests.test_console_browser import accessible, opened

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("weighing")]
NEXT_YEAR = f"{timezone.now().year + 1}-02-03T04:05"


@pytest.fixture(autouse=True)
def worker(monkeypatch: pytest.MonkeyPatch) -> None:
    fake = FakeEmbedder()
    monkeypatch.setattr(embedding, "embedder", lambda: fake)


def published(cast: Cast) -> list[str]:
    """The texts that answer."""
    with workspace_scope(cast.workspace.id):
        rows = Article.objects.filter(archived_at=None, published_revision__isnull=False)
        return list(rows.values_list("published_revision__text", flat=True))


def test_an_article_goes_all_of_its_way(web: Live, new_page: NewPage, cast: Cast) -> None:
    page = opened(new_page, web, cast.alice, "articles/new/")
    page.get_by_label("Title").fill("Keys")
    text = page.get_by_label("Text", exact=True)
    text.fill("A lost key costs ten giraffes.")
    page.keyboard.press("Control+s")
    expect(page.get_by_text("The draft is saved.")).to_be_visible()
    _leaving_asks_first(page)
    page.get_by_role("button", name="Save and send for review").press("Enter")
    expect(page.get_by_text("The draft waits for its review.")).to_be_visible()
    assert published(cast) == []
    page.get_by_role("button", name="Publish this draft").press("Enter")
    work(cast.workspace.id)
    text.fill("A lost key costs twelve giraffes.")
    page.get_by_role("button", name="Save and publish").press("Enter")
    expect(page.get_by_text("Saved.")).to_be_visible()
    work(cast.workspace.id)
    assert published(cast) == ["A lost key costs twelve giraffes."]

    page.get_by_role("link", name="Revisions").press("Enter")
    page.get_by_role("row").nth(2).get_by_role("button", name="Restore").press("Enter")
    expect(text).to_have_value("A lost key costs ten giraffes.")
    work(cast.workspace.id)
    assert published(cast) == ["A lost key costs ten giraffes."]

    page.get_by_label("Archive the article on").fill(NEXT_YEAR)
    page.get_by_role("button", name="Schedule archiving").press("Enter")
    expect(page.get_by_role("button", name="Cancel archiving")).to_be_visible()
    accessible(page)
    page.get_by_role("link", name="Articles", exact=True).press("Enter")
    expect(page.get_by_text("archives 02/03/")).to_be_visible()
    page.get_by_label("With several articles:").select_option("archive")
    page.get_by_role("button", name="All that match").press("Enter")
    page.get_by_role("button", name="Do it").press("Enter")
    expect(page.get_by_text("1 article changed")).to_be_visible()
    assert published(cast) == []


def _leaving_asks_first(page: Page) -> None:
    """A click beside the form loses nothing: whoever stays has the text."""
    text = page.get_by_label("Text", exact=True)
    before = text.input_value()
    text.fill("Unsaved.")
    with page.expect_event("dialog") as asked:
        page.once("dialog", lambda dialog: dialog.dismiss())
        page.get_by_role("link", name="Sources", exact=True).click(no_wait_after=True)
    assert asked.value.type == "beforeunload"
    expect(text).to_have_value("Unsaved.")
    text.fill(before)


def test_figures_are_saved_as_a_table(
    web: Live, new_page: NewPage, cast: Cast, tmp_path: Path
) -> None:
    verdict(cast, answered(cast), "helped")
    review(cast)
    page = opened(new_page, web, cast.alice, "outcomes/")
    with page.expect_download() as saved:
        page.get_by_role("link", name="Days", exact=True).press("Enter")
    path = tmp_path / "days.csv"
    saved.value.save_as(path)
    with path.open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    assert sum(int(row["conversations"]) for row in rows) == 1


def test_the_snippet_is_copied_and_a_change_is_in_the_audit_log(
    web: Live, new_page: NewPage, cast: Cast
) -> None:
    page = opened(new_page, web, cast.alice, "settings/widget/")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=web.url)
    page.get_by_role("button", name="Copy").press("Enter")
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    loader = f"{web.url}/widget/v1/{cast.acme.widget_key}/loader.js"
    assert copied == f'<script src="{loader}" async></script>'
    page.get_by_label("Greeting").fill("Good to see you.")
    page.get_by_label("Greeting").press("Tab")
    page.get_by_role("button", name="Save").press("Enter")
    expect(page.get_by_text("The widget is saved.")).to_be_visible()
    page.get_by_role("link", name="Workspace", exact=True).press("Enter")
    page.get_by_role("link", name="Audit log", exact=True).press("Enter")
    expect(page.get_by_role("row", name="Good to see you.")).to_contain_text("Alice")
    accessible(page)


def test_the_digest_of_the_week_is_read_and_ordered(
    web: Live, new_page: NewPage, cast: Cast
) -> None:
    for _ in range(3):
        answered(cast, "May I return an anvil?")
    now = timezone.now()
    recurring.enqueue_due((now + timedelta(days=7 - now.weekday())).replace(hour=12))  # on Monday
    work(cast.workspace.id)
    page = opened(new_page, web, cast.alice, "digest/")
    expect(page.locator("ol.asked li").first).to_contain_text("May I return an anvil?")
    expect(page.locator("ol.asked .count").first).to_have_text("3")
    page.get_by_role("button", name="Subscribe").press("Enter")
    expect(page.get_by_text("You get each digest by mail, on Monday.")).to_be_visible()
    accessible(page)
    page.get_by_role("button", name="Unsubscribe").press("Enter")
    expect(page.get_by_role("button", name="Subscribe", exact=True)).to_be_visible()
