"""Queues: which one, in which order, to whom, and what becomes of a conversation by itself."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from django.utils import timezone

from accounts.errors import NotFound
from accounts.models import Member, Workspace, WorkspaceSettings
from accounts.scope import workspace_scope
from chatbot import handoff, intake
from chatbot.errors import Conflict
from chatbot.models import (
    Attendance,
    Conversation,
    DeskRules,
    Handoff,
    Placement,
    Priority,
    SlaClock,
    SlaTarget,
    Turn,
)
from chatbot.queues import guarding, staff, waits
from chatbot.tasks import hand_over_turn
from chatbot.tests.conftest import Visit, new_visit
from chatbot.tests.queueing import (
    MINUTE,
    asks,
    assigning,
    attend,
    later,
    place,
    queue,
    reasons,
    seen,
)
from outbox.queue import LeasedJob


def test_a_place_is_there_as_long_as_people_have_the_conversation(bob: Member, vera: Visit) -> None:
    asks(vera)
    assert (place(vera).queue.name, place(vera).priority) == ("General", Priority.NORMAL)
    handoff.claim(bob, vera.conversation_id)
    assert place(vera).awaiting_since
    handoff.reply(bob, vera.conversation_id, client_id="r", text="Hello")
    assert place(vera).awaiting_since is None
    vera.says("And now?")
    assert place(vera).awaiting_since
    handoff.give_back(bob, vera.conversation_id)
    with workspace_scope(vera.workspace_id):
        assert not Placement.objects.exists()


def test_language_and_reason_choose_the_queue_and_the_urgent_come_first(
    acme: Workspace, vera: Visit
) -> None:
    queue(acme, "Russian", languages=["ru"])
    queue(acme, "Complaints", topics=["complaint"])
    queue(acme, "By hand")
    russian, angry = new_visit(acme.id), new_visit(acme.id)
    with workspace_scope(acme.id):
        Conversation.objects.filter(id=russian.conversation_id).update(language="ru")
        handoff.request(angry.now(), reason="complaint")
    asks(vera)
    asks(russian)
    names = [place(one).queue.name for one in (vera, russian, angry)]
    assert names == ["General", "Russian", "Complaints"]
    assert place(angry).priority == Priority.HIGH
    asks(new_visit(acme.id))
    with workspace_scope(acme.id):
        first = Conversation.objects.waiting().first()
    assert first and first.id == angry.conversation_id


def test_offers_go_round_by_longest_wait_and_free_capacity(
    acme: Workspace, alice: Member, bob: Member, vera: Visit
) -> None:
    assigning(acme)
    for one in (alice, bob):
        staff.heartbeat(one)
    with workspace_scope(acme.id):
        Attendance.objects.update(capacity=1)
    visits = [asks(one) for one in (vera, new_visit(acme.id), new_visit(acme.id))]
    attend(vera)
    offered = [place(one).offered_to for one in visits]
    assert {offered[0], offered[1]} == {alice, bob} and offered[2] is None
    assert visits[0].kinds(visitor=True) == ["owner.changed"]  # the visitor hears of no offer
    handoff.claim(bob, visits[0].conversation_id)  # whoever it was offered to
    assert place(visits[0]).offered_to is None


def test_what_is_not_taken_up_goes_on_and_comes_round_again(
    acme: Workspace, alice: Member, bob: Member, vera: Visit
) -> None:
    assigning(acme)
    for one in (alice, bob):
        staff.heartbeat(one)
    asks(vera)
    had = []
    for number in range(3):
        now = later(seconds=61 * number)
        for one in (alice, bob):
            seen(one, now)
        attend(vera, now)
        had.append(place(vera).offered_to)
    assert had[0] != had[1] and had[2] in {alice, bob}
    passed = [e.staff_payload for e in vera.events() if e.kind == "offer.passed"]
    assert [one["reason"] for one in passed] == ["not_taken_up", "not_taken_up"]


def test_going_away_passes_the_offer_and_later_the_conversation(
    acme: Workspace, alice: Member, bob: Member, vera: Visit
) -> None:
    assigning(acme)
    staff.heartbeat(bob)
    asks(vera)
    attend(vera)
    assert place(vera).offered_to == bob
    staff.choose_state(bob, "away")
    attend(vera)
    assert place(vera).offered_to is None
    assert vera.events()[-1].staff_payload["reason"] == "agent_away"
    handoff.claim(bob, vera.conversation_id)
    seen(bob, later(3))  # the desk stays open
    attend(vera, later(1))
    assert vera.now().owner_member == bob  # a moment away loses nothing
    attend(vera, later(3))
    assert (vera.now().owner, reasons(vera)[-1]) == ("queue", "agent_away")
    assert "had to leave" in vera.events(visitor=True)[-1].payload["text"]


def test_a_lost_connection_gives_the_conversation_back_with_its_place_in_line(
    bob: Member, vera: Visit
) -> None:
    staff.heartbeat(bob)
    asks(vera)
    waited = place(vera).awaiting_since
    handoff.claim(bob, vera.conversation_id)
    attend(vera, later(seconds=100))
    assert vera.now().owner == "member"
    attend(vera, later(3))
    assert (vera.now().owner, reasons(vera)[-1]) == ("queue", "agent_offline")
    assert vera.now().queued_at == waited


def test_a_silent_agent_loses_it_only_while_the_visitor_waits(bob: Member, vera: Visit) -> None:
    asks(vera)
    handoff.claim(bob, vera.conversation_id)
    handoff.reply(bob, vera.conversation_id, client_id="r", text="Which one?")
    attend(vera, later(60))
    assert vera.now().owner_member == bob
    vera.says("The blue one")
    attend(vera, later(9))
    assert vera.now().owner_member == bob
    attend(vera, later(11))
    assert (vera.now().owner, reasons(vera)[-1]) == ("queue", "agent_silent")
    text = "We are looking for another colleague. Please wait a moment."
    assert vera.events(visitor=True)[-1].payload["text"] == text
    attend(vera, later(11))
    assert reasons(vera).count("agent_silent") == 1


def test_a_visitor_who_is_gone_ends_it_and_null_means_never(
    acme: Workspace, bob: Member, vera: Visit
) -> None:
    with workspace_scope(acme.id):
        DeskRules.objects.create(workspace=acme, visitor_gone_min=None)
    handoff.take_over(bob, vera.conversation_id)
    handoff.reply(bob, vera.conversation_id, client_id="r", text="Anything else?")
    attend(vera, later(100_000))
    assert vera.now().status == "open"
    with workspace_scope(acme.id):
        DeskRules.objects.update(visitor_gone_min=30)
    attend(vera, later(31))
    assert (vera.now().owner, vera.now().status) == ("bot", "resolved")
    assert vera.events()[-1].payload["reason"] == "visitor_gone"


def test_whoever_waits_is_told_and_told_again_after_twice_the_time(vera: Visit) -> None:
    asks(vera)
    told = []
    for minutes in (2, 4, 5, 8, 11):
        attend(vera, later(minutes))
        told.append(sum(e.payload.get("slot") == "holding" for e in vera.events(visitor=True)))
    assert told == [0, 1, 1, 1, 2]


def test_outside_of_hours_nothing_is_offered_and_no_agent_is_called_silent(
    acme: Workspace, bob: Member, vera: Visit
) -> None:
    assigning(acme)
    staff.heartbeat(bob)
    with workspace_scope(acme.id):
        closed: list[list[str]] = [[]] * 7
        WorkspaceSettings.objects.create(workspace=acme, hours=closed)
    asks(vera)
    attend(vera, later(20))
    assert place(vera).offered_to is None
    assert vera.kinds() == ["owner.changed"]  # which said that nobody is there
    assert waits.placed(acme.id, vera.conversation_id) == waits.Placed(1, None)


def test_an_old_reason_cannot_fire_again_after_a_give_back(bob: Member, vera: Visit) -> None:
    vera.says("How?")
    with workspace_scope(vera.workspace_id):
        turn = Turn.objects.get()
        handoff.request(vera.now(), reason="low_confidence", turn=turn)
    handoff.claim(bob, vera.conversation_id)
    handoff.give_back(bob, vera.conversation_id)
    before = vera.now().staff_seq
    with workspace_scope(vera.workspace_id):
        hand_over_turn(_job(vera, turn))
    assert (vera.now().owner, vera.now().staff_seq) == ("bot", before)


def _job(visit: Visit, turn: Turn) -> LeasedJob:
    payload = {"turn_id": str(turn.id), "revision": 1}
    return LeasedJob(
        uuid4(), visit.workspace_id, "answer_turn", payload, 3, uuid4(), timezone.now()
    )


def test_two_wrong_answers_call_a_person_and_count_once(bob: Member, vera: Visit) -> None:
    wrong = [_answered(vera, number) for number in range(2)]
    intake.give_feedback(*vera.where, message_id=wrong[0], verdict="wrong")
    assert vera.now().owner == "bot"
    intake.give_feedback(*vera.where, message_id=wrong[1], verdict="wrong")
    assert (vera.now().owner, reasons(vera)) == ("queue", ["repeated_failure"])
    handoff.claim(bob, vera.conversation_id)
    handoff.give_back(bob, vera.conversation_id)
    intake.give_feedback(*vera.where, message_id=wrong[1], verdict="wrong", reason="still")
    third = _answered(vera, 3)
    intake.give_feedback(*vera.where, message_id=third, verdict="wrong")
    assert vera.now().owner == "bot"


def _answered(visit: Visit, number: int) -> UUID:
    """The bot answers a question; the id of its reply."""
    from chatbot import replies
    from chatbot.models import Author, Slot, TurnState

    visit.says(f"Question {number}")
    with workspace_scope(visit.workspace_id):
        turn = Turn.objects.filter(state="open").latest("number")
        conversation, turn = replies.current_turn(turn.id, turn.revision, state=TurnState.OPEN)
        reply = replies.Reply("So.", Slot.ANSWER, Author.BOT)
        return replies.post_reply(conversation, turn, reply).id


def test_words_for_people_alone_are_whole_words(acme: Workspace) -> None:
    with workspace_scope(acme.id):
        DeskRules.objects.create(workspace=acme, unsafe_words=["court", "data breach"])
        assert guarding.is_unsafe("I'll see you in COURT!")
        assert guarding.is_unsafe("a data-breach")
        assert guarding.is_unsafe("I want to die")
        assert not guarding.is_unsafe("a courtyard, data and a breach")


def test_transfers_carry_a_note_and_need_somebody_who_is_there(
    acme: Workspace, alice: Member, bob: Member, charlie: Member, vera: Visit
) -> None:
    other = queue(acme, "Billing", assign=True)
    handoff.take_over(bob, vera.conversation_id)
    where = vera.conversation_id
    with pytest.raises(Conflict, match="not available"):
        handoff.transfer_to_member(bob, where, to=alice.id, client_id="t")
    for goal in (charlie.id, uuid4()):
        with pytest.raises(NotFound):
            handoff.transfer_to_member(bob, where, to=goal, client_id="t")
        with pytest.raises(NotFound):
            handoff.transfer_to_queue(bob, where, to=goal, client_id="t")
    with pytest.raises(NotFound):
        handoff.transfer_to_queue(charlie, where, to=other.id, client_id="t")
    assert vera.kinds() == ["owner.changed"]
    staff.heartbeat(alice)
    handoff.transfer_to_member(bob, where, to=alice.id, note="An invoice", client_id="t")
    assert vera.now().owner_member == alice
    assert vera.events()[-1].staff_payload["text"] == "An invoice"
    with pytest.raises(Conflict, match="Alice has"):
        handoff.transfer_to_queue(bob, where, to=other.id, client_id="t2")
    handoff.transfer_to_queue(alice, where, to=other.id, client_id="t3")
    assert (vera.now().owner, place(vera).queue) == ("queue", other)
    with pytest.raises(Conflict, match="already"):
        handoff.transfer_to_queue(alice, where, to=other.id, client_id="t4")


def test_clocks_run_in_business_hours_warn_once_and_end(
    acme: Workspace, bob: Member, vera: Visit
) -> None:
    general = queue(acme, "General", is_default=True)
    with workspace_scope(acme.id):
        SlaTarget.objects.create(
            workspace=acme, queue=general, priority=0, first_reply_min=10, next_reply_min=5
        )
    asks(vera)
    attend(vera, later(9))
    attend(vera, later(9.5))
    attend(vera, later(11))
    attend(vera, later(12))
    kinds = [kind for kind in vera.kinds() if kind.startswith("sla.")]
    assert kinds == ["sla.warned", "sla.breached"]
    handoff.claim(bob, vera.conversation_id)
    handoff.reply(bob, vera.conversation_id, client_id="r", text="Hello")
    vera.says("Thanks, and?")
    handoff.reply(bob, vera.conversation_id, client_id="r2", text="That is all")
    handoff.resolve(bob, vera.conversation_id)
    with workspace_scope(acme.id):
        rows = list(SlaClock.objects.order_by("started_at").values_list("kind", "stopped_at"))
    assert [kind for kind, _ in rows] == ["first_reply", "next_reply"]
    assert all(stopped for _, stopped in rows)


def test_the_place_in_line_is_counted_and_a_wait_is_never_made_up(
    acme: Workspace, bob: Member, vera: Visit
) -> None:
    first = asks(new_visit(acme.id))
    asks(vera)
    assert waits.placed(acme.id, vera.conversation_id) == waits.Placed(2, None)
    handoff.claim(bob, first.conversation_id)
    assert waits.placed(acme.id, vera.conversation_id) == waits.Placed(1, None)
    now = timezone.now()
    with workspace_scope(acme.id):
        for minutes in (3, 4, 5, 6):
            row = Handoff.objects.create(
                workspace=acme,
                conversation_id=first.conversation_id,
                reason="x",
                queue=place(vera).queue,
                claimed_at=now,
                ended_at=now,
            )
            Handoff.objects.filter(id=row.id).update(requested_at=now - minutes * MINUTE)
    found = waits.placed(acme.id, vera.conversation_id)
    assert found and found.expected_wait_s  # 240, the median of 0, 3, 4, 5 and 6 minutes,
    assert found.expected_wait_s <= 240 and found.expected_wait_s % 60 == 0  # less what was waited
    assert waits.placed(acme.id, first.conversation_id) is None


def test_open_time_is_added_over_nights_and_holidays() -> None:
    from chatbot import hours

    week = [[["09:00", "17:00"]]] * 5 + [[], []]
    found = hours.parse("Europe/Berlin", week, [datetime(2026, 12, 25).date()])
    thursday = datetime(2026, 12, 24, 15, 30, tzinfo=UTC)  # 16:30 there; Friday is a holiday
    due = hours.add_open(found, thursday, 3600)
    assert due == datetime(2026, 12, 28, 8, 30, tzinfo=UTC)
    nobody = hours.parse("UTC", [[]] * 7, [])
    assert hours.add_open(nobody, thursday, 60) == thursday + MINUTE
