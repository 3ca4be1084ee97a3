"""The desk: one agent wins, only the holder speaks, notes stay inside, late answers are dropped."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from django.db import connections

from accounts.errors import NotFound
from accounts.models import Member
from accounts.scope import workspace_scope
from chatbot import handoff, intake, reading, replies
from chatbot.errors import ChatError, Conflict, Invalid, Superseded
from chatbot.models import (
    Conversation,
    Escalation,
    EscalationState,
    Handoff,
    Message,
    Owner,
    Status,
    Turn,
    TurnState,
)
from chatbot.tests.conftest import Visit


def queued(visit: Visit) -> Visit:
    intake.request_person(*visit.where)
    return visit


def running_handoffs(visit: Visit) -> list[tuple[str, str | None]]:
    with workspace_scope(visit.workspace_id):
        rows = Handoff.objects.filter(conversation_id=visit.conversation_id, ended_at__isnull=True)
        return list(rows.values_list("reason", "claimed_by__display_name"))


@pytest.mark.django_db(transaction=True)
def test_of_two_agents_who_claim_at_once_exactly_one_wins(
    alice: Member, bob: Member, vera: Visit
) -> None:
    queued(vera)
    together = threading.Barrier(2)

    def claim(member: Member) -> str:
        together.wait(timeout=10)
        try:
            handoff.claim(member, vera.conversation_id)
        except Conflict as error:
            return error.message
        finally:
            connections.close_all()
        return "won"

    with ThreadPoolExecutor(2) as pool:
        outcomes = list(pool.map(claim, [alice, bob]))
    winner = vera.now().owner_member
    assert winner in {alice, bob}
    assert sorted(outcomes) == [f"{winner.display_name} has this conversation", "won"]
    assert vera.kinds() == ["owner.changed", "owner.changed"]
    assert running_handoffs(vera) == [("asked_for_person", winner.display_name)]


def test_claiming_twice_is_harmless(alice: Member, vera: Visit) -> None:
    queued(vera)
    handoff.claim(alice, vera.conversation_id)
    handoff.claim(alice, vera.conversation_id)
    assert vera.kinds() == ["owner.changed", "owner.changed"]
    assert vera.events()[-1].payload["text"] == "Alice has joined and will answer you."


def test_what_the_bot_has_is_taken_over_and_not_claimed(alice: Member, vera: Visit) -> None:
    with pytest.raises(Conflict):
        handoff.claim(alice, vera.conversation_id)
    handoff.take_over(alice, vera.conversation_id)
    assert running_handoffs(vera) == [("take_over", "Alice")]


def test_only_the_holder_replies(alice: Member, bob: Member, vera: Visit) -> None:
    queued(vera)
    with pytest.raises(Conflict):
        handoff.reply(alice, vera.conversation_id, client_id="r1", text="Too early")
    handoff.claim(alice, vera.conversation_id)
    with pytest.raises(Conflict):
        handoff.reply(bob, vera.conversation_id, client_id="r2", text="Me too")
    message = handoff.reply(alice, vera.conversation_id, client_id="r3", text="Hello, Vera")
    event = vera.events(visitor=True)[-1]
    assert event.payload["message_id"] == str(message.id)
    assert (event.payload["author"], event.payload["author_name"]) == ("member", "Alice")
    with workspace_scope(vera.workspace_id):
        assert Message.objects.count() == 1


def test_a_reply_that_is_sent_again_is_posted_once(alice: Member, vera: Visit) -> None:
    handoff.take_over(alice, vera.conversation_id)
    first = handoff.reply(alice, vera.conversation_id, client_id="r1", text="Hello")
    again = handoff.reply(alice, vera.conversation_id, client_id="r1", text="Hello")
    assert again.id == first.id
    assert vera.kinds().count("message.posted") == 1


def test_a_client_id_of_another_author_is_refused_and_not_swallowed(
    alice: Member, bob: Member, vera: Visit
) -> None:
    vera.says("Hello", client_id="c1")
    handoff.take_over(alice, vera.conversation_id)
    with pytest.raises(Conflict, match="client_id"):
        handoff.reply(alice, vera.conversation_id, client_id="c1", text="An answer")
    handoff.reply(alice, vera.conversation_id, client_id="r1", text="An answer")
    with pytest.raises(Conflict, match="client_id"):
        handoff.reply(bob, vera.conversation_id, client_id="r1", text="An answer")


def test_notes_are_for_the_staff_alone(alice: Member, bob: Member, vera: Visit) -> None:
    handoff.add_note(alice, vera.conversation_id, client_id="n1", text="Sounds upset")
    handoff.add_note(alice, vera.conversation_id, client_id="n1", text="Sounds upset")
    (note,) = vera.events()
    assert (note.visitor_seq, note.payload) == (None, {})
    assert note.staff_payload["text"] == "Sounds upset"
    assert reading.visitor_events(vera.workspace_id, vera.conversation_id, 0) == []
    (frame,) = reading.staff_events(vera.workspace_id, vera.conversation_id, 0)
    assert frame["staff_payload"]["member_name"] == "Alice"


def test_given_back_the_bot_answers_again(alice: Member, vera: Visit) -> None:
    handoff.take_over(alice, vera.conversation_id)
    handoff.give_back(alice, vera.conversation_id)
    vera.says("And now?")
    with workspace_scope(vera.workspace_id):
        assert Turn.objects.get().state == TurnState.OPEN
    assert running_handoffs(vera) == []
    text = "Automatic answers are back. Ask for a person at any time."
    assert vera.events()[1].payload["text"] == text


def test_released_it_waits_for_a_colleague(alice: Member, bob: Member, vera: Visit) -> None:
    handoff.take_over(alice, vera.conversation_id)
    handoff.release(alice, vera.conversation_id)
    assert vera.now().queued_at is not None
    assert running_handoffs(vera) == [("release", None)]
    handoff.claim(bob, vera.conversation_id)
    assert running_handoffs(vera) == [("release", "Bob")]


def test_resolved_is_resolved_once(alice: Member, vera: Visit) -> None:
    handoff.take_over(alice, vera.conversation_id)
    handoff.resolve(alice, vera.conversation_id)
    with pytest.raises(Conflict, match="resolved"):
        handoff.resolve(alice, vera.conversation_id)
    assert (vera.now().owner, vera.now().status) == (Owner.BOT, Status.RESOLVED)
    assert running_handoffs(vera) == []
    assert vera.kinds().count("status.changed") == 1


def test_a_colleague_does_not_close_what_alice_holds(
    alice: Member, bob: Member, vera: Visit
) -> None:
    handoff.take_over(alice, vera.conversation_id)
    for action in (handoff.resolve, handoff.give_back, handoff.release, handoff.take_over):
        with pytest.raises(Conflict, match="Alice has this conversation"):
            action(bob, vera.conversation_id)
    assert vera.kinds() == ["owner.changed"]


def test_an_answer_that_comes_after_take_over_is_dropped(alice: Member, vera: Visit) -> None:
    vera.says("How?")
    with workspace_scope(vera.workspace_id):
        turn = Turn.objects.get()
    handoff.take_over(alice, vera.conversation_id)
    with workspace_scope(vera.workspace_id), pytest.raises(Superseded):
        replies.current_turn(turn.id, turn.revision, state=TurnState.OPEN)


def test_take_over_cancels_an_escalation_that_runs(alice: Member, vera: Visit) -> None:
    vera.says("How?")
    with workspace_scope(vera.workspace_id):
        turn = Turn.objects.get()
        Turn.objects.update(state=TurnState.ESCALATED)
        Escalation.objects.create(
            workspace_id=vera.workspace_id, turn=turn, turn_revision=1, reason="low_confidence"
        )
    handoff.take_over(alice, vera.conversation_id)
    with workspace_scope(vera.workspace_id):
        assert Escalation.objects.get().state == EscalationState.CANCELLED
        assert Turn.objects.get().state == TurnState.CANCELLED


def test_a_request_for_what_people_have_changes_nothing(alice: Member, vera: Visit) -> None:
    handoff.take_over(alice, vera.conversation_id)
    with workspace_scope(vera.workspace_id):
        assert handoff.request(vera.now(), reason="timeout") is False
    assert running_handoffs(vera) == [("take_over", "Alice")]


ACTIONS: dict[str, Callable[[Member, Visit], object]] = {
    "claim": lambda member, visit: handoff.claim(member, visit.conversation_id),
    "take_over": lambda member, visit: handoff.take_over(member, visit.conversation_id),
    "give_back": lambda member, visit: handoff.give_back(member, visit.conversation_id),
    "release": lambda member, visit: handoff.release(member, visit.conversation_id),
    "resolve": lambda member, visit: handoff.resolve(member, visit.conversation_id),
    "reply": lambda member, visit: handoff.reply(
        member, visit.conversation_id, client_id="x", text="Hello"
    ),
    "add_note": lambda member, visit: handoff.add_note(
        member, visit.conversation_id, client_id="x", text="Hello"
    ),
}


@pytest.mark.parametrize("action", ACTIONS.values(), ids=ACTIONS)
def test_a_member_of_another_workspace_finds_nothing(
    action: Callable[[Member, Visit], object],
    charlie: Member,
    vera: Visit,
    unchanged: Callable[[], bool],
) -> None:
    with pytest.raises(NotFound):
        action(charlie, vera)
    assert unchanged()


@pytest.mark.parametrize("action", ACTIONS.values(), ids=ACTIONS)
def test_a_conversation_that_is_not_there_is_not_found(
    action: Callable[[Member, Visit], object], alice: Member, vera: Visit
) -> None:
    nowhere = Visit(vera.workspace_id, uuid4(), vera.contact_id)
    with pytest.raises(NotFound):
        action(alice, nowhere)
    with workspace_scope(vera.workspace_id):
        assert Conversation.objects.count() == 1


@pytest.mark.parametrize("text", ["", "   ", "x" * 4001])
def test_empty_and_endless_texts_are_refused(text: str, alice: Member, vera: Visit) -> None:
    handoff.take_over(alice, vera.conversation_id)
    with pytest.raises(Invalid):
        handoff.reply(alice, vera.conversation_id, client_id="x", text=text)
    with pytest.raises(ChatError):
        handoff.add_note(alice, vera.conversation_id, client_id="y", text=text)
    assert vera.kinds() == ["owner.changed"]
