"""The risk dial in a real browser: plots are drawn, and a setting is chosen."""

import pytest
from playwright.sync_api import expect

from learning.tests.test_dial import audited
from tests.browser import NewPage
from tests.cast import Cast
from tests.live import Live
from tests.test_console_browser import accessible, opened

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("weighing")]


def test_an_administrator_chooses_a_certified_setting(
    web: Live, new_page: NewPage, cast: Cast
) -> None:
    audited(cast, 60, confidence=0.7)
    audited(cast, 20, confidence=0.5, wrong=2)
    audited(cast, 30, confidence=0.3, wrong=12)
    page = opened(new_page, web, cast.alice, "dial/")
    expect(page.locator("svg.plot")).to_have_count(2)
    box = page.locator("svg.plot polyline.line").bounding_box()
    assert box and box["width"] > 200 and box["height"] > 10
    accessible(page)
    page.get_by_role("button", name="Allow 10% wrong answers").click()
    expect(page.get_by_text("It holds from the next question on.")).to_be_visible()
    expect(page.locator("tr.in-force th")).to_have_text("10%")
    expect(page.locator("tr.in-force").get_by_text("certified", exact=True)).to_be_visible()
    accessible(page)
