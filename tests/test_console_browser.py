"""The console in a real browser, as editors and administrators use it.

The test plays the knowledge worker.
"""

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from playwright.sync_api import Page, expect

from accounts.models import Member
from knowledge import embedding
from knowledge.tests.conftest import FakeEmbedder
from knowledge.tests.worker import work
from tests.browser import NewPage
from tests.cast import Cast
from tests.live import Live

pytestmark = pytest.mark.django_db(transaction=True)


def log_in(page: Page, web: Live, who: Member) -> Page:
    client = Client()
    client.force_login(who.user)
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": web.url}]
    )
    return page


def opened(new_page: NewPage, web: Live, who: Member, path: str) -> Page:
    page = log_in(new_page(), web, who)
    page.goto(f"{web.url}/console/acme/{path}")
    return page


def accessible(page: Page) -> None:
    found = Axe().run(page, options={"resultTypes": ["violations"]})
    assert found.violations_count == 0, found.generate_report()


@pytest.fixture
def worker(monkeypatch: pytest.MonkeyPatch) -> None:
    fake = FakeEmbedder()
    monkeypatch.setattr(embedding, "embedder", lambda: fake)


def test_an_article_is_written_previewed_published_and_found(
    web: Live, new_page: NewPage, cast: Cast, worker: None
) -> None:
    page = opened(new_page, web, cast.alice, "articles/new/")
    page.get_by_label("Title").fill("Lost keys")
    page.get_by_label("Text", exact=True).fill("# Lost keys\n\nA new key costs **ten** giraffes.")
    page.get_by_role("button", name="Preview").click()
    expect(page.locator("#preview strong")).to_have_text("ten")
    accessible(page)
    page.get_by_role("button", name="Save and publish").click()
    expect(page.get_by_text("indexing", exact=True)).to_be_visible()
    work(cast.workspace.id)
    page.reload()
    expect(page.get_by_role("link", name="See its page")).to_be_visible()
    page.get_by_role("link", name="Articles", exact=True).click()
    accessible(page)
    page.get_by_label("Search").press_sequentially("nothing like it")
    expect(page.get_by_text("0 articles")).to_be_visible()
    page.get_by_label("Search").fill("giraffe")
    expect(page.get_by_role("link", name="Lost keys")).to_be_visible()
    page.get_by_role("link", name="Start", exact=True).click()
    expect(page.get_by_text("1 passages, 1 of them found by meaning")).to_be_visible()
    accessible(page)


def test_an_upload_shows_by_itself_that_it_was_imported(
    web: Live, new_page: NewPage, cast: Cast, worker: None, tmp_path: Path
) -> None:
    (tmp_path / "terms.md").write_text("# Terms\n\nA lemur.")
    page = opened(new_page, web, cast.alice, "uploads/")
    page.get_by_label("Files").set_input_files(tmp_path / "terms.md")
    page.get_by_role("button", name="Upload").click()
    expect(page.get_by_text("waiting", exact=True)).to_be_visible()
    work(cast.workspace.id)
    expect(page.get_by_text("1 article published")).to_be_visible()
    accessible(page)


@pytest.mark.parametrize("path", ["", "widget/", "members/", "keys/", "audit/"])
def test_the_settings_are_for_everybodys_eyes_and_hands(
    web: Live, new_page: NewPage, cast: Cast, path: str
) -> None:
    page = opened(new_page, web, cast.alice, f"settings/{path}")
    accessible(page)
    page.set_viewport_size({"width": 360, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
