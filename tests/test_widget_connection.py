"""The widget and a connection that breaks: nothing is lost, and nothing is said twice."""

import re

import pytest
from playwright.sync_api import Page, expect

from accounts.scope import workspace_scope
from chatbot import handoff
from chatbot.models import Contact
from tests.browser import NewPage, watch
from tests.chatting import Shop, Widget, answer, only_conversation, texts, visit
from tests.hostpage import HostPage
from tests.live import Live
from tests.wire import Wire

pytestmark = pytest.mark.django_db(transaction=True)
CONNECTION = re.compile(r"WebSocket connection to|ERR_INTERNET_DISCONNECTED|ERR_CONNECTION_REFUSED")


def forgive_connection(page_errors: list[str]) -> None:
    """A browser logs each refused connection; that is all it may have logged."""
    assert not [error for error in page_errors if not CONNECTION.search(error)]
    page_errors.clear()


def test_a_reload_keeps_the_conversation_and_its_place(
    widget: Widget, host: HostPage, shop: Shop
) -> None:
    widget.send("How long?")
    widget.sent("How long?")
    answer(shop.workspace.id, "30 days.")
    widget.sent("How long?", "30 days.")
    widget.page.reload()
    expect(widget.launcher).to_have_attribute("aria-expanded", "true")
    widget.sent("How long?", "30 days.")
    widget.send("And for two?")
    widget.sent("How long?", "30 days.", "And for two?")
    with workspace_scope(shop.workspace.id):
        assert Contact.objects.count() == 1


def test_another_tab_shows_the_same_conversation(
    widget: Widget, host: HostPage, page_errors: list[str]
) -> None:
    widget.send("Hello")
    widget.sent("Hello")
    second = widget.page.context.new_page()
    watch(second, page_errors)
    other = visit(second, host).open()
    other.sent("Hello")
    other.send("From here")
    widget.sent("Hello", "From here")


def test_what_was_said_while_the_server_was_down_arrives_once(
    widget: Widget, web: Live, shop: Shop, page_errors: list[str]
) -> None:
    widget.send("One")
    widget.sent("One")
    conversation = only_conversation(shop.workspace.id)
    handoff.take_over(shop.bob, conversation.id)
    handoff.reply(shop.bob, conversation.id, client_id="1", text="Two")
    widget.sent("One", "Two")
    notice = widget.frame.get_by_text("No connection.")
    with web.down("web"):
        expect(notice).to_be_visible()
        widget.send("Three")
        widget.send("Four")
        handoff.reply(shop.bob, conversation.id, client_id="2", text="Meanwhile")
        expect(widget.log.get_by_text("Waits for the connection")).to_have_count(2)
    web.wait_until(web.answers, "the web process is back", timeout_s=60)
    expect(notice).to_be_hidden()
    widget.sent("One", "Two", "Meanwhile", "Three", "Four")
    assert texts(shop.workspace.id) == ["One", "Two", "Meanwhile", "Three", "Four"]
    forgive_connection(page_errors)


def test_offline_messages_wait_and_go_in_their_order(
    widget: Widget, shop: Shop, page_errors: list[str]
) -> None:
    widget.send("One")
    widget.sent("One")
    widget.page.context.set_offline(True)
    widget.send("Two")
    widget.send("Three")
    widget.says("One", "Two", "Three")
    expect(widget.log.get_by_text("Waits for the connection")).to_have_count(2)
    widget.page.context.set_offline(False)
    widget.sent("One", "Two", "Three")
    assert texts(shop.workspace.id) == ["One", "Two", "Three"]
    forgive_connection(page_errors)


def test_messages_that_were_not_sent_survive_a_reload(
    page: Page, host: HostPage, shop: Shop, page_errors: list[str]
) -> None:
    wire = Wire(cut=True).tap(page.context)
    widget = visit(page, host).open()
    widget.send("Remember me")
    expect(widget.log.get_by_text("Waits for the connection")).to_be_visible()
    widget.field.fill("Half a thou")
    wire.cut = False
    page.reload()
    widget.sent("Remember me")
    expect(widget.field).to_have_value("Half a thou")
    assert texts(shop.workspace.id) == ["Remember me"]
    forgive_connection(page_errors)


