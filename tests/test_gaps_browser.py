"""Outcomes and gaps in a real browser: by keyboard, by phone, and until a gap is closed.

The test plays the knowledge worker.
"""

import pytest
from playwright.sync_api import expect

from chatbot.answering import pipeline
from knowledge import embedding
from knowledge.tests.conftest import FakeEmbedder
from learning.tests.auditing import work
from learning.tests.outcomes import answered, by_large_model, replied, review, verdict
from learning.tests.test_gaps import GIRAFFE, REPLY, knows_giraffes
from tests.browser import NewPage
from tests.cast import Cast
from tests.live import Live
from tests.test_console_browser import accessible, opened

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("weighing")]


@pytest.fixture
def shop(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Cast:
    fake = FakeEmbedder()
    monkeypatch.setattr(embedding, "embedder", lambda: fake)
    for text in GIRAFFE:
        replied(cast, text, reply=REPLY)
    verdict(cast, answered(cast), "helped")
    by_large_model(cast, "Where is your shop in Berlin?")
    review(cast)
    return cast


def test_a_figure_leads_to_a_conversation(web: Live, new_page: NewPage, shop: Cast) -> None:
    page = opened(new_page, web, shop.alice, "outcomes/")
    expect(page.locator("svg.plot")).to_have_count(3)
    box = page.locator("svg.plot .bar-part.people").bounding_box()
    assert box and box["height"] > 50
    accessible(page)
    page.set_viewport_size({"width": 360, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.get_by_role("link", name="by people: tier 3").click()
    expect(page.get_by_text("3 conversations")).to_be_visible()
    accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.get_by_role("link", name=GIRAFFE[0]).click()
    expect(page.get_by_text(REPLY)).to_be_visible()
    accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_a_gap_is_closed(
    web: Live, new_page: NewPage, shop: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = opened(new_page, web, shop.alice, "gaps/")
    accessible(page)
    page.set_viewport_size({"width": 360, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.locator("table.gaps a").first.click()
    expect(page.get_by_text("being asked again")).to_be_visible()
    accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    work(shop.workspace.id)
    expect(page.get_by_text("0 of 3 answered")).to_be_visible()
    page.get_by_role("button", name="Write the article").click()
    expect(page.get_by_label("Text")).to_have_value(REPLY)
    page.get_by_role("button", name="Save and publish").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    monkeypatch.setattr(pipeline, "answer", knows_giraffes)
    work(shop.workspace.id)
    page.get_by_role("link", name="Quality", exact=True).click()
    page.get_by_role("link", name="Gaps", exact=True).click()
    page.locator("table.gaps a").first.click()
    work(shop.workspace.id)
    expect(page.get_by_text("3 of 3 answered")).to_be_visible()
