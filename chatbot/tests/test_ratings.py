"""How visitors rate what was closed, and what closes by itself."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connections
from django.utils import timezone

from accounts.errors import NotFound
from accounts.models import Member
from accounts.scope import workspace_scope
from accounts.workspaces import change_settings
from chatbot import closing, erasing, events, handoff, ratings
from chatbot.errors import Conflict, Invalid
from chatbot.models import Author, Conversation, Message, Rating, Status, Turn, TurnState
from chatbot.schedules import hour_to_close
from chatbot.tests.conftest import Visit, new_visit
from outbox.models import OutboxJob
from outbox.queue import LeasedJob, claim, enqueue
from tests.together import together

pytestmark = pytest.mark.django_db


def rows(visit: Visit) -> list[Rating]:
    with workspace_scope(visit.workspace_id):
        return list(Rating.objects.select_related("member").order_by("closing"))


def rate(visit: Visit, score: int = 4, comment: str = "") -> None:
    ratings.give(*visit.where, score=score, comment=comment)


def age(visit: Visit, **delta: float) -> None:
    """The rating was given this long ago."""
    with workspace_scope(visit.workspace_id):
        Rating.objects.update(given_at=timezone.now() - timedelta(**delta))


@pytest.fixture
def closed(vera: Visit, bob: Member) -> Visit:
    """Bob has helped vera and closed her conversation."""
    vera.says("Help!")
    handoff.take_over(bob, vera.conversation_id)
    handoff.resolve(bob, vera.conversation_id)
    return vera


def test_a_closing_is_rated_once_and_can_be_changed_for_a_day(closed: Visit, bob: Member) -> None:
    rate(closed, 4, " Quick ")
    rate(closed, 4, "Quick")
    rate(closed, 2, "Wrong, though")
    (row,) = rows(closed)
    assert (row.score, row.comment, row.member) == (2, "Wrong, though", bob)
    given = [event.payload for event in closed.events(visitor=True) if event.kind == "rating.given"]
    assert [one["score"] for one in given] == [4, 2]
    closing_seq = next(
        event.visitor_seq for event in closed.events() if event.kind == "status.changed"
    )
    assert {one["closing"] for one in given} == {closing_seq}
    age(closed, hours=25)
    rate(closed, 2, "Wrong, though")
    with pytest.raises(Conflict):
        rate(closed, 5)
    assert [row.score for row in rows(closed)] == [2]


def test_each_closing_has_a_rating_of_its_own(closed: Visit) -> None:
    rate(closed, 1)
    closed.says("Again")
    closing.solved(*closed.where)
    closing.solved(*closed.where)
    rate(closed, 5)
    assert [(row.score, row.member is not None) for row in rows(closed)] == [(1, True), (5, False)]
    reasons = [e.payload["reason"] for e in closed.events() if e.kind == "status.changed"]
    assert reasons == ["resolved_by_agent", "visitor_wrote", "resolved_by_visitor"]


def test_what_was_not_closed_is_not_rated(vera: Visit, unchanged: Callable[[], bool]) -> None:
    with pytest.raises(Conflict):
        rate(vera)
    assert unchanged() and not rows(vera)


@pytest.mark.parametrize("bad", [{"score": 0}, {"score": 6}, {"comment": "x" * 1_001}])
def test_what_is_no_rating_is_refused(closed: Visit, bad: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        rate(closed, **({"score": 3} | bad))
    assert not rows(closed)


def test_strangers_and_workspaces_that_ask_for_none_are_refused(
    closed: Visit, alice: Member, charlie: Member
) -> None:
    stranger = new_visit(closed.workspace_id)
    foreign = new_visit(charlie.workspace_id)
    for other in (stranger, foreign):
        where = (other.workspace_id, closed.conversation_id, other.contact_id)
        with pytest.raises(NotFound):
            ratings.give(*where, score=1)
    with pytest.raises(NotFound):
        closing.solved(closed.workspace_id, closed.conversation_id, stranger.contact_id)
    change_settings(alice.workspace_id, actor=alice, ratings_asked=False)
    with pytest.raises(Conflict):
        rate(closed)
    assert not rows(closed)


def test_a_week_later_is_too_late(closed: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ratings, "GIVE_WITHIN", timedelta(0))
    with pytest.raises(Conflict):
        rate(closed)
    assert not rows(closed)


def test_erasing_takes_ratings_along(closed: Visit) -> None:
    rate(closed, 3, "My name is Vera")
    with workspace_scope(closed.workspace_id):
        erasing.erase([closed.conversation_id])
        assert not Rating.objects.exists()


def run_step(visit: Visit) -> int:
    with workspace_scope(visit.workspace_id):
        written = enqueue(
            closing.KIND, workspace_id=visit.workspace_id, payload={}, queue=closing.QUEUE
        )
    assert written
    job = claim(visit.workspace_id, written.id, lease_s=60)
    assert isinstance(job, LeasedJob)
    return closing.step(job)


def quiet(visit: Visit, *, by: Author = Author.BOT, hours: float = 5) -> None:
    """The last word was this one's, so long ago."""
    at = timezone.now() - timedelta(hours=hours)
    with workspace_scope(visit.workspace_id):
        row = Conversation.objects.get(id=visit.conversation_id)
        Message.objects.create(
            workspace_id=visit.workspace_id, conversation=row, author=by, text="So it is."
        )
        Conversation.objects.filter(id=row.id).update(last_message_at=at)


