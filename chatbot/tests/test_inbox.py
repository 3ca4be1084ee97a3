"""The inbox over HTTP: views, pages, filters, unread marks; and strangers who get none of it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Member, Role
from accounts.scope import workspace_scope
from chatbot import handoff, intake
from chatbot.inbox import listing, marks, tags
from chatbot.models import Channel, Contact, Conversation, Tagging
from tests.cast import Cast, make_member

Get = Callable[..., dict[str, Any]]


def visit(cast: Cast, text: str, **fields: Any) -> UUID:
    """Another visitor's conversation, in which they wrote this."""
    with workspace_scope(cast.workspace.id):
        contact = Contact.objects.create(workspace_id=cast.workspace.id, name=text)
        given = {"channel": Channel.WIDGET, **fields}
        row = Conversation.objects.create(workspace_id=cast.workspace.id, contact=contact, **given)
    where = (cast.workspace.id, row.id, contact.id)
    intake.post_visitor_message(*where, client_id=text, text=text)
    return row.id


def to_people(cast: Cast, conversation_id: UUID) -> UUID:
    with workspace_scope(cast.workspace.id):
        row = Conversation.objects.get(id=conversation_id)
        handoff.request(row, reason="low_confidence")
    return conversation_id


@pytest.fixture
def get(client: Client, cast: Cast) -> Get:
    """Bob's inbox, or that of who is named."""

    def ask(path: str = "inbox", who: Member | None = None, **params: Any) -> dict[str, Any]:
        client.force_login((who or cast.bob).user)
        answer = client.get(f"/desk/acme/{path}/", params)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    return ask


def names(page: dict[str, Any]) -> list[str]:
    return [row["contact"]["name"] for row in page["rows"]]


def test_each_view_has_its_conversations_and_says_how_many(cast: Cast, get: Get) -> None:
    visit(cast, "bot")
    first = to_people(cast, visit(cast, "waits longest"))
    to_people(cast, visit(cast, "waits"))
    handoff.claim(cast.bob, to_people(cast, visit(cast, "mine")))
    handoff.claim(cast.alice, to_people(cast, visit(cast, "hers")))
    handoff.resolve(cast.bob, visit(cast, "done"))

    waiting = get(view="waiting")

    assert names(waiting) == ["waits longest", "waits"]  # the longest wait on top
    assert waiting["counts"] == {
        "waiting": 2, "mine": 1, "open": 5, "snoozed": 0, "mentions": 0,
    }  # fmt: skip
    assert names(get(view="mine")) == ["mine"]
    assert names(get(view="open")) == ["hers", "mine", "waits", "waits longest", "bot"]
    assert names(get(view="resolved")) == ["done"]
    assert names(get(view="mine", who=cast.alice)) == ["hers"]
    handoff.claim(cast.alice, first)
    assert names(get(view="waiting")) == ["waits"]


def test_pages_follow_each_other_without_gap_or_repeat(
    cast: Cast, get: Get, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "PER_PAGE", 2)
    for number in range(5):
        visit(cast, str(number))
    at = timezone.now()
    with workspace_scope(cast.workspace.id):  # all in the same moment: then the id decides
        Conversation.objects.filter(contact__name__in="01234").update(last_message_at=at)
    for sort, wanted in (("newest", list("43210")), ("oldest", list("01234"))):
        found, after = [], ""
        while True:
            page = get(view="open", sort=sort, after=after)
            found += names(page)
            if not page["more"]:
                break
            after = page["rows"][-1]["stand"]
        assert found == wanted


def test_filters_narrow_a_view_and_can_be_joined(cast: Cast, get: Get) -> None:
    russian = visit(cast, "ru", language="ru")
    visit(cast, "api", channel=Channel.API)
    old = visit(cast, "old", language="ru")
    tags.add(cast.bob, russian, "Billing")
    handoff.take_over(cast.alice, old)
    long_ago = timezone.now() - timedelta(days=9)
    with workspace_scope(cast.workspace.id):
        Conversation.objects.filter(id=old).update(last_message_at=long_ago)
    tag = get("tags")["tags"][0]

    assert tag["name"] == "Billing"
    assert names(get(view="open", language="ru")) == ["ru", "old"]
    assert names(get(view="open", channel="api")) == ["api"]
    assert names(get(view="open", tag=tag["id"])) == ["ru"]
    assert names(get(view="open", agent=str(cast.alice.id))) == ["old"]
    assert names(get(view="open", agent="bot", language="ru")) == ["ru"]
    assert names(get(view="open", first=timezone.now().date().isoformat())) == ["api", "ru"]
    assert names(get(view="open", last=long_ago.date().isoformat())) == ["old"]
    assert get(view="open", language="ru")["rows"][0]["tags"] == [tag]


