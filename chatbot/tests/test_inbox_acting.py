"""One action on many, tags, putting off and joining: each by the rules of a single conversation."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Member
from accounts.scope import workspace_scope
from chatbot import handoff, intake
from chatbot.inbox import acting, merging, snoozing, tags
from chatbot.inbox.acting import Order
from chatbot.models import Conversation, Handoff, ReadMark, Tagging
from chatbot.sessions import start_session
from chatbot.tests.test_inbox import to_people, visit
from outbox.models import OutboxJob
from outbox.tasks import run_job
from tests.cast import Cast

HOUR = timedelta(hours=1)


def now(cast: Cast, conversation_id: UUID) -> Conversation:
    with workspace_scope(cast.workspace.id):
        return Conversation.objects.get(id=conversation_id)


def act(member: Member, ids: list[UUID], action: str, **more: Any) -> list[str]:
    """The code for each, empty where it worked."""
    return [one.code for one in acting.act(member, ids, Order(action, **more))]


def test_each_of_many_goes_by_its_own_rules_and_is_told_apart(cast: Cast) -> None:
    with_bot, waits = visit(cast, "bot"), to_people(cast, visit(cast, "waits"))
    hers = to_people(cast, visit(cast, "hers"))
    handoff.claim(cast.alice, hers)
    gone = UUID(int=7)

    done = acting.act(cast.bob, [with_bot, hers, waits, gone, waits], Order("assign"))

    assert [one.code for one in done] == ["", "conflict", "", "not_found"]  # and each once
    assert "Alice" in done[1].message
    assert {now(cast, one).owner_member_id for one in (with_bot, waits)} == {cast.bob.id}
    assert act(cast.bob, [with_bot, hers], "resolve") == ["", "conflict"]
    assert now(cast, hers).status == "open"
    assert act(cast.bob, [waits], "assign") == [""]  # what one has already is no mistake


def test_what_has_news_is_left_open_and_named(client: Client, cast: Cast) -> None:
    quiet, news = visit(cast, "quiet"), visit(cast, "news")
    seen = [now(cast, one).staff_seq for one in (quiet, news)]
    where = (cast.workspace.id, news, now(cast, news).contact_id)
    intake.post_visitor_message(*where, client_id="2", text="And this?")
    client.force_login(cast.bob.user)
    fields = {"ids": f"{quiet},{news}", "action": "resolve", "seen": f"{seen[0]},{seen[1]}"}

    done, refused = client.post("/desk/acme/act/", fields).json()["results"]

    assert (done["code"], refused["code"]) == ("", "unseen")
    assert [now(cast, one).status for one in (quiet, news)] == ["resolved", "open"]
    assert refused["seq"] == now(cast, news).staff_seq > seen[1]
    assert act(cast.charlie, [news], "resolve", seen={news: 0}) == ["not_found"]
    assert act(cast.bob, [news], "resolve", seen={news: refused["seq"]}) == [""]


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"action": "explode"}, 400),
        ({"ids": "x", "action": "resolve"}, 400),
        ({"ids": "", "action": "resolve"}, 400),
        ({"action": "snooze", "until": "soon"}, 400),
        ({"action": "resolve", "seen": "x"}, 400),
        ({"action": "resolve", "seen": "1,2"}, 400),
        ({"ids": ",".join([str(UUID(int=n)) for n in range(101)]), "action": "resolve"}, 400),
    ],
    ids=str,
)
def test_an_order_that_is_none_is_refused(
    client: Client, cast: Cast, fields: dict[str, str], status: int
) -> None:
    client.force_login(cast.bob.user)
    before = now(cast, cast.conversation_id)

    answer = client.post("/desk/acme/act/", {"ids": str(cast.conversation_id), **fields})

    assert answer.status_code == status and answer.json()["code"] == "bad_frame"
    assert now(cast, cast.conversation_id).staff_seq == before.staff_seq


def test_tags_are_made_by_writing_them_and_each_is_there_once(cast: Cast) -> None:
    one, two = visit(cast, "one"), visit(cast, "two")

    assert act(cast.bob, [one, two], "tag", tag="  Late   delivery ") == ["", ""]
    assert act(cast.alice, [one], "tag", tag="LATE DELIVERY") == [""]
    assert act(cast.bob, [one], "tag", tag="") == ["empty_text"]
    assert act(cast.bob, [one], "tag", tag="x" * 41) == ["text_too_long"]

    assert [tag["name"] for tag in tags.known(cast.workspace.id)] == ["Late delivery"]
    with workspace_scope(cast.workspace.id):
        assert Tagging.objects.count() == 2
    assert act(cast.bob, [one], "untag", tag="late delivery") == [""]
    assert act(cast.bob, [one], "untag", tag="late delivery") == [""]
    with workspace_scope(cast.workspace.id):
        assert [row.conversation_id for row in Tagging.objects.all()] == [two]


@pytest.mark.django_db(transaction=True)
def test_what_is_put_off_wakes_at_its_time_and_is_unread(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = visit(cast, "later")
    handoff.take_over(cast.bob, one)
    until = timezone.now() + HOUR

    assert act(cast.alice, [one], "snooze", until=until) == ["conflict"]  # it is Bob's
    assert act(cast.bob, [one], "snooze", until=timezone.now() - HOUR) == ["bad_frame"]
    assert act(cast.bob, [one], "snooze", until=until) == [""]
    with workspace_scope(cast.workspace.id):
        ReadMark.objects.create(
            workspace_id=cast.workspace.id, member=cast.bob, conversation_id=one, staff_seq=99
        )
        job = OutboxJob.objects.get(kind=snoozing.WAKE)
        assert abs(job.available_at - until) < timedelta(seconds=5)
    run_job(str(cast.workspace.id), str(job.id))
    assert now(cast, one).status == "snoozed"  # not due yet

    monkeypatch.setattr("outbox.queue.timezone.now", lambda: until + timedelta(seconds=1))
    run_job(str(cast.workspace.id), str(job.id))
    row = now(cast, one)
    assert (row.status, row.owner_member_id, row.snoozed_until) == ("open", cast.bob.id, None)
    with workspace_scope(cast.workspace.id):
        assert not ReadMark.objects.exists()


def test_an_earlier_alarm_leaves_what_was_put_off_anew(cast: Cast) -> None:
    one = visit(cast, "later")
    handoff.take_over(cast.bob, one)
    first, second = timezone.now() + HOUR, timezone.now() + 2 * HOUR
    act(cast.bob, [one], "snooze", until=first)
    act(cast.bob, [one], "wake")
    act(cast.bob, [one], "snooze", until=second)
    with workspace_scope(cast.workspace.id):
        snoozing.time_came(one, first)
    assert now(cast, one).status == "snoozed"

    contact_id = now(cast, one).contact_id
    intake.post_visitor_message(cast.workspace.id, one, contact_id, client_id="b", text="Hello?")

    assert now(cast, one).status == "open"  # the visitor's word wakes it
    with workspace_scope(cast.workspace.id):
        snoozing.time_came(one, second)
    assert now(cast, one).status == "open"


@pytest.fixture
def two(cast: Cast) -> tuple[UUID, UUID]:
    """Vera's earlier conversation, which waits for people, and her newer one with the bot."""
    where = (cast.workspace.id, cast.conversation_id, cast.vera.contact_id)
    intake.post_visitor_message(*where, client_id="1", text="My first question")
    to_people(cast, cast.conversation_id)
    with workspace_scope(cast.workspace.id):
        later = Conversation.objects.create(
            workspace_id=cast.workspace.id, channel="widget", contact_id=cast.vera.contact_id
        )
    where = (cast.workspace.id, later.id, cast.vera.contact_id)
    intake.post_visitor_message(*where, client_id="2", text="My second question")
    return cast.conversation_id, later.id


