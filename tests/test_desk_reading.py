"""What agents find out at the desk: receipts, the keys, and all of it without eyes or mouse."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from chatbot.answering.contract import ANSWER, ESCALATE
from tests.browser import NewPage
from tests.cast import PASSWORD, Cast
from tests.desks import ARTICLE_ID, QUOTE, Desk, Vera, decided, sit_down
from tests.live import Live

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def vera(cast: Cast) -> Vera:
    """Got an answer, was not happy with it, and waits."""
    visitor = Vera(cast)
    visitor.says("Can I return an anvil?")
    visitor.is_answered(decided(ANSWER, confidence=0.931))
    visitor.says("And a used one?")
    visitor.is_answered(decided(ESCALATE, confidence=0.42, reason="low_confidence"))
    return visitor


def accessible(page: Page) -> None:
    found = Axe().run(page, options={"resultTypes": ["violations"]})
    assert found.violations_count == 0, found.generate_report()


def open_receipt(desk: Desk, index: int) -> str:
    receipt = desk.log.locator("details").nth(index)
    receipt.locator("summary").click()
    return receipt.inner_text()


def test_a_receipt_under_the_answer_shows_the_evidence(
    web: Live, new_page: NewPage, cast: Cast, vera: Vera
) -> None:
    bob = sit_down(new_page, web, cast.bob).open("waiting")

    words = open_receipt(bob, 0)

    for part in ("93.1% ≥ 87%", "at most 5% wrong", "1: compact model", "$0.00", "93 ms", "97.4%"):
        assert part in words
    answer = bob.log.locator(".message.bot")
    expect(answer.locator("mark")).to_have_text(QUOTE)
    expect(answer.get_by_role("link", name="Returns › Time limits").first).to_have_attribute(
        "href", f"{web.url}/help/acme/{ARTICLE_ID}/#h-time-limits"
    )


def test_a_receipt_without_an_answer_says_why_there_is_none(
    web: Live, new_page: NewPage, cast: Cast, vera: Vera
) -> None:
    bob = sit_down(new_page, web, cast.bob).open("waiting")

    words = open_receipt(bob, 1)

    assert "Why the bot did not answer" in words
    assert "42% < 87%" in words
    assert "the bot was not sure enough" in words
    expect(bob.log).to_contain_text("Passed to the agents: the bot was not sure enough")
    expect(bob.list("waiting")).to_contain_text("the bot was not sure enough")


def test_a_receipt_that_comes_later_is_folded_under_its_answer(
    web: Live, new_page: NewPage, cast: Cast
) -> None:
    visitor = Vera(cast)
    visitor.says("Can I return an anvil?")
    bob = sit_down(new_page, web, cast.bob).open("others")

    visitor.is_answered(decided(ANSWER, confidence=0.931))

    expect(bob.log.locator(".message.bot details")).to_have_count(1)
    expect(bob.log.locator("details")).to_have_count(1)


def test_everything_goes_by_keys(web: Live, new_page: NewPage, cast: Cast, vera: Vera) -> None:
    bob = sit_down(new_page, web, cast.bob)
    keys = bob.page.keyboard

    expect(bob.list("waiting")).to_have_count(1)
    keys.press("j")
    expect(bob.log).to_have_attribute("aria-live", "polite")
    keys.press("c")
    bob.has_state("You have this conversation")
    keys.press("r")
    keys.type("Used ones too, e.g. yours")  # c, e and t are letters here
    keys.press("Enter")
    expect(bob.log).to_contain_text("Used ones too, e.g. yours")
    keys.press("Escape")
    keys.press("n")
    keys.type("Rare")
    keys.press("Enter")
    expect(bob.log.locator(".note")).to_contain_text("Rare")
    keys.press("Escape")
    keys.press("e")
    bob.has_state("Resolved")

    assert vera.replies() == ["Used ones too, e.g. yours"]


def test_single_keys_can_be_switched_off_and_stay_off(
    web: Live, new_page: NewPage, cast: Cast, vera: Vera
) -> None:
    bob = sit_down(new_page, web, cast.bob).open("waiting")
    bob.page.keyboard.press("?")
    dialog = bob.page.get_by_role("dialog", name="Keyboard shortcuts")
    dialog.get_by_label("Use shortcuts of a single key").uncheck()
    dialog.get_by_role("button", name="Close").click()
    bob.page.reload()
    bob.is_connected()
    expect(bob.log).to_have_attribute("aria-live", "polite")

    bob.page.keyboard.press("c")
    bob.page.keyboard.press("?")

    expect(dialog).to_be_hidden()
    bob.has_state("Waiting for an agent")


def test_the_address_keeps_the_conversation(
    web: Live, new_page: NewPage, cast: Cast, vera: Vera
) -> None:
    bob = sit_down(new_page, web, cast.bob).open("waiting")

    bob.page.reload()

    expect(bob.log).to_contain_text("And a used one?")


def test_an_address_of_another_workspace_opens_nothing(
    web: Live, new_page: NewPage, cast: Cast, vera: Vera, page_errors: list[str]
) -> None:
    charlie = sit_down(new_page, web, cast.charlie)

    charlie.page.goto(f"{web.url}/desk/other/#{cast.conversation_id}")

    expect(charlie.notices).to_contain_text("This conversation does not exist.")
    expect(charlie.page.get_by_text("Choose a conversation.")).to_be_visible()
    expect(charlie.page.get_by_text("anvil")).to_have_count(0)
    charlie.page.close()
    assert all("404" in error for error in page_errors)
    page_errors.clear()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_desk_works_without_eyes(
    scheme: str, web: Live, new_page: NewPage, cast: Cast, vera: Vera
) -> None:
    bob = sit_down(new_page, web, cast.bob, color_scheme=scheme, reduced_motion="reduce")
    accessible(bob.page)

    bob.claim()
    open_receipt(bob, 0)
    bob.write("A note", mode="Internal note")
    expect(bob.log.locator(".note")).to_be_visible()
    accessible(bob.page)
    bob.page.keyboard.press("Escape")
    bob.page.keyboard.press("?")
    accessible(bob.page)


def test_logging_in_leads_to_the_only_desk(
    web: Live, new_page: NewPage, cast: Cast, vera: Vera
) -> None:
    page = new_page()
    page.goto(f"{web.url}/desk/")
    accessible(page)
    page.get_by_label("Email").fill("bob@example.com")
    page.get_by_label("Password").fill(PASSWORD)

    page.get_by_role("button", name="Log in").click()

    expect(page).to_have_url(f"{web.url}/desk/acme/")
    expect(page.locator("#items .item")).to_have_count(1)


def test_the_desk_speaks_the_members_language(
    web: Live, new_page: NewPage, cast: Cast, vera: Vera
) -> None:
    bob = sit_down(new_page, web, cast.bob, locale="ru-RU")

    expect(bob.page.locator("html")).to_have_attribute("lang", "ru")
    expect(bob.page.locator("#connection")).to_have_text("На связи")
    bob.page.get_by_label("Язык", exact=True).select_option("English")
    bob.page.get_by_role("button", name="Изменить").click()
    expect(bob.page.locator("#connection")).to_have_text("Connected")
