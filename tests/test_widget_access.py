"""The widget for everybody: by keyboard, by screen reader, on small screens, in the dark."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Frame, Page, expect

from chatbot import broadcast, handoff
from console.provisioning import create_workspace
from tests.browser import NewPage
from tests.chatting import CITATION, Shop, Widget, answer, cited, only_conversation, visit
from tests.hostpage import HostPage
from tests.live import Live

pytestmark = pytest.mark.django_db(transaction=True)
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]  # 2.2 AA, with all before it


def chat_frame(page: Page) -> Frame:
    return next(frame for frame in page.frames if "/widget/v1/frame/" in frame.url)


def violations(where: Any) -> list[str]:
    """Everything that axe finds against WCAG 2.2 AA, with the places."""
    options = {"runOnly": {"type": "tag", "values": WCAG}}
    found = Axe().run(where, options=options).response["violations"]
    return [f"{one['id']}: {[node['target'] for node in one['nodes']]}" for one in found]


def talk(widget: Widget, shop: Shop) -> None:
    """A conversation with everything in it."""
    widget.send("How long can I return an anvil?")
    widget.sent("How long can I return an anvil?")
    markdown = (
        "Within **30 days**.\n\n1. Pack it\n2. Send it\n\n| Size | Days |\n|---|---|\n| L | 30 |"
    )
    answer(shop.workspace.id, f"{markdown}\n\n`code`", citations=[CITATION])
    helped = widget.frame.get_by_role("button", name="This helped")
    helped.click()
    expect(helped).to_have_attribute("aria-pressed", "true")
    widget.frame.get_by_role("button", name="Talk to a person").click()
    expect(widget.frame.locator("#presence")).to_have_text("Waiting for a person")
    conversation = only_conversation(shop.workspace.id)
    handoff.claim(shop.bob, conversation.id)
    handoff.reply(
        shop.bob,
        conversation.id,
        client_id="1",
        text="Good morning, I am [Bob](https://example.com).",
    )
    expect(widget.messages).to_have_count(3)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_violations(
    new_page: NewPage, host: HostPage, shop: Shop, scheme: str
) -> None:
    page = new_page(color_scheme=scheme, reduced_motion="reduce")
    widget = visit(page, host)
    assert violations(page) == []
    widget.open()
    assert violations(chat_frame(page)) == []
    talk(widget, shop)
    assert violations(chat_frame(page)) == []
    widget.field.fill("x" * 4001)
    expect(widget.frame.get_by_text("Characters too many: 1")).to_be_visible()
    widget.frame.get_by_role("button", name="This is wrong").click()
    expect(widget.frame.get_by_label("Another reason")).to_be_visible()
    assert violations(chat_frame(page)) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_while_waiting_reading_and_offline(
    new_page: NewPage, host: HostPage, shop: Shop, scheme: str, page_errors: list[str]
) -> None:
    page = new_page(color_scheme=scheme, reduced_motion="reduce")
    widget = visit(page, host).open()
    widget.send("How long?")
    widget.sent("How long?")
    answer(shop.workspace.id, "30 days.", citations=[cited(shop)])
    widget.frame.get_by_role("button", name="Talk to a person").click()
    conversation = only_conversation(shop.workspace.id)
    placed = {"type": "queue.placed", "position": 2, "expected_wait_s": 180}
    expect(widget.frame.locator("#presence")).to_have_text("Waiting for a person")
    broadcast.transient(conversation.id, placed)
    expect(widget.frame.locator("#waiting")).to_have_text(
        "You are number 2 in the queue. It should take about 3 minutes."
    )
    assert violations(chat_frame(page)) == []
    broadcast.transient(conversation.id, {**placed, "position": 1, "expected_wait_s": None})
    expect(widget.frame.locator("#waiting")).to_have_text("You are next.")
    widget.log.get_by_role("button", name="Returns").click()
    expect(widget.frame.locator("#panel mark").first).to_be_visible()
    assert violations(chat_frame(page)) == []
    widget.frame.get_by_role("button", name="Back").click()
    page.context.set_offline(True)
    widget.frame.get_by_text("No connection").wait_for()
    assert violations(chat_frame(page)) == []
    page.close()  # else it goes on trying
    page_errors.clear()  # the browser says that the network is away


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_the_demo_page(
    new_page: NewPage, web: Live, transactional_db: None, scheme: str
) -> None:
    page = new_page(color_scheme=scheme)
    create_workspace("demo", name="Firstline")
    page.goto(f"{web.url}/demo/")
    expect(page.locator("firstline-chat button")).to_be_visible()
    assert violations(page) == []


def test_all_of_it_works_by_keyboard(page: Page, host: HostPage, shop: Shop) -> None:
    widget = visit(page, host)
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(widget.launcher).to_be_focused()
    page.keyboard.press("Enter")
    expect(widget.field).to_be_focused()
    page.keyboard.type("First line")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("second line")
    page.keyboard.press("Enter")
    widget.sent("First line\nsecond line")
    expect(widget.field).to_be_focused()
    expect(widget.field).to_have_value("")
    page.keyboard.press("Shift+Tab")
    expect(widget.frame.get_by_role("button", name="Attach a file")).to_be_focused()
    page.keyboard.press("Shift+Tab")
    expect(widget.frame.get_by_role("button", name="Talk to a person")).to_be_focused()
    page.keyboard.press("Enter")
    stop = widget.frame.get_by_role("button", name="Stop waiting")
    expect(stop).to_be_focused()
    page.keyboard.press("Enter")
    expect(widget.log).to_contain_text("You are no longer waiting.")
    page.keyboard.press("Escape")
    expect(widget.launcher).to_be_focused()
    expect(widget.launcher).to_have_attribute("aria-expanded", "false")
    expect(widget.field).to_be_hidden()


def test_focus_can_be_seen_wherever_it_is(widget: Widget) -> None:
    """Every stop of the Tab key inside the chat shows an outline, or the field's own border."""
    frame = chat_frame(widget.page)
    for name in ("Close chat", "Talk to a person"):
        button = widget.frame.get_by_role("button", name=name)
        widget.page.keyboard.press("Shift+Tab")
        button.focus()
        outline = button.evaluate("node => getComputedStyle(node).outlineStyle")
        assert outline == "solid", name
    widget.field.focus()
    shadow = frame.locator("#composer").evaluate("node => getComputedStyle(node).boxShadow")
    assert shadow != "none"