def test_joined_conversations_stay_as_they_were_said_and_somebody_answers(
    cast: Cast, client: Client, two: tuple[UUID, UUID]
) -> None:
    earlier, later = two
    client.force_login(cast.bob.user)

    assert act(cast.bob, [earlier], "merge", into=later) == [""]

    assert (now(cast, earlier).status, now(cast, earlier).merged_into_id) == ("resolved", later)
    assert now(cast, later).owner_member_id == cast.bob.id  # who waited is not left with the bot
    about = client.get(f"/desk/acme/about/{later}/").json()
    assert [one["preview"] for one in about["merged_from"]] == ["My first question"]
    assert client.get(f"/desk/acme/about/{earlier}/").json()["merged_into"]["id"] == str(later)
    token = cast.vera.token
    again = start_session(cast.workspace.id, cast.acme.widget_key, token=token, language="en")
    assert again.conversation_id == later
    with workspace_scope(cast.workspace.id):
        kinds = {one.conversation_id for one in now(cast, earlier).events.all()}
        assert kinds == {earlier}
        assert Handoff.objects.filter(ended_at__isnull=True).count() == 1

    assert act(cast.bob, [earlier], "unmerge") == [""]
    assert act(cast.bob, [earlier], "unmerge") == [""]  # twice is harmless
    row = now(cast, earlier)
    assert (row.merged_into_id, row.status, row.owner_member_id) == (None, "open", cast.bob.id)


def test_what_does_not_belong_together_is_not_joined(cast: Cast, two: tuple[UUID, UUID]) -> None:
    earlier, later = two
    stranger = visit(cast, "somebody else")

    assert act(cast.bob, [earlier], "merge", into=stranger) == ["bad_frame"]
    assert act(cast.bob, [later], "merge", into=earlier) == ["bad_frame"]  # she writes in this one
    assert act(cast.bob, [earlier], "merge", into=earlier) == ["bad_frame"]
    assert act(cast.bob, [earlier], "merge", into=UUID(int=3)) == ["not_found"]
    assert act(cast.bob, [earlier], "merge") == ["bad_frame"]
    handoff.claim(cast.alice, earlier)
    assert act(cast.bob, [earlier], "merge", into=later) == ["conflict"]
    assert now(cast, earlier).merged_into_id is None and now(cast, later).owner == "bot"

    assert act(cast.alice, [earlier], "merge", into=later) == [""]
    assert act(cast.bob, [later], "merge", into=earlier) == ["bad_frame"]
    with workspace_scope(cast.workspace.id):
        assert [one.id for one in merging.joined_with(now(cast, later))] == [earlier]


def test_news_in_the_earlier_one_is_read_before_they_are_joined(
    cast: Cast, two: tuple[UUID, UUID]
) -> None:
    earlier, later = two
    seen = {earlier: now(cast, earlier).staff_seq}
    where = (cast.workspace.id, earlier, cast.vera.contact_id)
    intake.post_visitor_message(*where, client_id="3", text="Wait")

    assert act(cast.bob, [earlier], "merge", into=later, seen=seen) == ["unseen"]
    assert now(cast, earlier).merged_into_id is None and now(cast, later).owner == "bot"
    assert act(cast.bob, [earlier], "merge", into=later) == [""]
