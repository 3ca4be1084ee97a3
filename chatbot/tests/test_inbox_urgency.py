"""Who waits is shown most urgent first: by priority, then what is due, then the longest wait."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.test import Client
from django.utils import timezone

from accounts.scope import workspace_scope
from chatbot.inbox import listing
from chatbot.inbox.listing import Filters, Wanted
from chatbot.models import ClockKind, Conversation, Placement, Priority, SlaClock
from chatbot.tests.test_inbox import names, to_people, visit
from tests.cast import Cast


def waits(
    cast: Cast, name: str, *, priority: int = 0, since: float, due: float | None = None
) -> UUID:
    """`since`: minutes ago; `due`: in how many minutes."""
    found = to_people(cast, visit(cast, name))
    now = timezone.now()
    with workspace_scope(cast.workspace.id):
        queued = now - timedelta(minutes=since)
        Conversation.objects.filter(id=found).update(queued_at=queued)
        Placement.objects.filter(conversation_id=found).update(priority=priority)
        if due is not None:
            at = now + timedelta(minutes=due)
            for kind, more in ((ClockKind.FIRST_REPLY, 0), (ClockKind.RESOLUTION, 60)):
                end = at + timedelta(minutes=more)
                SlaClock.objects.create(
                    workspace=cast.workspace,
                    conversation_id=found,
                    priority=priority,
                    kind=kind,
                    started_at=queued,
                    soon_at=end,
                    due_at=end,
                )
    return found


IN_ORDER = ["urgent, due", "urgent, long", "urgent", "high", "late", "due", "long", "short"]


@pytest.fixture
def line(cast: Cast) -> Cast:
    waits(cast, "short", since=1)
    waits(cast, "due", since=2, due=30)
    waits(cast, "late", since=2, due=-5)
    waits(cast, "urgent", priority=Priority.URGENT, since=1)
    waits(cast, "urgent, long", priority=Priority.URGENT, since=9)
    waits(cast, "urgent, due", priority=Priority.URGENT, since=1, due=50)
    waits(cast, "high", priority=Priority.HIGH, since=1)
    waits(cast, "long", since=99)
    return cast


def test_the_most_urgent_stand_first_and_pages_follow_each_other(
    line: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "PER_PAGE", 3)
    found: list[str] = []
    stands: list[str] = []
    after = ""
    while True:
        page = listing.page(line.bob, Wanted("waiting", urgent_first=True, after=after))
        found += names(page)
        stands += [row["stand"] for row in page["rows"]]
        if not page["more"]:
            break
        after = stands[-1]
    assert found == IN_ORDER
    assert stands == sorted(stands)  # as the desk's scripts compare them


def test_what_changed_is_told_with_its_place_in_this_order(line: Cast) -> None:
    with workspace_scope(line.workspace.id):
        row = Conversation.objects.get(contact__name="late")
    wanted = Wanted("waiting", urgent_first=True, touched=(row.id,))
    page = listing.page(line.bob, wanted)
    stands = {row["id"]: row["stand"] for row in page["rows"]}
    assert page["touched"][0]["stand"] == stands[str(row.id)]
    with workspace_scope(line.workspace.id):  # its clock has stopped: it stands further down
        SlaClock.objects.filter(conversation=row).update(stopped_at=timezone.now())
    assert names(listing.page(line.bob, wanted)).index("late") > IN_ORDER.index("late")


def test_only_one_priority_can_be_shown(client: Client, line: Cast) -> None:
    client.force_login(line.bob.user)

    def shown(**params: str) -> list[str]:
        return names(client.get("/desk/acme/inbox/", {"view": "waiting", **params}).json())

    assert shown() == IN_ORDER  # what the page asks for by itself
    assert shown(priority="urgent") == IN_ORDER[:3]
    assert shown(priority="high") == ["high"]
    assert shown(priority="normal") == IN_ORDER[4:]
    assert shown(sort="oldest", priority="urgent") == ["urgent, long", "urgent", "urgent, due"]
    answer = client.get("/desk/acme/inbox/", {"view": "waiting", "priority": "huge"})
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_frame")
    client.force_login(line.charlie.user)
    assert client.get("/desk/acme/inbox/?view=waiting").status_code == 404
    assert client.get("/desk/other/inbox/?view=waiting&priority=urgent").json()["rows"] == []


@pytest.mark.parametrize("after", ["x", "0_1_2_3", "0_2026-01-01T00:00:00+00:00_x_y"])
def test_a_place_of_another_order_is_refused(client: Client, cast: Cast, after: str) -> None:
    client.force_login(cast.bob.user)
    answer = client.get("/desk/acme/inbox/", {"view": "waiting", "after": after})
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_frame")


def test_bots_own_have_no_priority(cast: Cast) -> None:
    visit(cast, "bot")
    urgent = Filters(priority=Priority.NORMAL)
    assert listing.page(cast.bob, Wanted("open", urgent))["rows"] == []
