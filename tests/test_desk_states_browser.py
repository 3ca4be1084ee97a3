"""Each state of the desk for everybody's eyes and hands: lists, dialogs, refusals, a lost line."""

from pathlib import Path
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect

from accounts.scope import workspace_scope
from chatbot import canned, desk_settings, handoff
from chatbot.answering.contract import ANSWER, ESCALATE
from chatbot.canned import Written
from chatbot.desk_settings import Decided
from chatbot.inbox import tags
from chatbot.models import Placement, Priority, Queue, SlaTarget
from chatbot.queues.choosing import default_queue
from chatbot.tests import files
from chatbot.tests.test_inbox import to_people, visit
from tests.browser import NewPage
from tests.cast import Cast
from tests.desks import Desk, Vera, decided, sit_down
from tests.live import Live
from tests.seeing import LAPTOP, Looks
from tests.test_console_browser import log_in
from tests.test_desk_inbox_browser import newer
from tests.test_desk_looking_up_browser import is_read
from tests.test_desk_pane_browser import is_assisted

pytestmark = pytest.mark.django_db(transaction=True)


def seated(web: Live, new_page: NewPage, cast: Cast) -> tuple[Desk, Looks]:
    bob = sit_down(new_page, web, cast.bob, viewport=LAPTOP)
    return bob, Looks(bob.page)


def with_queues(cast: Cast) -> None:
    """Two, one of them with a clock."""
    with workspace_scope(cast.workspace.id):
        queue = default_queue()  # the desk's own pages make it, too, when they are opened
        Queue.objects.create(workspace=cast.workspace, name="Billing")
        SlaTarget.objects.create(
            workspace=cast.workspace, queue=queue, priority=0, first_reply_min=1
        )


def full_of_work(cast: Cast) -> list[UUID]:
    """Ten who wait, one of them urgent, one with tags."""
    with_queues(cast)
    ids = [to_people(cast, visit(cast, f"Parcel {number}")) for number in range(10)]
    with workspace_scope(cast.workspace.id):
        for number, priority in ((3, Priority.URGENT), (4, Priority.HIGH)):
            Placement.objects.filter(conversation_id=ids[number]).update(priority=priority)
    for name in ("Delivery", "Money back", "Slow post", "Regular", "Broken"):
        tags.add(cast.bob, ids[5], name)
    return ids


def test_lists_filters_search_and_actions_on_many(web: Live, new_page: NewPage, cast: Cast) -> None:
    bob, looks = seated(web, new_page, cast)
    page = bob.page
    looks.at("nothing waits")
    bob.list("snoozed")
    expect(page.locator("#list-says")).not_to_be_empty()
    looks.at("nothing was put off")

    ids = full_of_work(cast)
    expect(bob.list("waiting")).to_have_count(10)
    looks.at("many wait")
    page.get_by_text("Filters and order").click()
    looks.at("the filters")
    page.get_by_label("Who has it").select_option("bot")
    expect(page.locator("#items .item")).to_have_count(0)
    looks.at("nothing passes the filters")
    page.get_by_role("button", name="Clear the filters").click()
    page.get_by_text("Filters and order").click()

    page.get_by_label("Choose Parcel 3").check()
    page.get_by_label("Choose Parcel 4").check()
    looks.at("some are chosen")
    page.locator("[data-bulk=snooze]").click()
    page.locator("#snooze-at").fill("2020-01-01T09:00")
    page.locator("#snooze-form .primary").click()
    looks.at("a time that is over")
    page.locator("#snooze-dialog").get_by_role("button", name="Cancel").click()
    page.locator("[data-bulk=tag]").click()
    expect(page.locator("#tag-choice button")).to_have_count(5)
    looks.at("which tag")
    page.keyboard.press("Escape")
    handoff.claim(cast.alice, ids[6])
    expect(bob.list("open")).to_have_count(10)
    page.get_by_label("Choose Parcel 6").check()
    page.locator("[data-bulk=resolve]").click()
    expect(page.locator("#bulk-result li")).to_have_count(1)
    looks.at("what could not be done")
    page.get_by_role("button", name="Choose none").click()

    page.get_by_role("searchbox").fill("giraffe")
    page.get_by_role("searchbox").press("Enter")
    expect(page.locator("#list-says")).to_contain_text("Nothing was found")
    looks.at("nothing was found")
    page.get_by_role("searchbox").fill("parcel")
    page.get_by_role("searchbox").press("Enter")
    expect(page.locator("#items mark").first).to_be_visible()
    looks.at("something was found")
    page.keyboard.press("Escape")
    page.locator("#help-open").click()
    looks.at("the keys")
    assert looks.wrong == {}


def test_a_conversation_in_each_state(
    web: Live, new_page: NewPage, cast: Cast, tmp_path: Path, page_errors: list[str]
) -> None:
    with_queues(cast)
    desk_settings.change(cast.alice, Decided(ask_colleague=True, colleague_minutes=5))
    vera = Vera(cast)
    vera.says("My anvil is broken")
    vera.is_answered(decided(ANSWER, confidence=0.93))
    vera.says("May I return it?")
    bob, looks = seated(web, new_page, cast)
    vera.is_answered(decided(ESCALATE, confidence=0.2, reason="low_confidence"))
    expect(bob.page.locator("#for-me form")).to_be_visible()
    bob.open("others")
    looks.at("the bot has it, and asks a colleague")
    vera.asks_for_a_person()
    bob.has_state("Waiting for an agent")
    looks.at("it waits")

    handoff.claim(cast.alice, cast.conversation_id)
    bob.has_state("Alice has this conversation")
    looks.at("a colleague has it")
    handoff.release(cast.alice, cast.conversation_id)
    bob.action("Claim").click()
    bob.has_state("You have this conversation")
    for receipt in bob.log.locator("details").all():
        receipt.locator("summary").click()
    looks.at("receipts")
    works_on_it(bob, cast, looks)
    sends_files(bob, looks, tmp_path)
    bob.page.locator("[data-about=snooze]").click()
    bob.page.locator("[data-preset=hour]").click()
    bob.has_state("Put off")
    looks.at("it is put off")
    bob.page.locator("[data-about=wake]").click()
    bob.has_state("You have this conversation")
    bob.action("Resolve").click()
    bob.has_state("Resolved")
    looks.at("it is resolved")
    assert all("400" in one and "/files/" in one for one in page_errors)
    page_errors.clear()  # the browser's own line about the file that was refused
    assert looks.wrong == {}