def test_enter_belongs_to_an_input_method_that_composes(widget: Widget) -> None:
    widget.field.fill("にほん")
    widget.field.dispatch_event("keydown", {"key": "Enter", "isComposing": True, "bubbles": True})
    expect(widget.field).to_have_value("にほん")
    widget.says()
    widget.field.press("Enter")
    widget.sent("にほん")


def test_the_longest_message_passes_and_a_longer_one_says_so(widget: Widget) -> None:
    send = widget.frame.get_by_role("button", name="Send", exact=True)
    expect(send).to_be_disabled()
    longest = "😀" * 4000
    widget.field.fill(longest + "!")
    expect(widget.frame.get_by_text("Characters too many: 1")).to_be_visible()
    expect(send).to_be_disabled()
    widget.field.press("Enter")
    widget.says()
    widget.field.fill(longest)
    expect(widget.frame.get_by_text("Characters left: 0")).to_be_visible()
    send.click()
    widget.sent(longest)


def test_new_messages_are_announced_once_and_by_the_log_alone(widget: Widget, shop: Shop) -> None:
    expect(widget.log).to_have_attribute("aria-live", "polite")
    chat_frame(widget.page).evaluate(
        """() => {
          window.added = 0;
          new MutationObserver((changes) => {
            for (const change of changes) window.added += change.addedNodes.length;
          }).observe(document.getElementById("log"), { childList: true });
        }"""
    )
    widget.send("One")
    widget.sent("One")
    answer(shop.workspace.id, "Two")
    widget.sent("One", "Two")
    assert chat_frame(widget.page).evaluate("window.added") == 2


def test_on_a_small_screen_it_fills_the_screen(new_page: NewPage, host: HostPage) -> None:
    page = new_page(viewport={"width": 375, "height": 667}, reduced_motion="reduce")
    widget = visit(page, host).open()
    box = page.locator("firstline-chat iframe").bounding_box()
    assert box == {"x": 0, "y": 0, "width": 375, "height": 667}
    expect(widget.launcher).to_be_hidden()
    overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert chat_frame(page).evaluate(overflow) == 0
    widget.frame.get_by_role("button", name="Close chat").click()
    expect(widget.launcher).to_be_focused()


def test_those_who_want_no_motion_get_none(new_page: NewPage, host: HostPage) -> None:
    page = new_page(reduced_motion="reduce")
    widget = visit(page, host).open()
    widget.send("Hello")
    widget.sent("Hello")
    dots = widget.frame.locator(".dots i").first
    assert dots.evaluate("node => getComputedStyle(node).animationName") == "none"
    frame = page.locator("firstline-chat iframe")
    assert frame.evaluate("node => getComputedStyle(node).transitionDuration") == "0s"
