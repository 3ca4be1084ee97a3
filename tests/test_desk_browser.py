"""Agents at the desk, in real browsers: what one does the others see, and the visitor gets."""

import json

import pytest
from playwright.sync_api import expect

from accounts.models import Member
from accounts.scope import workspace_scope
from chatbot import broadcast
from chatbot.models import Owner
from tests.browser import NewPage
from tests.cast import Cast
from tests.desks import Vera, sit_down
from tests.live import Live

pytestmark = pytest.mark.django_db(transaction=True)
# What a browser says of a server that is away.
OUTAGE = ("WebSocket", "net::ERR_", "htmx:", ": undefined")


@pytest.fixture
def vera(cast: Cast) -> Vera:
    """Has asked a question and then for a person."""
    visitor = Vera(cast)
    visitor.says("My anvil is broken")
    visitor.asks_for_a_person()
    return visitor


def test_of_two_who_claim_one_is_told_who_was_faster(
    web: Live, new_page: NewPage, cast: Cast, vera: Vera
) -> None:
    alice = sit_down(new_page, web, cast.alice).open("waiting")
    bob = sit_down(new_page, web, cast.bob)
    alice.wire.held = True  # she still sees the conversation waiting
    bob.claim()

    alice.action("Claim").click()
    alice.wire.release()

    expect(alice.notices).to_contain_text("Bob was faster and has this conversation now.")
    alice.has_state("Bob has this conversation")
    expect(alice.action("Claim")).to_be_hidden()
    expect(alice.list("waiting")).to_have_count(0)
    expect(alice.list("others")).to_contain_text("Bob")
    expect(bob.list("mine")).to_have_count(1)


def test_a_reply_reaches_the_visitor_and_colleagues(
    web: Live, new_page: NewPage, cast: Cast, vera: Vera
) -> None:
    alice = sit_down(new_page, web, cast.alice)
    bob = sit_down(new_page, web, cast.bob).claim()
    alice.open("others")

    bob.write("Is it the horn or the base?")

    bob.shows("My anvil is broken", "Is it the horn or the base?")
    alice.shows("My anvil is broken", "Is it the horn or the base?")
    expect(bob.field).to_have_value("")
    assert vera.replies() == ["Is it the horn or the base?"]
    vera.says("The horn")
    bob.shows("My anvil is broken", "Is it the horn or the base?", "The horn")


def test_shift_and_enter_begin_a_line_and_send_nothing(
    web: Live, new_page: NewPage, cast: Cast, vera: Vera
) -> None:
    bob = sit_down(new_page, web, cast.bob).claim()

    bob.field.press_sequentially("one")
    bob.field.press("Shift+Enter")
    bob.field.press_sequentially("two")

    expect(bob.field).to_have_value("one\ntwo")
    assert vera.replies() == []


def test_what_a_visitor_writes_is_never_read_as_a_page(
    web: Live, new_page: NewPage, cast: Cast, vera: Vera
) -> None:
    attack = "<img src=x onerror=alert(1)><b>bold</b>"
    vera.says(attack)

    bob = sit_down(new_page, web, cast.bob).claim()
    bob.write(f"You wrote: {attack}")

    bob.shows("My anvil is broken", attack, "You wrote: bold")
    expect(bob.log.locator("img")).to_have_count(0)
    expect(bob.log.locator(".visitor b")).to_have_count(0)


def test_a_note_stays_among_members(web: Live, new_page: NewPage, cast: Cast, vera: Vera) -> None:
    alice = sit_down(new_page, web, cast.alice).open("waiting")
    bob = sit_down(new_page, web, cast.bob).open("waiting")

    bob.write("Smells like a warranty case", mode="Internal note")

    note = alice.log.locator(".note")
    expect(note).to_contain_text("Note by Bob, for members only")
    expect(note).to_contain_text("Smells like a warranty case")
    assert "warranty" not in json.dumps(vera.reads())


def test_a_conversation_goes_back_to_the_bot_and_is_taken_from_it(
    web: Live, new_page: NewPage, cast: Cast, vera: Vera
) -> None:
    bob = sit_down(new_page, web, cast.bob).claim()

    bob.action("Give back to the bot").click()
    bob.has_state("The bot answers")
    expect(bob.list("others")).to_contain_text("Bot")
    expect(bob.list("mine")).to_have_count(0)

    bob.action("Take over").click()
    bob.has_state("You have this conversation")
    expect(bob.list("mine")).to_have_count(1)


def test_a_released_conversation_waits_for_a_colleague(
    web: Live, new_page: NewPage, cast: Cast, vera: Vera
) -> None:
    alice = sit_down(new_page, web, cast.alice)
    bob = sit_down(new_page, web, cast.bob).claim()
    expect(alice.list("waiting")).to_have_count(0)

    bob.action("Release").click()

    bob.has_state("Waiting for an agent")
    alice.claim()
    bob.has_state("Alice has this conversation")


