"""Answers to check, by keyboard, in a real browser."""

import pytest
from playwright.sync_api import expect

from learning.tests.auditing import drawn, new_visitor, say, set_share
from tests.browser import NewPage
from tests.cast import Cast
from tests.live import Live
from tests.test_console_browser import accessible, opened

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("weighing")]


def test_an_agent_checks_answers_by_keyboard(web: Live, new_page: NewPage, cast: Cast) -> None:
    set_share(cast, 1.0)
    say(cast, cast.vera, "May I return an anvil?")
    say(cast, new_visitor(cast), "And a giraffe?")
    page = opened(new_page, web, cast.bob, "checks/")
    page.wait_for_timeout(500)  # a page's keys wait until it could be read
    page.keyboard.press("1")
    expect(page.get_by_text("May I return an anvil?")).to_be_visible()
    expect(page.locator("mark")).to_contain_text("30 days")
    accessible(page)
    page.wait_for_timeout(500)
    page.keyboard.press("2")
    expect(page.get_by_text("Saved: wrong.")).to_be_visible()
    accessible(page)
    page.wait_for_timeout(500)
    page.keyboard.press("6")
    expect(page.get_by_text("The reason is saved.")).to_be_visible()
    expect(page.get_by_text("And a giraffe?")).to_be_visible()
    page.wait_for_timeout(500)
    page.keyboard.press("3")
    expect(page.get_by_text("Nothing to do.")).to_be_visible()
    accessible(page)
    found = [(one.verdict, one.reason) for one in drawn(cast)]
    assert found == [("wrong", "outdated"), ("unclear", "")]
