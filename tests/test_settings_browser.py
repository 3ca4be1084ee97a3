"""Widget settings in a browser: a preview follows the keys, visitors see what is saved."""

import pytest
from playwright.sync_api import expect

from accounts.scope import workspace_scope
from accounts.workspaces import change_settings
from chatbot import events
from chatbot.escalation import consent
from chatbot.models import Consent, Conversation, Turn
from chatbot.models import Widget as WidgetRow
from chatbot.widgets import set_look
from tests.browser import NewPage
from tests.cast import Cast
from tests.chatting import Shop, Widget, visit
from tests.hostpage import HostPage
from tests.live import Live
from tests.test_console_browser import accessible, opened

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_preview_shows_what_is_typed_before_it_is_saved(
    web: Live, new_page: NewPage, cast: Cast
) -> None:
    page = opened(new_page, web, cast.alice, "settings/widget/")
    preview = page.frame_locator("#preview")
    expect(preview.get_by_role("heading")).to_have_text("Acme")
    page.get_by_label("Name of the bot").fill("Ada")
    page.get_by_label("Greeting").fill("<b>Ask me</b>")
    page.get_by_label("Colour").fill("#ffcc00")
    expect(preview.get_by_role("heading")).to_have_text("Ada")
    expect(preview.locator(".greeting .bubble")).to_have_text("<b>Ask me</b>")
    bubble = preview.locator("[data-author=visitor] .bubble")
    expect(bubble).to_have_css("background-color", "rgb(255, 204, 0)")
    expect(bubble).to_have_css("color", "rgb(0, 0, 0)")
    page.get_by_label("Greeting").fill("")
    page.get_by_label("Tone").select_option("formal")
    expect(preview.locator(".greeting .bubble")).to_have_text("Good day. How may we help you?")
    expect(preview.get_by_role("heading")).to_have_text("Ada")
    accessible(page)
    with workspace_scope(cast.workspace.id):
        assert WidgetRow.objects.get().name == "Acme"  # nothing is saved by looking
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("The widget is saved.")).to_be_visible()
    with workspace_scope(cast.workspace.id):
        assert WidgetRow.objects.get().name == "Ada"


def test_the_widget_and_its_button_have_the_colour(
    shop: Shop, host: HostPage, new_page: NewPage
) -> None:
    with workspace_scope(shop.workspace.id):
        row = WidgetRow.objects.get()
        set_look(shop.workspace.id, row.id, name="Ada", colour="#b3261e", actor=shop.alice)
    widget = visit(new_page(), host)
    expect(widget.launcher).to_have_css("background-color", "rgb(179, 38, 30)")
    widget.open()
    expect(widget.frame.locator(".avatar")).to_have_css("background-color", "rgb(179, 38, 30)")
    expect(widget.frame.get_by_role("heading")).to_have_text("Ada")


def asked(shop: Shop) -> None:
    """What the answers worker does where consent is missing."""
    with workspace_scope(shop.workspace.id):
        turn = Turn.objects.get()
        consent.ask(events.lock(turn.conversation_id), turn)


def test_consent_is_given_by_a_button(widget: Widget, shop: Shop) -> None:
    widget.send("How long is the warranty?")
    widget.sent("How long is the warranty?")
    asked(shop)
    group = widget.log.get_by_role("group", name="May an outside AI service be asked?")
    buttons = group.get_by_role("button")
    expect(buttons).to_have_text(["Yes, ask it ✓(chosen)", "No, pass me to a person ✓(chosen)"])
    buttons.nth(0).click()
    expect(buttons.nth(1)).to_be_disabled()
    expect(widget.messages).to_have_count(3)
    expect(widget.log.locator(".state:not(:empty)")).to_have_count(0)
    with workspace_scope(shop.workspace.id):
        assert Consent.objects.get().granted
        assert Turn.objects.get().state == "open"


def test_without_people_there_is_no_button_for_one(
    shop: Shop, host: HostPage, new_page: NewPage
) -> None:
    change_settings(shop.workspace.id, actor=shop.alice, people_allowed=False)
    widget = visit(new_page(), host).open()
    expect(widget.frame.locator("#person")).to_be_hidden()
    widget.send("Hi")
    widget.sent("Hi")
    expect(widget.frame.locator("#person")).to_be_hidden()
    expect(widget.frame.get_by_text("a person can take over")).to_have_count(0)
    with workspace_scope(shop.workspace.id):
        assert Conversation.objects.count() == 1