def test_an_accepted_message_whose_confirmation_was_lost_is_stored_once(
    page: Page, host: HostPage, shop: Shop
) -> None:
    wire = Wire().tap(page.context)
    widget = visit(page, host).open()
    widget.send("One")
    widget.sent("One")
    wire.lose = {"message.accepted", "event"}
    widget.send("Two")
    expect(widget.log.get_by_text("Sending…")).to_be_visible()
    wire.wait_until_lost(page, "message.accepted", "event")
    wire.lose = set()
    wire.break_all()
    widget.sent("One", "Two")
    assert wire.sent.count("message.send") >= 2
    assert texts(shop.workspace.id) == ["One", "Two"]


def test_a_lost_event_is_noticed_and_asked_for(page: Page, host: HostPage, shop: Shop) -> None:
    wire = Wire().tap(page.context)
    widget = visit(page, host).open()
    widget.send("One")
    widget.sent("One")
    conversation = only_conversation(shop.workspace.id)
    wire.lose = {"event"}
    handoff.take_over(shop.bob, conversation.id)
    handoff.reply(shop.bob, conversation.id, client_id="1", text="Two")
    wire.wait_until_lost(page, "event", "event")
    wire.lose = set()
    widget.says("One")
    handoff.reply(shop.bob, conversation.id, client_id="2", text="Three")
    widget.sent("One", "Two", "Three")
    assert wire.sent.count("events.resume") == 1
    expect(widget.log).to_contain_text("has joined")


def test_without_storage_it_works_for_as_long_as_the_page_is_open(
    new_page: NewPage, host: HostPage, shop: Shop
) -> None:
    page = new_page()
    page.context.add_init_script(
        """for (const name of ["localStorage", "sessionStorage"]) {
          Object.defineProperty(window, name, {
            get() { throw new DOMException("blocked", "SecurityError"); },
          });
        }"""
    )
    widget = visit(page, host).open()
    widget.send("Hello")
    widget.sent("Hello")
    answer(shop.workspace.id, "Hello you.")
    widget.sent("Hello", "Hello you.")


def test_a_reply_to_a_closed_chat_is_counted_on_the_button(widget: Widget, shop: Shop) -> None:
    widget.send("How long?")
    widget.sent("How long?")
    widget.field.press("Escape")
    expect(widget.launcher).to_be_focused()
    answer(shop.workspace.id, "30 days.")
    expect(widget.launcher).to_have_accessible_name("Open chat, new messages: 1")
    widget.open()
    widget.sent("How long?", "30 days.")
    widget.field.press("Escape")
    expect(widget.launcher).to_have_accessible_name("Open chat")


def test_a_token_of_nobody_begins_anew(widget: Widget, shop: Shop) -> None:
    widget.send("One")
    widget.sent("One")
    with workspace_scope(shop.workspace.id):
        Contact.objects.update(token_digest="gone")
    widget.page.reload()
    widget.says()
    widget.send("Two")
    widget.sent("Two")


@pytest.mark.parametrize("code", ["rate_limited", "server_error"])
def test_a_refused_message_is_sent_again(page: Page, host: HostPage, shop: Shop, code: str) -> None:
    """By itself when the server only said "too fast", else when the visitor asks for it."""
    Wire(refuse_next=code).tap(page.context)
    widget = visit(page, host).open()
    widget.send("One")
    widget.send("Two")
    if code == "server_error":
        widget.log.get_by_role("button", name="Send again").click()
    else:
        expect(widget.frame.get_by_text("You are writing very fast.")).to_be_visible()
        widget.sent("One", "Two")
    expect(widget.log.locator(".state:not(:empty)")).to_have_count(0)
    assert sorted(texts(shop.workspace.id)) == ["One", "Two"]
