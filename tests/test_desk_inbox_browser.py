"""Two agents at their inboxes at once: views, search, actions on many, joining, and keys alone."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.utils import timezone
from playwright.sync_api import Locator, expect

from accounts.scope import workspace_scope
from chatbot import handoff, intake
from chatbot.inbox import tags
from chatbot.models import Conversation
from chatbot.tests.test_inbox import to_people, visit
from tests.browser import NewPage
from tests.cast import Cast
from tests.desks import Desk, Vera, sit_down
from tests.live import Live
from tests.test_desk_reading import accessible

pytestmark = pytest.mark.django_db(transaction=True)


def rows(desk: Desk) -> Locator:
    """Those of the view that is open."""
    return desk.page.locator("#items .item .name")


def count(desk: Desk, view: str) -> Locator:
    return desk.page.locator(f"#{view}-count")


def is_open(desk: Desk, view: str) -> None:
    button = desk.page.locator(f"#views [data-view={view}]")
    expect(button).to_have_attribute("aria-current", "page")


def test_both_see_the_same_at_once_and_work_through_many(
    web: Live, new_page: NewPage, cast: Cast
) -> None:
    ids = {name: to_people(cast, visit(cast, name)) for name in ("Ann", "Ben", "Cleo", "Dora")}
    alice, bob = sit_down(new_page, web, cast.alice), sit_down(new_page, web, cast.bob)
    expect(rows(bob)).to_have_text(["Ann (not read)", "Ben (not read)", "Cleo (not read)",
                                    "Dora (not read)"])  # fmt: skip
    expect(count(alice, "waiting")).to_have_text("4")

    bob.page.get_by_label("Choose Ann").check()
    bob.page.get_by_label("Choose Ben").check()
    handoff.claim(cast.alice, ids["Ben"])  # she is faster with this one
    expect(rows(bob)).to_have_count(3)  # and so it is not chosen any more
    bob.page.get_by_label("Choose Cleo").check()
    bob.page.get_by_role("button", name="Assign to me").click()
    expect(bob.page.locator("#bulk-result")).to_have_text("Done for 2 of 2.")
    for desk in (alice, bob):
        expect(rows(desk)).to_have_text(["Dora (not read)"])
        expect(count(desk, "waiting")).to_have_text("1")
    expect(count(bob, "mine")).to_have_text("2")
    expect(count(alice, "mine")).to_have_text("1")

    expect(bob.list("open")).to_have_count(4)
    bob.page.get_by_label("Choose Ben").check()
    bob.page.get_by_label("Choose Ann").check()
    bob.page.locator("[data-bulk=resolve]").click()
    expect(bob.page.locator("#bulk-result")).to_contain_text("Done for 1 of 2.")
    expect(bob.page.locator("#bulk-result li")).to_have_text("Ben: Alice has this conversation")
    expect(bob.page.get_by_label("Choose Ben")).to_be_checked()  # still to be dealt with
    expect(alice.list("resolved")).to_have_count(1)
    accessible(bob.page)

    alice.wire.cut()
    to_people(cast, visit(cast, "Emil"))
    alice.is_connected()
    expect(count(alice, "waiting")).to_have_text("2")
    alice.page.go_back()
    is_open(alice, "waiting")
    expect(rows(alice)).to_have_text(["Dora (not read)", "Emil (not read)"])


def test_search_and_filters_are_kept_by_the_address(
    web: Live, new_page: NewPage, cast: Cast
) -> None:
    ann = visit(cast, "Ann's parcel <b>never</b> came")
    visit(cast, "Где посылка?", language="ru")
    handoff.take_over(cast.bob, ann)
    handoff.add_note(cast.bob, ann, client_id="n", text="Customs holds it")
    tags.add(cast.bob, ann, "Delivery")
    bob = sit_down(new_page, web, cast.bob)
    page = bob.page

    page.get_by_role("searchbox").fill("customs")
    page.get_by_role("searchbox").press("Enter")
    expect(page.locator("#items .item")).to_have_count(1)
    expect(page.locator("#items mark")).to_have_text("Customs")
    expect(page.locator("#items .preview")).to_have_text("Note: Customs holds it")
    expect(page.locator("#items .chip[data-colour]")).to_have_text("Delivery")
    page.reload()
    expect(page.locator("#items mark")).to_have_text("Customs")
    accessible(page)
    page.get_by_role("searchbox").fill("giraffe")
    page.get_by_role("searchbox").press("Enter")
    expect(page.locator("#list-says")).to_contain_text("Nothing was found")
    page.go_back()
    expect(page.locator("#items mark")).to_have_text("Customs")

    page.locator("#views [data-view=open]").click()
    expect(rows(bob)).to_have_count(2)
    page.get_by_text("Filters and order").click()
    page.get_by_label("Language").first.select_option("ru")
    expect(rows(bob)).to_have_text(["Где посылка? (not read)"])
    page.reload()
    expect(rows(bob)).to_have_text(["Где посылка? (not read)"])
    expect(page.locator("#filter-count")).to_have_text("1")


def test_an_agent_works_by_keys_alone(web: Live, new_page: NewPage, cast: Cast) -> None:
    for name in ("Ann", "Ben", "Cleo"):
        to_people(cast, visit(cast, name))
    bob = sit_down(new_page, web, cast.bob)
    keys, page = bob.page.keyboard, bob.page
    expect(rows(bob)).to_have_count(3)

    keys.press("j")  # Ann
    bob.has_state("Waiting for an agent")
    keys.press("c")
    bob.has_state("You have this conversation")
    keys.press("l")
    expect(page.locator("#tag-name")).to_be_focused()
    keys.type("slow post")  # g, s, l and o are letters here
    keys.press("Enter")
    expect(page.locator("#about-tags .chip")).to_have_text("slow post")
    keys.press("s")
    page.locator("#snooze-dialog [data-preset=hour]").press("Enter")
    bob.has_state("Put off")
    keys.press("g")
    keys.press("s")
    is_open(bob, "snoozed")
    expect(rows(bob)).to_have_count(1)
    expect(page.locator("#items .tag")).to_contain_text("Put off until")
    keys.press("w")
    bob.has_state("You have this conversation")
    keys.press("g")
    keys.press("w")
    is_open(bob, "waiting")
    expect(rows(bob)).to_have_count(2)
    keys.press("a")
    expect(page.locator("#bulk-count")).to_have_text("2 chosen")
    keys.press("c")
    expect(page.locator("#bulk-result")).to_have_text("Done for 2 of 2.")
    expect(count(bob, "mine")).to_have_text("3")
    keys.press("/")
    keys.type("cleo")
    keys.press("Enter")
    expect(page.locator("#items mark")).to_have_text("Cleo")
    keys.press("j")
    bob.shows("Cleo")
    keys.press("?")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_contain_text("Go to a view")
    accessible(page)


def test_two_conversations_of_one_visitor_are_joined_and_separated(
    web: Live, new_page: NewPage, cast: Cast
) -> None:
    vera = Vera(cast)
    vera.says("My first question")
    vera.asks_for_a_person()
    later = newer(cast)
    bob = sit_down(new_page, web, cast.bob).open("waiting")

    bob.page.get_by_role("button", name="Join").click()
    expect(bob.page.locator("#merge-choice")).to_contain_text("My second question")
    bob.page.locator("#merge-do").click()

    bob.shows("My second question", "An earlier conversation of this visitor was joined with "
              "this one.")  # fmt: skip
    bob.has_state("You have this conversation")
    assert vera.conversation().merged_into_id == later
    bob.page.locator("#about-joined button").click()
    bob.shows("My first question")
    bob.page.get_by_role("button", name="Separate again").click()
    bob.has_state("You have this conversation")
    assert vera.conversation().merged_into_id is None


def newer(cast: Cast) -> UUID:
    """Vera's next conversation, in which she has written."""
    with workspace_scope(cast.workspace.id):
        row = Conversation.objects.create(
            workspace_id=cast.workspace.id,
            channel="widget",
            contact_id=cast.vera.contact_id,
            created_at=timezone.now() + timedelta(seconds=1),
        )
    where = (cast.workspace.id, row.id, cast.vera.contact_id)
    intake.post_visitor_message(*where, client_id="2", text="My second question")
    return row.id
