"""Queues at the desk and in the widget, in real browsers: two agents and a waiting visitor."""

import pytest
from playwright.sync_api import expect

from accounts.scope import workspace_scope
from chatbot.models import Placement, Queue, SlaTarget
from chatbot.queues import attending
from tests.browser import NewPage
from tests.cast import Cast
from tests.desks import Vera, sit_down
from tests.live import Live

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def vera(cast: Cast) -> Vera:
    """Waits in a queue that offers, with a target; there is another queue."""
    with workspace_scope(cast.workspace.id):
        general = Queue.objects.create(
            workspace=cast.workspace, name="General", is_default=True, assign=True, take_up_s=600
        )
        Queue.objects.create(workspace=cast.workspace, name="Billing")
        SlaTarget.objects.create(
            workspace=cast.workspace, queue=general, priority=0, first_reply_min=30
        )
    visitor = Vera(cast)
    visitor.says("My anvil is broken")
    visitor.asks_for_a_person()
    return visitor


def test_an_offer_is_seen_passed_by_being_away_and_transferred_with_a_note(
    web: Live, new_page: NewPage, cast: Cast, vera: Vera
) -> None:
    bob = sit_down(new_page, web, cast.bob)
    row = bob.list("waiting").first
    expect(row).to_contain_text("General")
    expect(row).to_contain_text("First reply in")
    attending.attend(cast.workspace.id)  # as the scheduler does
    expect(row).to_contain_text("Offered to you")
    expect(bob.notices).to_contain_text("Offered to you")

    alice = sit_down(new_page, web, cast.alice)
    bob.page.get_by_label("I am").select_option("Away")
    web.wait_until(lambda: _passed_on(cast), "alice is asked")
    expect(alice.list("waiting").first).to_contain_text("Offered to you")

    alice.claim()
    expect(alice.page.locator("#place")).to_contain_text("General")
    alice.page.get_by_role("button", name="Transfer…").click()
    expect(alice.page.locator("#transfer-to option", has_text="Bob")).to_be_disabled()
    alice.page.get_by_label("To", exact=True).select_option(label="Billing")
    alice.page.get_by_label("Note for whoever has it next").fill("An invoice")
    alice.page.get_by_role("button", name="Give it over").click()
    alice.has_state("Waiting for an agent")
    expect(alice.log).to_contain_text("An invoice")
    expect(bob.list("waiting").first).to_contain_text("Billing")

    bob.wire.cut()  # and back: the list is right again
    alice.page.locator("#actions").get_by_role("button", name="Claim").click()
    bob.is_connected()
    expect(bob.list("waiting")).to_have_count(0)


def _passed_on(cast: Cast) -> bool:
    attending.attend(cast.workspace.id)
    with workspace_scope(cast.workspace.id):
        return Placement.objects.filter(offered_to=cast.alice).exists()


def test_a_waiting_visitor_reads_the_place_in_line(
    web: Live, new_page: NewPage, cast: Cast, vera: Vera
) -> None:
    page = new_page(viewport={"width": 360, "height": 640})
    page.goto(f"{web.url}/widget/v1/frame/{cast.acme.widget_key}/")
    page.get_by_label("Your message").fill("Hello?")
    page.get_by_label("Your message").press("Enter")
    page.get_by_role("button", name="Talk to a person").click()
    place = page.locator("#waiting")
    expect(place).to_have_text("You are number 2 in the queue.")
    sit_down(new_page, web, cast.bob).claim()
    expect(place).to_have_text("You are next.")
