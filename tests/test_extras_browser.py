"""What stands around the talk, as a visitor meets it: form, files, address, rating."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from accounts.scope import workspace_scope
from accounts.workspaces import change_settings
from chatbot import handoff, identity_keys
from chatbot.models import Attachment, PrechatAnswer, Rating
from chatbot.tests import files
from chatbot.tests.test_identity import signed
from tests.browser import NewPage
from tests.chatting import Shop, Widget, only_conversation, visit
from tests.desks import Desk, sit_down
from tests.hostpage import HostPage
from tests.live import Live
from tests.test_console_browser import accessible

pytestmark = pytest.mark.django_db(transaction=True)
FORM = {
    "fields": {"email": "required", "topic": "optional"},
    "topics": {"en": ["Delivery", "Returns"]},
}


def test_a_form_a_file_and_a_rating(
    shop: Shop,
    web: Live,
    host: HostPage,
    new_page: NewPage,
    *,
    page_errors: list[str],
    tmp_path: Path,
) -> None:
    change_settings(shop.workspace.id, actor=shop.alice, prechat=FORM)
    page = new_page(viewport={"width": 400, "height": 800})
    widget = visit(page, host)
    widget.launcher.click()
    email = widget.frame.get_by_label("E-mail", exact=True)
    email.fill("nonsense@x")
    widget.frame.get_by_label("What is it about?").select_option("Returns")
    widget.frame.get_by_role("button", name="Begin").click()
    expect(widget.frame.get_by_text("This is no e-mail address.")).to_be_visible()
    expect(email).to_have_value("nonsense@x")  # nothing that was typed is lost
    email.fill("vera@example.com")
    email.press("Enter")
    expect(widget.field).to_be_focused()
    sends_files(widget, shop, tmp_path)
    assert [error for error in page_errors if "/widget/v1/files/" not in error] == []
    page_errors.clear()  # the browser's own line about the file that was refused
    widget.frame.get_by_role("button", name="Talk to a person").click()
    gets_a_file(widget, sit_down(new_page, web, shop.bob), tmp_path)
    rates(widget, shop)


def sends_files(widget: Widget, shop: Shop, folder: Path) -> None:
    good, bad = folder / "broken lamp.png", folder / "virus.png"
    good.write_bytes(files.picture("PNG", (640, 480)))
    bad.write_bytes(b"MZ nothing of a picture")
    widget.frame.locator("#file").set_input_files([good, bad])
    waiting = widget.frame.get_by_role("list", name="Files to send")
    expect(waiting.get_by_role("progressbar")).to_have_count(0)
    expect(waiting.get_by_text("Only pictures (PNG, JPEG, WebP, GIF)")).to_be_visible()
    waiting.get_by_role("button", name="Remove the file").nth(1).click()
    widget.send("It is broken")
    expect(waiting).to_be_hidden()
    sent = widget.messages.last.get_by_role("button", name="broken lamp.png")
    expect(sent.locator("img")).to_be_visible()
    with widget.page.expect_download() as saved:
        sent.click()
    assert saved.value.suggested_filename == "broken lamp.png"
    with workspace_scope(shop.workspace.id):
        row = Attachment.objects.get()
        assert row.message_id and (row.width, row.height) == (640, 480)
        assert PrechatAnswer.objects.get().topic == "Returns"


def gets_a_file(widget: Widget, desk: Desk, folder: Path) -> None:
    desk.claim()
    expect(desk.log.get_by_text("Before the chat: vera@example.com · Returns")).to_be_visible()
    expect(desk.log.get_by_role("link", name="broken lamp.png").locator("img")).to_be_visible()
    plan = folder / "how to mend.pdf"
    plan.write_bytes(files.pdf())
    desk.page.locator("#file").set_input_files(plan)
    expect(desk.page.get_by_role("list", name="Files to send")).to_contain_text("how to mend.pdf")
    expect(desk.page.get_by_role("progressbar")).to_have_count(0)
    desk.write("So you mend it")
    sent = desk.log.get_by_role("link", name="how to mend.pdf")
    expect(sent).to_be_visible()
    expect(widget.messages.last).to_contain_text("So you mend it")
    expect(widget.messages.last.get_by_role("button", name="how to mend.pdf")).to_be_visible()


def rates(widget: Widget, shop: Shop) -> None:
    widget.frame.get_by_role("button", name="This is solved").click()
    group = widget.frame.get_by_role("group", name="How was this conversation?")
    expect(group).to_be_visible()
    group.get_by_label("4 of 5").check()
    widget.frame.get_by_label("Would you like to add something?").fill("Quick")
    widget.frame.get_by_role("button", name="Send the rating").click()
    expect(widget.frame.get_by_text("Thank you. Your rating: 4 of 5.")).to_be_visible()
    widget.page.reload()
    expect(widget.frame.get_by_text("Thank you. Your rating: 4 of 5.")).to_be_attached()
    widget.opens_again()
    widget.frame.get_by_role("button", name="Change").click()
    expect(group.get_by_label("4 of 5")).to_be_checked()
    group.get_by_label("5 of 5, very good").check()
    widget.frame.get_by_role("button", name="Send the rating").click()
    expect(widget.frame.get_by_text("Thank you. Your rating: 5 of 5.")).to_be_visible()
    with workspace_scope(shop.workspace.id):
        row = Rating.objects.get()
        assert (row.score, row.comment, row.member_id) == (5, "Quick", shop.bob.id)


def test_the_page_says_who_it_is_and_another_person_sees_nothing(
    shop: Shop, host: HostPage, new_page: NewPage
) -> None:
    key = identity_keys.make(shop.workspace.id, actor=shop.alice)
    widget = visit(new_page(), host).open()
    widget.send("My secret")
    widget.sent("My secret")
    says_who(widget, signed(key, "u1"))
    widget.says("My secret")
    handoff.take_over(shop.bob, only_conversation(shop.workspace.id).id)
    expect(widget.frame.get_by_text("You are talking to Bob")).to_be_visible()
    widget.field.fill("A draft of mine")
    says_who(widget, signed(key, "u2"))
    widget.says()
    expect(widget.field).to_have_value("")
    says_who(widget, signed(key, "u1"))
    widget.says("My secret")
    accessible(widget.page)


def says_who(widget: Widget, token: str | None) -> None:
    widget.page.evaluate("(token) => Firstline.identify(token)", token)
