"""Two agents and three visitors at once, whose lines all break in the midst of it."""

from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest
from django.db import connections
from playwright.sync_api import Locator, Page, expect

from accounts.scope import workspace_scope
from chatbot import handoff
from chatbot.errors import Conflict
from chatbot.models import Conversation, Event, Handoff, Message
from tests.browser import NewPage
from tests.cast import Cast
from tests.desks import Desk, sit_down
from tests.live import Live
from tests.test_desk_browser import OUTAGE

pytestmark = pytest.mark.django_db(transaction=True)
NAMES = ("Ann", "Ben", "Cleo")


def bubbles(page: Page) -> Locator:
    """What visitor and people said, without the lines of the bot."""
    people = (f".message[data-author={who}] .bubble" for who in ("visitor", "member"))
    return page.locator(", ".join(people))


def writes(page: Page, text: str) -> None:
    page.get_by_label("Your message").fill(text)
    page.get_by_label("Your message").press("Enter")


def comes(new_page: NewPage, web: Live, cast: Cast, name: str) -> Page:
    """A visitor in a browser of their own, who waits for a person."""
    page = new_page(viewport={"width": 360, "height": 640})
    page.goto(f"{web.url}/widget/v1/frame/{cast.acme.widget_key}/")
    writes(page, f"I am {name}")
    page.get_by_role("button", name="Talk to a person").click()
    expect(page.locator("#waiting")).to_contain_text("You are")
    return page


def takes(desk: Desk, name: str) -> None:
    desk.list("waiting").filter(has_text=f"I am {name}").click()
    desk.action("Claim").click()
    desk.has_state("You have this conversation")
    desk.write(f"Hello {name}")


def ids(cast: Cast) -> dict[str, UUID]:
    with workspace_scope(cast.workspace.id):
        rows = Message.objects.filter(text__startswith="I am ")
        return {row.text.removeprefix("I am "): row.conversation_id for row in rows}


def holders(cast: Cast) -> dict[UUID, str]:
    with workspace_scope(cast.workspace.id):
        rows = Conversation.objects.filter(owner_member__isnull=False)
        return {row.id: row.owner_member.display_name for row in rows if row.owner_member}


def test_all_lines_break_and_nobody_is_lost_doubled_or_taken_twice(
    web: Live, new_page: NewPage, cast: Cast, page_errors: list[str]
) -> None:
    visitors = {name: comes(new_page, web, cast, name) for name in NAMES}
    alice, bob = sit_down(new_page, web, cast.alice), sit_down(new_page, web, cast.bob)
    for desk in (alice, bob):
        expect(desk.list("waiting")).to_have_count(3)
    takes(alice, "Ann")
    takes(bob, "Ben")
    for name in ("Ann", "Ben"):
        expect(bubbles(visitors[name])).to_have_text([f"I am {name}", f"Hello {name}"])

    with web.down("web"):
        for desk in (alice, bob):
            expect(desk.page.locator("#connection")).to_have_text("No connection. Trying again…")
        for name, page in visitors.items():
            writes(page, f"{name} writes on")
        alice.write("Are you there, Ann?")
        bob.write("Are you there, Ben?")
    for desk in (alice, bob):
        desk.is_connected(timeout_s=60)

    for name in ("Ann", "Ben"):
        said = bubbles(visitors[name])
        expect(said).to_have_count(4)
        late = {f"{name} writes on", f"Are you there, {name}?"}  # whoever is back first
        assert set(said.all_inner_texts()[2:]) == late
    expect(bubbles(visitors["Cleo"])).to_have_text(["I am Cleo", "Cleo writes on"])

    # Both want the one who still waits; the lists of both are right.
    for desk in (alice, bob):
        expect(desk.list("waiting")).to_have_count(1)
        desk.list("waiting").first.click()
    both_claim(cast, ids(cast)["Cleo"])
    for desk in (alice, bob):
        expect(desk.list("waiting")).to_have_count(0)
    found, held = ids(cast), holders(cast)
    assert (held[found["Ann"]], held[found["Ben"]]) == ("Alice", "Bob")
    assert held[found["Cleo"]] in {"Alice", "Bob"}
    expect(visitors["Cleo"].locator("#waiting")).to_be_hidden()
    with workspace_scope(cast.workspace.id):
        for one in found.values():
            events = Event.objects.filter(conversation_id=one)
            assert events.filter(payload__reason="claim").count() == 1
            running = Handoff.objects.filter(conversation_id=one, ended_at=None)
            assert running.count() == 1
            numbers = list(events.order_by("staff_seq").values_list("staff_seq", flat=True))
            assert numbers == list(range(1, len(numbers) + 1))
        texts = list(Message.objects.exclude(author="bot").values_list("text", flat=True))
    assert len(texts) == len(set(texts)) == 10
    assert all(any(word in error for word in OUTAGE) for error in page_errors), page_errors
    page_errors.clear()


def both_claim(cast: Cast, conversation_id: UUID) -> None:
    """At the same moment, as two clicks do it."""

    def claim(number: int) -> bool:
        try:
            handoff.claim((cast.alice, cast.bob)[number], conversation_id)
        except Conflict:
            return False
        finally:
            connections.close_all()
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(claim, range(2))) == [False, True]
