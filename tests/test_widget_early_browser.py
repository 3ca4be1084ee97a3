"""What a visitor does before the chat's scripts are there, and pictures that are for some alone."""

import re
import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect
from pytest_django import Settings

from accounts.scope import workspace_scope
from accounts.workspaces import change_settings
from chatbot import identity_keys
from chatbot.models import Contact
from chatbot.tests.test_articles_for_signed_in import illustrated
from chatbot.tests.test_identity import signed
from tests.chatting import Shop, Widget, answer, texts, visit
from tests.hostpage import HostPage
from tests.live import Live
from tests.test_extras_browser import FORM, says_who

pytestmark = pytest.mark.django_db(transaction=True)
ASKED_S = 60.0


def holding(held: list[Route]) -> Callable[[Route], None]:
    def hold(route: Route) -> None:  # Playwright marks what it is given, which a method is not for
        held.append(route)

    return hold


def let_go(page: Page, held: list[Route]) -> None:
    """The script comes, as soon as it was asked for."""
    deadline = time.monotonic() + ASKED_S
    while not held:
        assert time.monotonic() < deadline
        page.wait_for_timeout(20)
    held[0].continue_()


@pytest.fixture
def late(page: Page, host: HostPage) -> tuple[Widget, list[Route]]:
    """Open, but one of its scripts is still on its way; `let_go` lets it come."""
    held: list[Route] = []
    page.route("**/widget/composer.js", holding(held))
    widget = visit(page, host)
    widget.launcher.click()
    widget.field.click()
    return widget, held


def test_enter_before_the_scripts_sends_once_they_are_there(
    late: tuple[Widget, list[Route]], shop: Shop
) -> None:
    widget, held = late
    expect(widget.frame.get_by_role("button", name="Send", exact=True)).to_be_disabled()
    widget.page.keyboard.type("Is anybody there?")
    widget.page.keyboard.press("Enter")
    expect(widget.field).to_have_value("Is anybody there?\n")
    let_go(widget.page, held)
    widget.sent("Is anybody there?")
    expect(widget.field).to_have_value("")
    widget.page.unroute("**/widget/composer.js")
    widget.page.reload()
    widget.sent("Is anybody there?")
    assert texts(shop.workspace.id) == ["Is anybody there?"]
    with workspace_scope(shop.workspace.id):
        assert Contact.objects.count() == 1


def test_what_was_typed_without_enter_stays_to_be_sent(
    late: tuple[Widget, list[Route]], shop: Shop
) -> None:
    widget, held = late
    widget.page.keyboard.type("Not yet")
    let_go(widget.page, held)
    expect(widget.frame.get_by_role("button", name="Send", exact=True)).to_be_enabled()
    widget.says()
    expect(widget.field).to_have_value("Not yet")
    widget.field.press("Enter")
    widget.sent("Not yet")
    assert texts(shop.workspace.id) == ["Not yet"]


def test_a_draft_that_a_reload_brings_back_is_not_sent(widget: Widget, shop: Shop) -> None:
    """Some browsers fill the field anew, before the scripts come: it ends as it did."""
    widget.field.click()
    widget.page.keyboard.type("Not yet")
    widget.page.keyboard.press("Shift+Enter")
    expect(widget.field).to_have_value("Not yet\n")
    held: list[Route] = []
    widget.page.route("**/widget/composer.js", holding(held))
    widget.page.reload(wait_until="commit")
    widget.opens_again()
    widget.field.fill("Not yet\n")
    let_go(widget.page, held)
    expect(widget.frame.get_by_role("button", name="Send", exact=True)).to_be_enabled()
    widget.says()
    expect(widget.field).to_have_value("Not yet\n")
    assert texts(shop.workspace.id) == []


def test_nothing_goes_past_the_form_that_comes_first(
    page: Page, host: HostPage, shop: Shop
) -> None:
    change_settings(shop.workspace.id, actor=shop.alice, prechat=FORM)
    held: list[Route] = []
    page.route("**/widget/composer.js", holding(held))
    widget = visit(page, host)
    widget.launcher.click()
    widget.field.click()
    page.keyboard.type("Let me in")
    page.keyboard.press("Enter")
    let_go(page, held)
    widget.frame.get_by_label("E-mail", exact=True).fill("vera@example.com")
    widget.frame.get_by_role("button", name="Begin").click()
    expect(widget.field).to_have_value("Let me in\n")
    assert texts(shop.workspace.id) == []
    widget.field.press("Enter")
    widget.sent("Let me in")


def test_pictures_for_signed_in_readers_are_shown_to_one(
    widget: Widget, web: Live, shop: Shop, page_errors: list[str], settings: Settings
) -> None:
    folder = web.supervisor.log("web").parent / "pictures"
    place = {"BACKEND": settings.STORAGES["pictures"]["BACKEND"], "OPTIONS": {"location": folder}}
    settings.STORAGES = settings.STORAGES | {"pictures": place}
    article_id, file = illustrated(shop.alice, "acme").split("/")
    path = f"/help/acme/pictures/{file}"
    widget.send("Which plan have I got?")
    widget.sent("Which plan have I got?")
    says_who(widget, signed(identity_keys.make(shop.workspace.id, actor=shop.alice), "u1"))
    citation = {"number": 1, "article_id": article_id, "title": "Plan", "heading": "",
                "url": f"/help/acme/{article_id}/", "quote": ""}  # fmt: skip
    answer(shop.workspace.id, f"This one.\n\n![Plan]({path})", citations=[citation])
    is_seen = re.compile("^data:image/png")
    said = widget.messages.last.locator(".bubble img")
    expect(said).to_have_attribute("src", is_seen)
    expect(said).to_have_js_property("naturalWidth", 8)
    widget.log.get_by_role("button", name="Plan").click()
    shown = widget.frame.locator("#panel article img")
    expect(shown).to_have_attribute("src", is_seen)
    expect(shown).to_have_js_property("naturalWidth", 8)
    assert all(path in one for one in page_errors) and page_errors  # by its address alone: 404
    page_errors.clear()