def test_silence_closes_what_the_bot_has_and_nothing_that_is_owed(
    vera: Visit, alice: Member, bob: Member
) -> None:
    waiting, unanswered, with_bob, fresh = (new_visit(vera.workspace_id) for _ in range(4))
    waiting.says("And?")
    handoff.take_over(bob, with_bob.conversation_id)
    for visit in (vera, waiting, with_bob):
        quiet(visit)
    quiet(unanswered, by=Author.VISITOR)
    quiet(fresh, hours=1)
    assert run_step(vera) == 0  # nobody wants it
    change_settings(alice.workspace_id, actor=alice, close_after_hours=4)
    assert run_step(vera) == 1 and run_step(vera) == 0
    assert vera.now().status == Status.RESOLVED
    assert vera.events()[-1].payload["reason"] == "resolved_by_silence"
    others = (waiting, unanswered, with_bob, fresh)
    assert {visit.now().status for visit in others} == {Status.OPEN}
    with workspace_scope(vera.workspace_id):
        assert hour_to_close(vera.workspace_id, timezone.now())
        assert OutboxJob.objects.filter(kind=closing.KIND, state="ready").count() == 0


@pytest.mark.django_db(transaction=True)
def test_who_comes_back_while_the_silent_are_closed_is_left_alone(
    vera: Visit, alice: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One was answered since the list was made; at another somebody is at work."""
    busy, silent, list_them = (
        new_visit(vera.workspace_id),
        new_visit(vera.workspace_id),
        closing._silent,
    )
    for visit in (vera, busy, silent):
        quiet(visit)
    change_settings(alice.workspace_id, actor=alice, close_after_hours=4)
    held, done = threading.Event(), threading.Event()

    def is_answered() -> None:
        vera.says("One more question")
        with workspace_scope(vera.workspace_id):
            Turn.objects.update(state=TurnState.ANSWERED)

    def works_at_it() -> None:
        with workspace_scope(vera.workspace_id):
            events.lock(busy.conversation_id)
            held.set()
            done.wait(20)
        connections.close_all()

    def meanwhile(cutoff: datetime) -> list[UUID]:
        found = list_them(cutoff)
        together(is_answered)
        threading.Thread(target=works_at_it).start()
        assert held.wait(20)
        return found

    monkeypatch.setattr(closing, "_silent", meanwhile)
    try:
        assert run_step(vera) == 1
    finally:
        done.set()
    assert [one.now().status for one in (vera, busy, silent)] == ["open", "open", "resolved"]