def test_a_resolved_conversation_leaves_the_lists_and_comes_back_when_the_visitor_writes(
    web: Live, new_page: NewPage, cast: Cast, vera: Vera
) -> None:
    bob = sit_down(new_page, web, cast.bob).claim()

    bob.action("Resolve").click()

    bob.has_state("Resolved")
    expect(bob.list("mine")).to_have_count(0)
    expect(bob.field).not_to_be_editable()
    vera.says("One more thing")
    bob.has_state("The bot answers")
    expect(bob.list("others")).to_contain_text("One more thing")


def test_what_the_visitor_wrote_meanwhile_is_read_before_it_is_put_off_or_resolved(
    web: Live, new_page: NewPage, cast: Cast, vera: Vera
) -> None:
    bob = sit_down(new_page, web, cast.bob).claim()
    page, told = bob.page, "Something new has come from the visitor. Look, then decide again."
    bob.wire.held = True  # bob does not hear what Vera writes
    vera.says("The horn")
    page.locator("[data-about=snooze]").click()
    page.locator("[data-preset=hour]").click()
    expect(bob.notices).to_have_text(f"{told}Dismiss")
    bob.wire.release()
    bob.shows("My anvil is broken", "The horn")
    page.get_by_role("button", name="Dismiss").click()

    bob.wire.held = True
    vera.says("And the base")
    bob.action("Resolve").click()
    bob.wire.release()
    expect(bob.notices).to_have_text(f"{told}Dismiss")
    bob.shows("My anvil is broken", "The horn", "And the base")
    bob.has_state("You have this conversation")

    expect(bob.list("mine")).to_contain_text("And the base")
    page.locator("#back").evaluate("button => button.click()")  # nothing is opened
    page.locator("#items .tick").check()
    vera.says("Hello?")
    expect(bob.list("mine")).to_contain_text("Hello?")
    page.locator("[data-bulk=resolve]").dblclick()
    expect(page.locator("#bulk-result")).to_contain_text("Done for 0 of 1.")
    expect(page.locator("#bulk-result li")).to_contain_text(told)
    assert vera.conversation().status == "open"
    page.locator("[data-bulk=resolve]").click()  # it is still ticked, and was read
    expect(page.locator("#bulk-result")).to_have_text("Done for 1 of 1.")
    assert vera.conversation().status == "resolved"


def test_the_title_counts_who_waits(web: Live, new_page: NewPage, cast: Cast, vera: Vera) -> None:
    bob = sit_down(new_page, web, cast.bob)

    expect(bob.page).to_have_title("(1) Desk · Acme")
    bob.claim()
    expect(bob.page).to_have_title("Desk · Acme")


def test_typing_of_the_visitor_is_shown(
    web: Live, new_page: NewPage, cast: Cast, vera: Vera
) -> None:
    bob = sit_down(new_page, web, cast.bob).claim()
    conversation_id = cast.conversation_id
    frame = {"type": "typing.started", "who": "visitor", "conversation_id": str(conversation_id)}

    broadcast.transient(conversation_id, frame)

    expect(bob.page.get_by_text("The visitor is typing…")).to_be_visible()
    vera.says("Hello?")
    expect(bob.page.get_by_text("The visitor is typing…")).to_be_hidden()


def test_a_broken_line_loses_and_doubles_nothing(
    web: Live, new_page: NewPage, cast: Cast, vera: Vera
) -> None:
    bob = sit_down(new_page, web, cast.bob).claim()
    bob.wire.held = True
    bob.write("Is it the horn?")
    web.wait_until(vera.replies, "the server has the reply, and the page does not know")
    expect(bob.field).to_have_value("Is it the horn?")
    vera.says("It is the base")

    bob.wire.cut()

    bob.shows("My anvil is broken", "Is it the horn?", "It is the base")
    expect(bob.field).to_have_value("")
    assert vera.replies() == ["Is it the horn?"]


def test_what_is_written_without_a_server_is_sent_when_it_is_back(
    web: Live, new_page: NewPage, cast: Cast, vera: Vera, page_errors: list[str]
) -> None:
    bob = sit_down(new_page, web, cast.bob).claim()
    with web.down("web"):
        expect(bob.page.locator("#connection")).to_have_text("No connection. Trying again…")
        bob.write("Still here")

    bob.is_connected(timeout_s=60)
    bob.shows("My anvil is broken", "Still here")
    assert vera.replies() == ["Still here"]
    assert all(any(word in error for word in OUTAGE) for error in page_errors)
    page_errors.clear()


def test_who_loses_the_role_loses_the_desk(
    web: Live, new_page: NewPage, cast: Cast, vera: Vera, page_errors: list[str]
) -> None:
    bob = sit_down(new_page, web, cast.bob).open("waiting")
    with workspace_scope(cast.workspace.id):
        Member.objects.filter(id=cast.bob.id).update(is_active=False)

    bob.action("Claim").click()

    expect(bob.page.locator("#connection")).to_have_text("You may not use this desk any longer.")
    assert vera.conversation().owner == Owner.QUEUE
    bob.page.close()  # what it goes on asking for is refused
    refused = ("404", "CLOSING or CLOSED")  # or it wrote to the socket in that very moment
    assert all(any(word in error for word in refused) for error in page_errors)
    page_errors.clear()
