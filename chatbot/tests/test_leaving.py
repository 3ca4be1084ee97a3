"""A visitor who leaves while waiting: it ends, with its reason; never while an agent has it."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from accounts.models import Member, Workspace, WorkspaceSettings
from accounts.scope import workspace_scope
from chatbot import handoff, transitions
from chatbot.errors import Conflict
from chatbot.models import (
    Channel,
    Conversation,
    DeskRules,
    Handoff,
    Placement,
    ReplyMail,
    SlaClock,
)
from chatbot.queues import attending, leaving
from chatbot.tests.conftest import Visit
from chatbot.tests.desks import now as now_of
from chatbot.tests.desks import waiting
from chatbot.tests.queueing import asks, attend, later, place
from chatbot.tests.sockets import visitor_socket
from tests.cast import Cast
from tests.together import together


@pytest.fixture
def widget_vera(vera: Visit) -> Visit:
    """She waits, with the widget open a moment ago."""
    with workspace_scope(vera.workspace_id):
        Conversation.objects.update(channel=Channel.WIDGET)
    return vera


def state(visit: Visit) -> tuple[str, str]:
    return visit.now().owner, visit.now().status


def test_who_leaves_while_waiting_is_waited_for_no_longer_and_the_reason_is_told(
    widget_vera: Visit,
) -> None:
    asks(widget_vera)
    attend(widget_vera, later(29))
    assert state(widget_vera) == ("queue", "open")
    attend(widget_vera, later(31))
    assert state(widget_vera) == ("bot", "resolved")
    told = widget_vera.events()[-1]
    assert (told.kind, told.payload["reason"]) == ("status.changed", "visitor_left")
    with workspace_scope(widget_vera.workspace_id):
        assert not Placement.objects.exists()
        assert Handoff.objects.get().outcome == "visitor_left"
        assert not SlaClock.objects.filter(stopped_at__isnull=True).exists()
    before = widget_vera.now().staff_seq
    attend(widget_vera, later(90))  # once is enough
    assert widget_vera.now().staff_seq == before


def test_who_comes_back_and_writes_is_answered_again(widget_vera: Visit) -> None:
    asks(widget_vera)
    attend(widget_vera, later(31))
    widget_vera.says("I am back")
    assert state(widget_vera) == ("bot", "open")
    asks(widget_vera)
    assert state(widget_vera) == ("queue", "open")
    seen = place(widget_vera).visitor_seen_at
    assert seen and timezone.now() - seen < timedelta(minutes=1)


def test_an_open_window_or_a_message_is_presence(widget_vera: Visit) -> None:
    asks(widget_vera)
    long_ago = later(-29)
    for here in (
        lambda: leaving.visitor_here(widget_vera.workspace_id, widget_vera.conversation_id),
        lambda: widget_vera.says("Still here"),
    ):
        with workspace_scope(widget_vera.workspace_id):
            Placement.objects.update(visitor_seen_at=long_ago)
        here()
        attend(widget_vera, later(5))
        assert state(widget_vera) == ("queue", "open")


def test_never_while_an_agent_has_it(bob: Member, widget_vera: Visit) -> None:
    asks(widget_vera)
    handoff.claim(bob, widget_vera.conversation_id)
    handoff.reply(bob, widget_vera.conversation_id, client_id="r", text="Hello")
    attend(widget_vera, later(600))
    assert state(widget_vera) == ("member", "open")
    with workspace_scope(widget_vera.workspace_id), pytest.raises(Conflict):
        transitions.apply(widget_vera.now(), "visitor_left", actor=transitions.SYSTEM)
    assert state(widget_vera) == ("member", "open")


def test_what_an_agent_let_go_counts_from_then_on(bob: Member, widget_vera: Visit) -> None:
    asks(widget_vera)
    handoff.claim(bob, widget_vera.conversation_id)
    with workspace_scope(widget_vera.workspace_id):
        Placement.objects.update(visitor_seen_at=later(-60))
    handoff.release(bob, widget_vera.conversation_id)
    attend(widget_vera, later(29))
    assert state(widget_vera) == ("queue", "open")


def test_who_left_an_address_is_answered_by_mail_and_stays(widget_vera: Visit) -> None:
    asks(widget_vera)
    with workspace_scope(widget_vera.workspace_id):
        ReplyMail.objects.create(
            workspace_id=widget_vera.workspace_id,
            conversation_id=widget_vera.conversation_id,
            email="vera@example.org",
        )
    attend(widget_vera, later(600))
    assert state(widget_vera) == ("queue", "open")


def test_empty_means_never_and_who_writes_by_api_is_not_called_gone(
    acme: Workspace, vera: Visit
) -> None:
    asks(vera)  # over the API
    attend(vera, later(600))
    assert state(vera) == ("queue", "open")
    with workspace_scope(acme.id):
        DeskRules.objects.create(workspace=acme, visitor_left_min=None)
        Placement.objects.update(visitor_seen_at=later(-600))
    attend(vera, later(600))
    assert state(vera) == ("queue", "open")


def test_a_night_is_no_absence(acme: Workspace, widget_vera: Visit) -> None:
    """Who wrote after hours is waited for half an hour of the next day."""
    with workspace_scope(acme.id):
        WorkspaceSettings.objects.create(workspace=acme, hours=[[["09:00", "17:00"]]] * 7)
    asks(widget_vera)
    evening = datetime(2031, 5, 6, 20, tzinfo=UTC)
    with workspace_scope(acme.id):
        Placement.objects.update(visitor_seen_at=evening)
    for hour, minute, owner in ((8, 59, "queue"), (9, 20, "queue"), (9, 31, "bot")):
        attend(widget_vera, datetime(2031, 5, 7, hour, minute, tzinfo=UTC))
        assert widget_vera.now().owner == owner


@pytest.mark.django_db(transaction=True)
def test_a_claim_and_the_visitor_s_leaving_at_once_leave_one_owner(
    bob: Member, widget_vera: Visit
) -> None:
    asks(widget_vera)
    with workspace_scope(widget_vera.workspace_id):
        Placement.objects.update(visitor_seen_at=later(-31), look_at=later(-1))

    def claims() -> bool:
        try:
            handoff.claim(bob, widget_vera.conversation_id)
        except Conflict:
            return False
        return True

    won, *_ = together(claims, *[lambda: bool(attending.attend(widget_vera.workspace_id))] * 2)
    assert state(widget_vera) == (("member", "open") if won else ("bot", "resolved"))
    said = [event.payload.get("reason") for event in widget_vera.events()]
    assert (said.count("claim"), said.count("visitor_left")) == ((1, 0) if won else (0, 1))


@pytest.mark.django_db(transaction=True)
def test_presence_that_comes_while_the_scheduler_looks_is_not_lost(
    widget_vera: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It waits for the scheduler, which writes the row as it read it."""
    asks(widget_vera)
    waits: list[bool] = []

    def comes() -> None:
        with workspace_scope(widget_vera.workspace_id):
            free = Placement.objects.select_for_update(skip_locked=True).first()
            waits.append(free is None)

    monkeypatch.setattr("chatbot.queues.offering.see_to", lambda *given: together(comes))
    attend(widget_vera)
    assert waits == [True]


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("short_connections")
async def test_an_open_widget_says_that_its_visitor_is_there(cast: Cast) -> None:
    from chatbot.consumers.base import in_database

    def left_long_ago() -> None:
        waiting(cast)
        with workspace_scope(cast.workspace.id):
            Placement.objects.update(visitor_seen_at=later(-31))

    def seen_now() -> bool:
        with workspace_scope(cast.workspace.id):
            row = Placement.objects.get()
        return row.visitor_seen_at is not None and row.visitor_seen_at > later(-5)

    await in_database(left_long_ago)
    async with visitor_socket(cast.acme.widget_key) as socket:
        await socket.send("session.start", token=cast.vera.token, language="en", after_seq=0)
        await socket.until("queue.placed")
        await socket.settle()
        assert await in_database(seen_now)
    assert (await in_database(now_of, cast)).owner == "queue"
