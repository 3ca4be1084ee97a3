"""An answer that is checked afterwards, as the visitor and an agent see it."""

import pytest
from playwright.sync_api import Locator, Page, expect

from accounts.scope import workspace_scope
from chatbot import events
from chatbot.amending import Amendment, amend
from chatbot.models import Author, CheckState, Message
from tests.browser import NewPage
from tests.chatting import Shop, Widget, answer, cited, visit
from tests.desks import Desk, sit_down
from tests.hostpage import HostPage
from tests.live import Live

pytestmark = pytest.mark.django_db(transaction=True)
FIRST, LATER = "Anvils can be sent back. [1]", "Anvils can be sent back within 30 days. [1]"


@pytest.fixture
def given(widget: Widget, shop: Shop) -> Message:
    """Vera has an answer that is being checked."""
    widget.send("Can I send an anvil back?")
    widget.sent("Can I send an anvil back?")
    return answer(shop.workspace.id, FIRST, citations=(cited(shop),), check=CheckState.PENDING)


def ends(shop: Shop, message: Message, made: Amendment) -> None:
    """As the worker ends the check."""
    with workspace_scope(shop.workspace.id):
        conversation = events.lock(message.conversation_id)
        amend(conversation, Message.objects.get(id=message.id), made)


def tag(widget: Widget) -> Locator:
    return widget.messages.last.locator(".tag")


def test_the_mark_turns_to_checked_in_its_place(widget: Widget, shop: Shop, given: Message) -> None:
    expect(tag(widget)).to_have_text("being checked")
    widget.messages.last.evaluate("(node) => (node.dataset.same = 'yes')")
    ends(shop, given, Amendment(CheckState.CHECKED))
    expect(tag(widget)).to_have_text("checked")
    expect(widget.messages.last).to_have_attribute("data-same", "yes")  # nothing jumped
    widget.says("Can I send an anvil back?", FIRST)


def test_other_words_take_its_place_and_say_so(
    page: Page, host: HostPage, widget: Widget, shop: Shop, given: Message
) -> None:
    expect(tag(widget)).to_have_text("being checked")
    made = Amendment(CheckState.AMENDED, LATER, Author.MODEL, (cited(shop),))
    ends(shop, given, made)
    widget.says("Can I send an anvil back?", LATER)
    expect(tag(widget)).to_have_text("changed after a check")
    expect(widget.log.get_by_text("I have checked my answer above and changed it.")).to_be_visible()
    again = visit(page, host)  # who comes back sees the same
    again.opens_again()
    again.says("Can I send an anvil back?", LATER)
    expect(tag(again)).to_have_text("changed after a check")


def test_an_agent_sees_what_stood_there_before(
    new_page: NewPage, web: Live, shop: Shop, given: Message
) -> None:
    desk = sit_down(new_page, web, shop.bob).open("others")
    mark = desk.log.locator(".entry.message .check")
    expect(mark).to_have_text("being checked")
    made = Amendment(CheckState.AMENDED, LATER, Author.MODEL, (cited(shop),))
    ends(shop, given, made)
    expect(mark).to_have_text("changed after a check")
    expect(desk.log.locator(".entry.message.model > .body")).to_have_text(LATER)
    story(desk).locator("summary").click()
    expect(story(desk).locator(".body")).to_have_text(FIRST)


def story(desk: Desk) -> Locator:
    return desk.log.locator("[data-kind='message.amended']")
