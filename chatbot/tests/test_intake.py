"""What comes from visitors: resends, bursts, coming back, feedback, and strangers."""

from collections.abc import Callable
from uuid import uuid4

import pytest

from accounts.errors import NotFound
from accounts.models import Member, Workspace
from accounts.scope import workspace_scope
from chatbot import handoff, intake, replies
from chatbot.errors import Conflict, Invalid
from chatbot.models import Author, Message, Owner, Slot, Status, Turn, TurnState
from chatbot.tests.conftest import Visit, new_visit
from chatbot.turns import MAX_EXTENSIONS, question_of
from outbox.models import OutboxJob


def turns(visit: Visit) -> list[Turn]:
    with workspace_scope(visit.workspace_id):
        rows = Turn.objects.filter(conversation_id=visit.conversation_id)
        return list(rows.order_by("number"))


def jobs(visit: Visit) -> list[tuple[str, int]]:
    with workspace_scope(visit.workspace_id):
        payloads = OutboxJob.objects.order_by("id").values_list("payload", flat=True)
        return [(payload["turn_id"], payload["revision"]) for payload in payloads]


def bot_says(visit: Visit, text: str) -> Message:
    with workspace_scope(visit.workspace_id):
        last = turns(visit)[-1]
        conversation, turn = replies.current_turn(last.id, last.revision, state=TurnState.OPEN)
        return replies.post_reply(conversation, turn, replies.Reply(text, Slot.ANSWER, Author.BOT))


def test_a_message_is_a_row_an_event_a_turn_and_a_job(vera: Visit) -> None:
    posted = vera.says("  Hello\x00 there ", client_id="c1")
    (event,) = vera.events(visitor=True)
    (turn,) = turns(vera)
    assert (posted.created, posted.seq, event.kind) == (True, 1, "message.posted")
    assert event.payload["message_id"] == str(posted.message_id)
    assert (event.payload["text"], event.payload["client_id"]) == ("Hello there", "c1")
    assert jobs(vera) == [(str(turn.id), 1)]
    assert vera.now().last_message_at is not None


def test_a_resend_returns_the_first_messages_numbers(vera: Visit) -> None:
    first = vera.says("Hello", client_id="c1")
    vera.says("More", client_id="c2")
    again = vera.says("Hello", client_id="c1")
    assert again == intake.Posted(first.message_id, first.seq, created=False)
    assert vera.kinds() == ["message.posted", "message.posted"]
    assert len(jobs(vera)) == 2


def test_a_burst_extends_its_turn_twice_and_then_a_new_one_begins(vera: Visit) -> None:
    for number in range(1, MAX_EXTENSIONS + 3):
        vera.says(f"part {number}")
    first, second = turns(vera)
    assert (first.revision, first.extensions) == (3, 2)
    assert (second.number, second.revision) == (2, 1)
    with workspace_scope(vera.workspace_id):
        assert question_of(first.id) == "part 1\npart 2\npart 3"
        assert question_of(second.id) == "part 4"
    first_id, second_id = str(first.id), str(second.id)
    assert jobs(vera) == [(first_id, 1), (first_id, 2), (first_id, 3), (second_id, 1)]


def test_a_message_after_the_answer_begins_a_new_turn(vera: Visit) -> None:
    vera.says("One?")
    bot_says(vera, "One.")
    vera.says("Two?")
    assert [turn.state for turn in turns(vera)] == [TurnState.ANSWERED, TurnState.OPEN]


def test_who_writes_again_reopens_a_closed_conversation(vera: Visit, alice: Member) -> None:
    handoff.resolve(alice, vera.conversation_id)
    assert vera.now().status == Status.RESOLVED
    posted = vera.says("Still broken")
    assert (vera.now().owner, vera.now().status) == (Owner.BOT, Status.OPEN)
    kinds = ["status.changed", "status.changed", "message.posted"]
    assert vera.kinds(visitor=True) == kinds
    assert posted.seq == len(kinds)
    assert len(jobs(vera)) == 1


def test_people_who_have_the_conversation_get_the_message_and_the_bot_does_not(
    vera: Visit, alice: Member
) -> None:
    handoff.take_over(alice, vera.conversation_id)
    vera.says("Are you there?")
    assert (turns(vera), jobs(vera)) == ([], [])
    assert vera.kinds() == ["owner.changed", "message.posted"]


def test_asking_for_a_person_twice_queues_once(vera: Visit) -> None:
    intake.request_person(*vera.where)
    intake.request_person(*vera.where)
    assert vera.now().owner == Owner.QUEUE
    (event,) = vera.events(visitor=True)
    assert event.payload["text"] == "I am passing you to a person. Please wait a moment."


def test_asking_for_a_person_ends_the_turn_that_waits(vera: Visit) -> None:
    vera.says("Help")
    intake.request_person(*vera.where)
    assert [turn.state for turn in turns(vera)] == [TurnState.HANDED_OFF]


