"""Each state of the chat for everybody's eyes and hands, also from right to left."""

from pathlib import Path

import pytest
from playwright.sync_api import Frame, Page, expect

from accounts.scope import workspace_scope
from accounts.workspaces import change_settings
from chatbot import events, handoff
from chatbot.escalation import consent
from chatbot.tests import files
from tests.browser import NewPage
from tests.chatting import Shop, Widget, answer, cited, only_conversation, open_turn, visit
from tests.hostpage import HostPage
from tests.seeing import Looks
from tests.test_extras_browser import FORM
from tests.test_quick_replies_browser import ASKS, OPTIONS
from tests.test_widget_access import chat_frame

pytestmark = pytest.mark.django_db(transaction=True)


class Chat(Looks):
    """Looks at the frame alone."""

    def see(self, state: str) -> None:
        frame: Frame = chat_frame(self.page)
        self.at(state, frame)


def asks(widget: Widget, text: str) -> None:
    widget.send(text)
    expect(widget.messages.last).to_contain_text(text)
    expect(widget.log.locator(".state:not(:empty)")).to_have_count(0)


@pytest.mark.parametrize("language", ["en", "ar"])
def test_each_panel_and_state(
    host: HostPage, shop: Shop, new_page: NewPage, page_errors: list[str],
    *, language: str, tmp_path: Path,
) -> None:  # fmt: skip
    change_settings(shop.workspace.id, actor=shop.alice, prechat=FORM)
    host.language = language
    page: Page = new_page()
    widget, looks = visit(page, host), Chat(page)
    widget.launcher.click()
    expect(widget.frame.get_by_label("E-mail", exact=True)).to_be_visible()
    looks.see("the form before")
    fills_in(widget)
    talks(widget, shop, looks)
    has_files(widget, looks, tmp_path)
    waits_and_ends(widget, shop, looks)
    assert [one for one in page_errors if "/widget/v1/files/" not in one] == []
    page_errors.clear()  # the browser's own line about the file that was refused
    assert looks.wrong == {}


def fills_in(widget: Widget) -> None:
    widget.frame.get_by_label("E-mail", exact=True).fill("vera@example.com")
    widget.frame.get_by_role("button", name="Begin").click()


def talks(widget: Widget, shop: Shop, looks: Chat) -> None:
    """A question back, an answer of the large model, and a question about consent."""
    asks(widget, "How do I reset it?")
    answer(shop.workspace.id, ASKS, options=OPTIONS)
    expect(widget.log.locator(".options button")).to_have_count(3)
    looks.see("a question back")
    widget.log.locator(".options button").first.click()
    expect(widget.log.locator(".options .mark").first).to_be_visible()
    expect(widget.log.locator(".state:not(:empty)")).to_have_count(0)
    looks.see("an option was chosen")
    answer(shop.workspace.id, "Press **Reset**.", author="model", citations=[cited(shop)])
    expect(widget.log.locator(".sources")).to_be_visible()
    looks.see("an answer of the large model")
    asks(widget, "And then?")
    turn = open_turn(shop.workspace.id)
    with workspace_scope(shop.workspace.id):
        consent.ask(events.lock(turn.conversation_id), turn)
    expect(widget.log.locator(".options").last).to_be_visible()
    looks.see("may an outside service be asked")
    widget.log.locator(".options").last.get_by_role("button").first.click()
    expect(widget.frame.locator("#withdraw")).to_be_visible()
    looks.see("it may")


def has_files(widget: Widget, looks: Chat, folder: Path) -> None:
    good, bad = folder / "lamp.png", folder / "virus.png"
    good.write_bytes(files.picture("PNG", (640, 480)))
    bad.write_bytes(b"MZ nothing of a picture")
    widget.frame.locator("#file").set_input_files([good, bad])
    expect(widget.frame.get_by_text("Only pictures (PNG, JPEG, WebP, GIF)")).to_be_visible()
    expect(widget.frame.locator("#files").get_by_role("progressbar")).to_have_count(0)
    looks.see("a file is refused")
    widget.frame.locator("#files").get_by_role("button").last.click()
    asks(widget, "So it looks")
    expect(widget.messages.last.locator("img")).to_be_visible()
    looks.see("a file was sent")
    show = "for (const id of ['transcript', 'leave-email']) document.getElementById(id).hidden = {}"
    chat_frame(widget.page).evaluate(show.format("false"))  # this service sends no mail
    looks.see("forms for addresses")
    chat_frame(widget.page).evaluate(show.format("true"))


def waits_and_ends(widget: Widget, shop: Shop, looks: Chat) -> None:
    """Nobody is there, then somebody, then it is over; and what was earlier."""
    widget.frame.locator("#person").click()
    expect(widget.frame.locator("#stop")).to_be_visible()
    looks.see("waiting")
    conversation = only_conversation(shop.workspace.id)
    handoff.claim(shop.bob, conversation.id)
    handoff.resolve(shop.bob, conversation.id)
    expect(widget.frame.locator("#rating")).to_be_visible()
    looks.see("how was it")
    widget.frame.get_by_label("4 of 5").check()
    widget.frame.locator("#rating .send").click()
    expect(widget.frame.locator("#rated")).to_be_visible()
    looks.see("it was rated")
    widget.frame.locator("#fresh").click()
    widget.says()
    looks.see("a new one")
    fills_in(widget)  # each conversation asks anew
    asks(widget, "Another thing")
    widget.frame.locator("#history").click()
    expect(widget.frame.locator(".conversations button").first).to_be_visible()
    looks.see("earlier conversations")
    widget.frame.locator(".conversations button").first.click()
    expect(widget.frame.locator("#panel .bubble").first).to_be_visible()
    looks.see("one of them")