def test_of_what_changed_only_what_is_in_the_view_is_told(cast: Cast, get: Get) -> None:
    here, gone = visit(cast, "here"), visit(cast, "gone")
    handoff.resolve(cast.bob, gone)

    page = get(view="open", touched=f"{here},{gone}")

    assert [row["id"] for row in page["touched"]] == [str(here)]


def test_what_the_visitor_wrote_since_is_unread_for_each_agent_alone(cast: Cast, get: Get) -> None:
    one = visit(cast, "one")
    marks.read(cast.bob, one, 1)
    marks.read(cast.bob, one, 0)  # a mark never goes back

    assert [get(view="open", who=who)["rows"][0]["unread"] for who in (cast.bob, cast.alice)] == [
        False,
        True,
    ]
    handoff.take_over(cast.alice, one)  # an agent's doing is no news
    assert not get(view="open")["rows"][0]["unread"]
    with workspace_scope(cast.workspace.id):
        contact_id = Conversation.objects.get(id=one).contact_id
    intake.post_visitor_message(cast.workspace.id, one, contact_id, client_id="2", text="two")
    assert get(view="open")["rows"][0]["unread"]


@pytest.mark.parametrize(
    "bad",
    [
        {"view": "elsewhere"},
        {"view": "open", "after": "yesterday"},
        {"view": "open", "after": "2026-01-01T00:00:00_0"},
        {"view": "open", "tag": "x"},
        {"view": "open", "agent": "-" * 36},
        {"view": "open", "touched": "1,2"},
        {"view": "open", "first": "31.12."},
        {"view": "open", "sort": "by luck"},
    ],
    ids=str,
)
def test_a_view_that_there_is_not_is_said(client: Client, cast: Cast, bad: dict[str, str]) -> None:
    client.force_login(cast.bob.user)

    answer = client.get("/desk/acme/inbox/", bad)

    assert (answer.status_code, answer.json()["code"]) == (400, "bad_frame")


def test_strangers_and_other_roles_see_and_change_nothing(client: Client, cast: Cast) -> None:
    one = visit(cast, "secret anvil")
    tags.add(cast.bob, one, "vip")
    erin = make_member(cast.acme, "erin", role=Role.ANALYST)
    paths = ["inbox/?view=open", "search/?q=anvil", "tags/", f"about/{one}/"]
    act = {"ids": str(one), "action": "resolve"}
    for who, status in ((cast.charlie, 404), (erin, 403), (None, 401)):
        client.logout()
        if who:
            client.force_login(who.user)
        answers = [client.get(f"/desk/acme/{path}") for path in paths]
        answers.append(client.post("/desk/acme/act/", act))
        assert {answer.status_code for answer in answers} == {status}
        assert all("anvil" not in one.text and "vip" not in one.text for one in answers)
    client.force_login(cast.charlie.user)  # from his own desk
    assert client.get("/desk/other/inbox/?view=open").json()["rows"] == []
    assert client.get("/desk/other/search/?q=anvil").json()["rows"] == []
    assert client.get(f"/desk/other/about/{one}/").status_code == 404
    for action in ("resolve", "assign", "tag", "untag", "snooze", "wake", "merge", "unmerge"):
        fields = {"until": (timezone.now() + timedelta(hours=1)).isoformat(), "into": str(one)}
        fields |= {"ids": str(one), "action": action, "tag": "x", "seen": "0"}
        answer = client.post("/desk/other/act/", fields)
        assert answer.json()["results"] == [
            {"id": str(one), "code": "not_found", "message": "Not found", "seq": None}
        ], action
    with workspace_scope(cast.workspace.id):
        row = Conversation.objects.get(id=one)
        assert (row.owner, row.status, row.staff_seq) == ("bot", "open", 1)
        assert Tagging.objects.count() == 1


def test_a_page_of_another_site_cannot_act(cast: Cast) -> None:
    one = visit(cast, "hers")
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.bob.user)

    answer = client.post("/desk/acme/act/", {"ids": str(one), "action": "resolve"})

    assert answer.status_code == 403
    with workspace_scope(cast.workspace.id):
        assert Conversation.objects.get(id=one).status == "open"
