"""The widget and the page around it: what is loaded when, the calls, the look, the policy."""

import time
from typing import Any

import pytest
from playwright.sync_api import Page, Request, expect

from accounts.scope import workspace_scope
from chatbot.models import Contact
from tests.browser import NewPage
from tests.chatting import Shop, answer, only_conversation, visit
from tests.hostpage import HostPage
from tests.live import Live
from tests.wire import Wire

pytestmark = pytest.mark.django_db(transaction=True)
EARLY = """
  window.heard = [];
  window.Firstline = [
    ["on", "message", (message) => heard.push(["message", message.author, message.text])],
    ["on", "open", () => heard.push(["open"])],
    ["on", "close", () => heard.push(["close"])],
    ["on", "unread", (count) => heard.push(["unread", count])],
    ["setContext", {plan: "gold", seats: 3, none: null}],
    ["nonsense"],
  ];
"""
SHIFTS = """
  window.shifted = 0;
  new PerformanceObserver((list) => list.getEntries().forEach((one) => { shifted += one.value; }))
    .observe({type: "layout-shift", buffered: true});
"""
STYLE = (
    "document.documentElement.style.cssText = '--firstline-accent: rgb(90, 20, 120);"
    "--firstline-paper: url(https://evil.example/x); --firstline-radius: 4px'"
)


def fetched(page: Page, service: str) -> list[str]:
    """Paths of the service that this page or its frames asked for, in order."""
    asked: list[str] = []

    def note(one: Request) -> None:
        if one.url.startswith(service):
            asked.append(one.url)

    page.on("request", note)
    return asked


def test_nothing_but_the_loader_is_fetched_before_the_chat_is_opened(
    page: Page, host: HostPage, web: Live, shop: Shop
) -> None:
    asked = fetched(page, web.url)
    page.add_init_script(SHIFTS)
    widget = visit(page, host)
    assert [url.removeprefix(web.url) for url in asked] == [f"/widget/v1/{shop.key}/loader.js"]
    widget.open()
    assert page.evaluate("shifted") == 0
    widget.send("Hello")
    widget.sent("Hello")
    widget.field.press("Escape")  # the frame asks the page, which then remembers it
    expect(widget.launcher).to_have_attribute("aria-expanded", "false")
    page.reload()  # somebody is known now: their unread messages are looked for
    answer(shop.workspace.id, "Hello you.")
    expect(widget.launcher).to_have_accessible_name("Open chat, new messages: 1")
    expect(widget.launcher).to_have_attribute("title", "Open chat, new messages: 1")


def until(page: Page, expression: str) -> None:
    """Playwright's own waiting is a script in the page, which the page's policy forbids."""
    deadline = time.monotonic() + 30
    while not page.evaluate(expression):
        assert time.monotonic() < deadline, expression
        page.wait_for_timeout(50)


def test_the_page_may_call_before_and_after_the_loader_is_there(
    page: Page, host: HostPage, shop: Shop, page_errors: list[str]
) -> None:
    wire = Wire().tap(page.context)
    page.add_init_script(EARLY)
    widget = visit(page, host)
    assert any("nonsense does not exist" in error for error in page_errors)
    page_errors.clear()
    page.evaluate("Firstline.open()")
    expect(widget.field).to_be_focused()
    with workspace_scope(shop.workspace.id):
        assert not Contact.objects.exists()
    widget.send("Hello")
    widget.sent("Hello")
    until(page, "heard.length >= 2")
    page.evaluate("Firstline.close()")
    expect(widget.launcher).to_have_attribute("aria-expanded", "false")
    answer(shop.workspace.id, "Hello you.")
    until(page, "heard.some(([name, count]) => name === 'unread' && count === 1)")
    heard: list[list[Any]] = page.evaluate("heard")
    kinds = [one for one in heard if one[0] != "unread"]
    assert kinds == [
        ["open"],
        ["message", "visitor", "Hello"],
        ["close"],
        ["message", "bot", "Hello you."],
    ]
    assert only_conversation(shop.workspace.id).context == {"plan": "gold", "seats": "3"}
    for bad in ("{a: {b: 1}}", "{a: 'x'.repeat(3000)}"):
        failed = (
            f"(() => {{ try {{ Firstline.setContext({bad}) }} catch (e) {{ return e.name }} }})()"
        )
        assert page.evaluate(failed) in {"TypeError", "RangeError"}
    page.evaluate("Firstline.setContext({plan: 'silver'})")
    page.evaluate("Firstline.push(['open'])")
    expect(widget.field).to_be_visible()
    widget.send("Thanks")
    widget.sent("Hello", "Hello you.", "Thanks")
    assert only_conversation(shop.workspace.id).context == {"plan": "silver"}
    assert wire.sent.count("context.set") == 2


def test_the_token_of_the_signed_in_is_sent_when_they_open_the_chat_and_not_before(
    page: Page, host: HostPage
) -> None:
    wire = Wire().tap(page.context)
    widget = visit(page, host)
    page.evaluate("Firstline.identify('a.b.c')")
    assert wire.sent == []
    widget.open()
    expect(widget.frame.get_by_role("button", name="Earlier conversations")).to_be_visible()
    assert wire.sent[:2] == ["session.start", "session.identify"]


def test_the_look_comes_from_custom_properties_and_loads_nothing(
    page: Page, host: HostPage
) -> None:
    page.add_init_script(f"addEventListener('DOMContentLoaded', () => {{ {STYLE} }})")
    asked = fetched(page, "https://evil.example")
    widget = visit(page, host).open()
    page.mouse.move(0, 0)  # under the mouse it is darker
    purple = "rgb(90, 20, 120)"
    expect(widget.launcher).to_have_css("background-color", purple)
    widget.send("Hello")
    bubble = widget.messages.locator(".bubble")
    expect(bubble).to_have_css("background-color", purple)
    expect(bubble).to_have_css("border-top-left-radius", "4px")
    expect(widget.frame.locator("body")).to_have_css("background-image", "none")
    assert not asked


def test_on_a_page_from_right_to_left_the_chat_is_mirrored_too(
    new_page: NewPage, host: HostPage
) -> None:
    host.language = "ar"
    page = new_page(viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
    widget = visit(page, host).open()
    box = page.locator("firstline-chat iframe").bounding_box()
    assert box and box["x"] == 20
    expect(widget.frame.locator("html")).to_have_attribute("dir", "rtl")
    widget.send("Hello")
    widget.sent("Hello")
    bubble = widget.messages.locator(".bubble").bounding_box()
    assert bubble and bubble["x"] - box["x"] < 40  # the visitor's side is the left one here


def test_the_token_lives_in_the_pages_own_storage(page: Page, host: HostPage, shop: Shop) -> None:
    """So a frame whose storage the browser empties goes on as the same visitor."""
    widget = visit(page, host).open()
    widget.send("Hello")
    widget.sent("Hello")
    name = f"firstline:visitor:{shop.key}"
    until(page, f"Boolean(localStorage.getItem({name!r}))")
    chat = next(frame for frame in page.frames if "/widget/v1/frame/" in frame.url)
    chat.evaluate("localStorage.clear()")
    page.reload()
    widget.sent("Hello")
    with workspace_scope(shop.workspace.id):
        assert Contact.objects.count() == 1
