"""The options of a clarifying question as buttons: by mouse, by keyboard, offline, too late."""

from uuid import uuid4

import pytest
from playwright.sync_api import Locator, Page, expect

from accounts.scope import workspace_scope
from chatbot import intake
from chatbot.answering.contract import Option, Section
from chatbot.models import Message
from tests.browser import NewPage
from tests.chatting import Shop, Widget, answer, only_conversation, visit
from tests.desks import sit_down
from tests.hostpage import HostPage
from tests.live import Live

pytestmark = pytest.mark.django_db(transaction=True)
ASKS = "I found more than one possible answer. Which one do you mean?"
HOSTILE = "<img src=x onerror=alert(1)> \u05d0\u05d9\u05e4\u05d5\u05e1 C5"
OPTIONS = tuple(
    Option(label, str(uuid4()), Section(str(uuid4()), (label,)))
    for label in ("Router X200 \u203a How to reset it", HOSTILE)
)


@pytest.fixture
def asked(widget: Widget, shop: Shop) -> Widget:
    """The visitor was asked back."""
    widget.send("How do I reset it?")
    widget.sent("How do I reset it?")
    answer(shop.workspace.id, ASKS, options=OPTIONS)
    expect(options(widget)).to_have_count(3)
    return widget


def options(widget: Widget) -> Locator:
    return widget.log.get_by_role("group", name="Which one do you mean?").get_by_role("button")


def are_closed(widget: Widget) -> None:
    for button in options(widget).all():
        expect(button).to_be_disabled()


def is_chosen(widget: Widget, number: int) -> None:
    """For those who see, and for those who listen."""
    marks = widget.log.locator(".options .mark")
    for at in (1, 2):
        expect(marks.nth(at - 1)).to_be_visible(visible=at == number)
    chosen = OPTIONS[number - 1].label + " (chosen)"
    expect(options(widget).nth(number - 1)).to_have_accessible_name(chosen)


def choices(shop: Shop) -> list[tuple[str, int | None]]:
    """What the visitor said, in rows."""
    with workspace_scope(shop.workspace.id):
        rows = Message.objects.filter(author="visitor").order_by("created_at")
        return list(rows.values_list("text", "chosen"))


def test_an_option_is_chosen_once_and_stays_so(asked: Widget, shop: Shop, page: Page) -> None:
    expect(options(asked).nth(1).locator(".label")).to_have_text(HOSTILE)
    expect(asked.log.locator("img")).to_have_count(0)
    options(asked).nth(1).dblclick()
    asked.sent("How do I reset it?", ASKS, HOSTILE)
    assert choices(shop) == [("How do I reset it?", None), (HOSTILE, 2)]
    are_closed(asked)
    is_chosen(asked, 2)
    options(asked).nth(0).click(force=True)
    page.reload()
    asked.opens_again()
    is_chosen(asked, 2)
    are_closed(asked)
    assert len(choices(shop)) == 2


def test_options_are_reached_and_chosen_by_keyboard(asked: Widget, shop: Shop) -> None:
    options(asked).nth(0).focus()
    asked.page.keyboard.press("Tab")
    expect(options(asked).nth(1)).to_be_focused()
    asked.page.keyboard.press("Shift+Tab")
    asked.page.keyboard.press("Enter")
    expect(asked.messages).to_have_count(3)
    expect(options(asked).nth(0)).to_be_focused()  # nothing jumps
    expect(options(asked).nth(0)).to_be_disabled()
    asked.sent("How do I reset it?", ASKS, OPTIONS[0].label)
    assert choices(shop)[-1] == (OPTIONS[0].label, 1)


def test_other_words_close_the_options_too(asked: Widget, shop: Shop) -> None:
    asked.send("the white one")
    asked.sent("How do I reset it?", ASKS, "the white one")
    are_closed(asked)
    assert choices(shop)[-1] == ("the white one", None)


def test_none_of_these_is_a_wish_for_a_person(asked: Widget) -> None:
    options(asked).last.click()
    expect(asked.frame.locator("#presence")).to_have_text("Waiting for a person")
    are_closed(asked)


def test_a_choice_that_comes_too_late_leaves_no_trace(
    asked: Widget, shop: Shop, page_errors: list[str]
) -> None:
    """The visitor wrote in another window, of which this one was not told yet."""
    asked.page.context.set_offline(True)
    asked.frame.get_by_text("No connection").wait_for()
    options(asked).nth(0).click()
    are_closed(asked)
    row = only_conversation(shop.workspace.id)
    where = (shop.workspace.id, row.id, row.contact_id)
    intake.post_visitor_message(*where, client_id="other", text="the white one")
    asked.page.context.set_offline(False)
    page_errors[:] = [one for one in page_errors if "ERR_INTERNET_DISCONNECTED" not in one]
    asked.sent("How do I reset it?", ASKS, "the white one")
    assert choices(shop)[-1] == ("the white one", None)


def test_the_desk_shows_what_was_offered_and_chosen(
    asked: Widget, shop: Shop, new_page: NewPage, web: Live
) -> None:
    options(asked).nth(1).click()
    asked.sent("How do I reset it?", ASKS, HOSTILE)
    bob = sit_down(new_page, web, shop.bob).open("others")
    offered = bob.log.locator(".offered li")
    expect(offered).to_have_count(2)
    expect(offered.nth(1)).to_contain_text("(chosen)")
    expect(bob.log).to_contain_text("Chosen from the bot's options")


def test_a_russian_visitor_is_asked_in_russian(page: Page, host: HostPage, shop: Shop) -> None:
    host.language = "ru"
    widget = visit(page, host)
    widget.launcher.click()
    field = widget.frame.get_by_role("textbox")
    expect(field).to_be_focused()
    field.fill("\u041a\u0430\u043a?")
    field.press("Enter")
    expect(widget.messages).to_have_count(1)
    expect(widget.log.locator(".state:not(:empty)")).to_have_count(0)
    answer(shop.workspace.id, "?", options=OPTIONS)
    expect(
        widget.log.get_by_role("button", name="\u041d\u0438\u0447\u0435\u0433\u043e")
    ).to_be_visible()