def test_a_visitor_may_stop_waiting_and_stop_twice(vera: Visit) -> None:
    intake.request_person(*vera.where)
    intake.cancel_wait(*vera.where)
    intake.cancel_wait(*vera.where)
    assert vera.now().owner == Owner.BOT
    assert vera.kinds() == ["owner.changed", "owner.changed"]


def test_a_wait_that_an_agent_ended_cannot_be_cancelled(vera: Visit, alice: Member) -> None:
    intake.request_person(*vera.where)
    handoff.claim(alice, vera.conversation_id)
    with pytest.raises(Conflict, match="Alice has this conversation"):
        intake.cancel_wait(*vera.where)
    assert vera.now().owner_member == alice


def test_feedback_is_kept_once_for_each_change_of_mind(vera: Visit) -> None:
    vera.says("How?")
    answer = bot_says(vera, "So.")
    for verdict in ("helped", "helped", "wrong", "wrong"):
        intake.give_feedback(*vera.where, message_id=answer.id, verdict=verdict)
    intake.give_feedback(*vera.where, message_id=answer.id, verdict="wrong", reason="old page")
    given = [event for event in vera.events() if event.kind == "feedback.given"]
    assert [event.payload["verdict"] for event in given] == ["helped", "wrong", "wrong"]
    assert given[-1].staff_payload == {"reason": "old page"}
    assert given[-1].payload["reason"] == "old page"  # the visitor's own words, shown to them again


@pytest.mark.parametrize(
    ("verdict", "reason"), [("bad", ""), ("", ""), ("wrong", "x" * (intake.MAX_REASON + 1))]
)
def test_feedback_that_says_nothing_is_refused(verdict: str, reason: str, vera: Visit) -> None:
    vera.says("How?")
    answer = bot_says(vera, "So.")
    with pytest.raises(Invalid):
        intake.give_feedback(*vera.where, message_id=answer.id, verdict=verdict, reason=reason)
    assert "feedback.given" not in vera.kinds()


def test_feedback_is_for_replies_of_this_conversation(vera: Visit) -> None:
    mine = vera.says("How?").message_id
    walter = new_visit(vera.workspace_id)
    walter.says("And how?")
    theirs = bot_says(walter, "So.").id
    for message_id in (mine, theirs, uuid4()):
        with pytest.raises(NotFound):
            intake.give_feedback(*vera.where, message_id=message_id, verdict="helped")
    assert vera.kinds() == ["message.posted"]
    assert "feedback.given" not in walter.kinds()


@pytest.mark.parametrize(
    ("text", "client_id", "code"),
    [
        ("", "c", "empty_text"),
        (" \x00 ", "c", "empty_text"),
        ("x" * 4001, "c", "text_too_long"),
        ("Hello", "", "bad_frame"),
        ("Hello", "x" * 65, "bad_frame"),
        ("Hello", "a\nb", "bad_frame"),
    ],
)
def test_what_cannot_be_posted_is_named(
    text: str, client_id: str, code: str, vera: Visit, unchanged: Callable[[], bool]
) -> None:
    with pytest.raises(Invalid) as error:
        intake.post_visitor_message(*vera.where, client_id=client_id, text=text)
    assert error.value.code == code
    assert unchanged()
    assert jobs(vera) == []


def test_a_client_id_of_the_agents_message_is_not_the_visitors(vera: Visit, alice: Member) -> None:
    handoff.take_over(alice, vera.conversation_id)
    handoff.reply(alice, vera.conversation_id, client_id="c1", text="Hello")
    with pytest.raises(Conflict):
        vera.says("Mine", client_id="c1")
    assert vera.kinds() == ["owner.changed", "message.posted"]


def strangers(vera: Visit, other: Workspace) -> list[Visit]:
    """Another contact of the workspace, and a contact of another workspace."""
    walter, foreign = new_visit(vera.workspace_id), new_visit(other.id)
    return [
        Visit(vera.workspace_id, vera.conversation_id, walter.contact_id),
        Visit(other.id, vera.conversation_id, foreign.contact_id),
        Visit(other.id, vera.conversation_id, vera.contact_id),
        Visit(vera.workspace_id, foreign.conversation_id, vera.contact_id),
    ]


def test_strangers_are_refused_and_nothing_changes(vera: Visit, other: Workspace) -> None:
    vera.says("How?")
    answer = bot_says(vera, "So.")
    before, waiting = vera.now().staff_seq, jobs(vera)
    for stranger in strangers(vera, other):
        with pytest.raises(NotFound):
            stranger.says("Let me in")
        with pytest.raises(NotFound):
            intake.request_person(*stranger.where)
        with pytest.raises(NotFound):
            intake.cancel_wait(*stranger.where)
        with pytest.raises(NotFound):
            intake.give_feedback(*stranger.where, message_id=answer.id, verdict="helped")
    assert (vera.now().staff_seq, vera.now().owner) == (before, Owner.BOT)
    assert jobs(vera) == waiting