def works_on_it(bob: Desk, cast: Cast, looks: Looks) -> None:
    """Summary, suggestions, a look-up, canned replies, notes, and giving it over."""
    page, pane = bob.page, bob.page.locator("#pane")
    is_assisted(cast)
    expect(pane).to_contain_text("May I return it?")
    looks.at("what stands beside")
    page.get_by_label("What would the bot say?").fill("How long?")
    page.get_by_label("What would the bot say?").press("Enter")
    expect(pane).to_contain_text("The articles are being read")
    looks.at("it is looked up")
    is_read(cast)
    expect(pane.locator("[data-number='4']")).to_be_visible()
    looks.at("what was found")
    canned.save(cast.alice, Written("hello", "Good day {visitor.name}.", True))
    bob.field.press_sequentially("/he")
    expect(page.locator("#canned [role=option]")).to_be_visible()
    looks.at("canned replies")
    bob.field.fill("")
    bob.write("@Alice she is a regular", mode="Internal note")
    expect(bob.log.locator(".note")).to_be_visible()
    looks.at("a note")
    newer(cast)
    page.keyboard.press("Escape")
    page.locator("#log").focus()
    page.keyboard.press("l")
    expect(page.locator("#tag-dialog")).to_be_visible()
    looks.at("the first tag")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Transfer…").click()
    looks.at("giving it over")
    page.keyboard.press("Escape")


def sends_files(bob: Desk, looks: Looks, folder: Path) -> None:
    good, bad = folder / "lamp.png", folder / "virus.png"
    good.write_bytes(files.picture("PNG", (640, 480)))
    bad.write_bytes(b"MZ nothing of a picture")
    bob.page.locator("#file").set_input_files([good, bad])
    expect(bob.page.locator("#files").get_by_text("Only pictures")).to_be_visible()
    looks.at("a file is refused")
    bob.page.locator("#files li").last.get_by_role("button").click()
    bob.write("So it looks")
    expect(bob.log.get_by_role("link", name="lamp.png")).to_be_visible()
    looks.at("a file was sent")


def test_a_joined_conversation_and_one_that_is_lost(
    web: Live, new_page: NewPage, cast: Cast, page_errors: list[str]
) -> None:
    vera = Vera(cast)
    vera.says("My first question")
    vera.asks_for_a_person()
    newer(cast)
    bob, looks = seated(web, new_page, cast)
    bob.open("waiting")
    bob.page.get_by_role("button", name="Join").click()
    expect(bob.page.locator("#merge-choice")).to_contain_text("My second question")
    looks.at("with which one")
    bob.page.locator("#merge-do").click()
    expect(bob.page.locator("#about-joined button")).to_be_visible()
    expect(bob.log).not_to_have_attribute("aria-busy", "true")  # pale until all of it is there
    looks.at("joined")
    other = to_people(cast, visit(cast, "Ann"))
    expect(bob.list("waiting")).to_have_count(1)
    bob.open("waiting").has_state("Waiting for an agent")
    bob.wire.held = True  # bob does not hear that alice is faster
    handoff.claim(cast.alice, other)
    bob.action("Claim").click()
    bob.wire.release()
    expect(bob.notices).not_to_be_empty()
    looks.at("a claim is refused")
    bob.page.context.set_offline(True)
    bob.wire.cut()
    expect(bob.page.locator("#connection")).not_to_have_attribute("data-state", "connected")
    looks.at("the line is lost")
    bob.page.close()
    page_errors.clear()  # the browser says that the network is away
    assert looks.wrong == {}


@pytest.mark.parametrize("language", ["en-US", "ru-RU"])
def test_who_may_not_and_what_has_no_data(
    web: Live, new_page: NewPage, cast: Cast, page_errors: list[str], language: str
) -> None:
    page: Page = new_page(locale=language)
    looks = Looks(page)
    page.goto(f"{web.url}/desk/acme/")
    looks.at("signed out")
    log_in(page, web, cast.alice)
    for path in (
        "/desk/", "/desk/acme/", "/desk/acme/canned/", "/console/acme/desk-report/",
        "/console/acme/outcomes/", "/desk/other/", "/transcript/nonsense/", "/desk/acme/nothing/",
    ):  # fmt: skip
        page.goto(web.url + path)
        looks.at(path)
    vera = Vera(cast)
    vera.says("My anvil is broken")
    vera.asks_for_a_person()
    handoff.claim(cast.bob, cast.conversation_id)
    handoff.reply(cast.bob, cast.conversation_id, client_id="1", text="Send it back.")
    handoff.resolve(cast.bob, cast.conversation_id)
    page.goto(f"{web.url}/console/acme/desk-report/")
    looks.at("a report")
    assert all("404" in one for one in page_errors), page_errors
    page_errors.clear()
    assert looks.wrong == {}
