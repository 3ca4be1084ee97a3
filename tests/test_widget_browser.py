"""The chat widget in a real browser, on a page of another origin with a strict policy."""

import pytest
from playwright.sync_api import Dialog, Page, expect

from accounts.scope import workspace_scope
from chatbot import broadcast, handoff
from chatbot.models import Author, Contact, Conversation
from tests.chatting import (
    CITATION,
    Shop,
    Widget,
    answer,
    only_conversation,
    open_turn,
    texts,
    visit,
)
from tests.hostpage import HostPage, serve
from tests.live import Live

pytestmark = pytest.mark.django_db(transaction=True)


def leaked(page: Page) -> list[str]:
    """Names that the page's window has and a fresh one has not."""
    names: list[str] = page.evaluate(
        """() => {
          const clean = document.createElement("iframe");
          document.body.append(clean);
          const known = new Set(Object.getOwnPropertyNames(clean.contentWindow));
          clean.remove();
          const frames = Array.from({length: window.length}, (_, number) => String(number));
          return Object.getOwnPropertyNames(window)
            .filter((name) => !known.has(name) && !frames.includes(name));
        }"""
    )
    return names


def test_it_shows_on_another_origin_and_leaves_the_page_alone(
    page: Page, host: HostPage, shop: Shop
) -> None:
    widget = visit(page, host)
    expect(widget.launcher).to_have_attribute("aria-expanded", "false")
    widget.open()
    expect(widget.launcher).to_have_attribute("aria-expanded", "true")
    expect(widget.frame.get_by_text("You are talking to a machine.")).to_be_visible()
    expect(widget.frame.get_by_text("Hello! What would you like to know?")).to_be_visible()
    with workspace_scope(shop.workspace.id):
        assert not Contact.objects.exists(), "nobody is written down before they say something"


def test_the_page_around_it_gets_one_global(page: Page, host: HostPage) -> None:
    visit(page, host)
    names = [name for name in leaked(page) if not name.startswith("__playwright")]
    assert names == ["Firstline"]


@pytest.mark.parametrize(("language", "expected"), [("ru-RU", "ru"), ("en", "en"), ("fi", "en")])
def test_it_speaks_the_language_of_the_page_around_it(
    page: Page, host: HostPage, language: str, expected: str
) -> None:
    host.language = language
    widget = visit(page, host)
    widget.launcher.click()
    expect(widget.frame.locator("html")).to_have_attribute("lang", expected)


def test_a_site_that_is_not_allowed_shows_nothing_and_writes_nothing(
    page: Page, web: Live, shop: Shop, page_errors: list[str]
) -> None:
    """By the general loader, which asks the frame; the other one knows without asking."""
    with serve(web.url) as stranger:
        stranger.key, stranger.general = shop.key, True
        with page.expect_response(lambda answer: "/widget/v1/frame/" in answer.url) as seen:
            page.goto(stranger.origin)
        assert seen.value.status == 404
        expect(page.locator("firstline-chat")).to_be_attached()
        page.wait_for_load_state("load")
        expect(page.locator("firstline-chat button")).to_be_hidden()
        assert any("frame-ancestors" in error or "404" in error for error in page_errors)
        page_errors.clear()
        stranger.general = False
        page.goto(stranger.origin)
        page.wait_for_function("performance.getEntriesByType('resource').length > 0")
        page.wait_for_load_state("load")
        expect(page.locator("firstline-chat")).to_have_count(0)
        assert page.evaluate("window.Firstline") is None
    with workspace_scope(shop.workspace.id):
        assert not Contact.objects.exists()
        assert not Conversation.objects.exists()


def test_a_message_is_answered_with_its_source(widget: Widget, web: Live, shop: Shop) -> None:
    before = len(web.log("web"))  # of other tests, which may have taken Redis away
    widget.send("How long can I return an anvil?")
    widget.sent("How long can I return an anvil?")
    expect(widget.frame.get_by_text("Looking for an answer…")).to_be_visible()
    assert "wakeup_lost" not in web.log("web")[before:]
    answer(shop.workspace.id, "Within **30 days**.", citations=[CITATION])
    widget.sent("How long can I return an anvil?", "Within 30 days.")
    expect(widget.frame.get_by_text("Looking for an answer…")).to_be_hidden()
    reply = widget.messages.last
    expect(reply.locator("strong")).to_have_text("30 days")
    expect(reply.locator(".byline")).to_contain_text("Automatic answer")
    card = reply.locator(".sources .read")
    expect(card).to_contain_text("How do I return an anvil?")
    expect(card).to_contain_text("Time limits")
    link = reply.get_by_role("link", name="Open in a new tab: How do I return an anvil?")
    expect(link).to_have_attribute("href", f"{web.url}{CITATION['url']}")
    expect(link).to_have_attribute("target", "_blank")
    expect(link).to_have_attribute("rel", "noopener nofollow")


def test_a_verdict_is_stored_once_and_can_be_changed(widget: Widget, shop: Shop) -> None:
    widget.send("How long?")
    widget.sent("How long?")
    answer(shop.workspace.id, "30 days.", citations=[CITATION])
    helped = widget.frame.get_by_role("button", name="This helped")
    helped.click()
    expect(helped).to_have_attribute("aria-pressed", "true")
    helped.click()
    wrong = widget.frame.get_by_role("button", name="This is wrong")
    wrong.click()
    expect(wrong).to_have_attribute("aria-pressed", "true")
    expect(helped).to_have_attribute("aria-pressed", "false")
    expect(widget.frame.get_by_text("A person can help you with this.")).to_be_visible()
    conversation = only_conversation(shop.workspace.id)
    with workspace_scope(shop.workspace.id):
        given = conversation.events.filter(kind="feedback.given").order_by("staff_seq")
        assert [event.payload["verdict"] for event in given] == ["helped", "wrong"]


def test_a_person_is_asked_for_joins_by_name_and_gives_back(widget: Widget, shop: Shop) -> None:
    widget.frame.get_by_role("button", name="Talk to a person").click()
    expect(widget.frame.locator("#presence")).to_have_text("Waiting for a person")
    expect(widget.log).to_contain_text("I am passing you to a person.")
    conversation = only_conversation(shop.workspace.id)
    handoff.claim(shop.bob, conversation.id)
    name = shop.bob.display_name
    expect(widget.log).to_contain_text(f"{name} has joined and will answer you.")
    expect(widget.frame.locator("#presence")).to_have_text(f"You are talking to {name}")
    broadcast.transient(conversation.id, {"type": "typing.started", "who": "agent", "name": name})
    expect(widget.frame.get_by_text(f"{name} is typing…")).to_be_visible()
    handoff.reply(shop.bob, conversation.id, client_id="1", text="Good morning!")
    widget.says("Good morning!")
    expect(widget.messages.last.locator(".byline")).to_contain_text(name)
    expect(widget.frame.get_by_text("is typing…")).to_be_hidden()
    expect(widget.frame.get_by_role("button", name="Talk to a person")).to_be_hidden()
    handoff.give_back(shop.bob, conversation.id)
    expect(widget.frame.locator("#presence")).to_have_text("Automatic help")


def test_who_waits_can_stop_waiting(widget: Widget, shop: Shop) -> None:
    widget.frame.get_by_role("button", name="Talk to a person").click()
    stop = widget.frame.get_by_role("button", name="Stop waiting")
    stop.click()
    expect(widget.log).to_contain_text("You are no longer waiting.")
    expect(stop).to_be_hidden()
    assert only_conversation(shop.workspace.id).owner == "bot"


def test_a_draft_is_shown_while_it_is_written_and_dropped_for_the_answer(
    widget: Widget, shop: Shop
) -> None:
    widget.send("Why?")
    widget.sent("Why?")
    turn = open_turn(shop.workspace.id)
    draft = widget.frame.locator("#draft")

    def append(seq: int, text: str) -> None:
        frame = {"type": "draft.appended", "turn_id": str(turn.id), "seq": seq, "text": text}
        broadcast.transient(turn.conversation_id, frame)

    append(1, "Because <b>it</b> is heavy.")
    expect(draft).to_have_text("Because <b>it</b> is heavy.")
    append(2, "And cheap.")
    append(2, "And cheap.")
    expect(draft).to_have_text("Because <b>it</b> is heavy. And cheap.")
    frame = {"type": "draft.dropped", "turn_id": str(turn.id)}
    broadcast.transient(turn.conversation_id, frame)
    expect(draft).to_be_hidden()
    append(1, "Because.")
    expect(draft).to_have_text("Because.")
    answer(shop.workspace.id, "Because it is heavy.", author=Author.MODEL)
    widget.sent("Why?", "Because it is heavy.")
    expect(widget.messages.last.locator(".byline")).to_contain_text("Large model, checked")
    expect(draft).to_be_hidden()
    append(2, "Too late.")
    answered = texts(shop.workspace.id)
    widget.send("Thanks")
    widget.sent(*answered, "Thanks")
    expect(draft).to_be_hidden()


def test_a_draft_never_speaks_over_a_person(widget: Widget, shop: Shop) -> None:
    widget.send("Why?")
    widget.sent("Why?")
    turn = open_turn(shop.workspace.id)
    frame = {"type": "draft.appended", "turn_id": str(turn.id), "seq": 1, "text": "Because."}
    broadcast.transient(turn.conversation_id, frame)
    draft = widget.frame.locator("#draft")
    expect(draft).to_have_text("Because.")
    handoff.take_over(shop.bob, turn.conversation_id)
    expect(widget.log).to_contain_text("has joined")
    expect(draft).to_be_hidden()


@pytest.mark.parametrize(
    "evil",
    [
        "<img src=x onerror=alert(1)><script>alert(2)</script>",
        "[press](javascript:alert(1)) <a href='javascript:alert(2)'>me</a>",
        "<svg onload=alert(1)><style>*{display:none}</style><iframe src='//evil.example'></iframe>",
    ],
)
def test_markup_in_messages_and_articles_stays_text(
    widget: Widget, shop: Shop, evil: str, page_errors: list[str]
) -> None:
    dialogs: list[str] = []

    def on_dialog(dialog: Dialog) -> None:
        dialogs.append(dialog.message)
        dialog.dismiss()

    widget.page.on("dialog", on_dialog)
    widget.send(evil)
    widget.sent(evil)
    forged = CITATION | {"title": evil, "heading": evil, "url": "javascript:alert(3)"}
    shown = CITATION | {"title": evil, "heading": ""}
    answer(shop.workspace.id, f"Answer. {evil}", citations=[forged, shown])
    reply = widget.messages.nth(1)
    expect(reply.locator(".bubble")).to_contain_text("Answer.")
    expect(reply.locator(".sources a")).to_have_count(1)
    expect(reply.locator(".sources .title")).to_have_text(evil)
    unsafe = "script, style, iframe, svg *[onload], [onerror], a[href^='javascript']"
    expect(widget.log.locator(unsafe)).to_have_count(0)
    assert not dialogs
    assert not page_errors
