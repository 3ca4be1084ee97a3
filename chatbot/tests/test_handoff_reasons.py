"""Each reason to call people, end to end: what the visitor does, who has it then, what is said of
it, and that it fires once. Two reasons at once are one handoff."""

from collections.abc import Callable
from uuid import UUID, uuid4

import pytest

from accounts.models import Member, Workspace
from accounts.scope import workspace_scope
from chatbot import handoff, intake
from chatbot.answering import pipeline
from chatbot.answering.contract import AnswerRequest, Decision
from chatbot.models import (
    Author,
    Conversation,
    DeskRules,
    Handoff,
    Message,
    Owner,
    Placement,
    Priority,
    Slot,
    Turn,
)
from chatbot.queues import staff
from chatbot.tests.conftest import Visit
from chatbot.tests.queueing import asks, attend, later, place, seen
from outbox import tasks
from outbox.models import JobState, OutboxJob
from tests.together import together

Way = Callable[[Visit], None]


@pytest.fixture(autouse=True)
def worker(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pipeline is unsure of everything; a worker's connection has no transaction around it."""

    def unsure(request: AnswerRequest) -> Decision:
        return Decision("escalate", "low_confidence", 0.1)

    monkeypatch.setattr(pipeline, "answer", unsure)
    monkeypatch.setattr(tasks, "close_old_connections", lambda: None)


def work(visit: Visit) -> None:
    """Every answer that waits is worked at."""
    with workspace_scope(visit.workspace_id):
        ready = OutboxJob.objects.filter(kind="answer_turn", state=JobState.READY)
        ids = list(ready.values_list("id", flat=True))
    for job_id in ids:
        tasks.run_job(str(visit.workspace_id), str(job_id))


def _says(visit: Visit, text: str) -> None:
    visit.says(text, client_id=uuid4().hex)  # the same words again are another message


def asks_what_nobody_knows(visit: Visit) -> None:
    _says(visit, "What is the weight of the moon?")
    work(visit)


def is_in_danger(visit: Visit) -> None:
    _says(visit, "I want to die")
    work(visit)


def writes_a_kept_word(visit: Visit) -> None:
    with workspace_scope(visit.workspace_id):
        DeskRules.objects.get_or_create(
            workspace_id=visit.workspace_id, defaults={"unsafe_words": ["data breach"]}
        )
    _says(visit, "Is this a data breach?")
    work(visit)


def calls_two_answers_wrong(visit: Visit) -> None:
    with workspace_scope(visit.workspace_id):
        replies = [_answer(visit, number) for number in range(2)]
    for one in replies:
        intake.give_feedback(*visit.where, message_id=one, verdict="wrong")


def _answer(visit: Visit, number: int) -> UUID:
    from chatbot import events
    from chatbot.rendering import message_payload

    conversation = events.lock(visit.conversation_id)
    row = Message.objects.create(
        workspace_id=visit.workspace_id,
        conversation=conversation,
        author=Author.BOT,
        text=f"Answer {number}",
        slot=Slot.ANSWER,
    )
    events.append(conversation, "message.posted", message_payload(row))
    return row.id


def asks_for_a_person(visit: Visit) -> None:
    intake.request_person(*visit.where)


def low_confidence(visit: Visit) -> None:
    """The compact model has nobody to ask and says so itself."""
    _says(visit, "How?")
    with workspace_scope(visit.workspace_id):
        turn = Turn.objects.order_by("-number").first()
        handoff.request(visit.now(), reason="low_confidence", turn=turn)


WAYS: dict[str, tuple[Way, str, Priority]] = {
    "explicit request": (asks_for_a_person, "asked_for_person", Priority.NORMAL),
    "low confidence": (low_confidence, "low_confidence", Priority.NORMAL),
    "no provider": (asks_what_nobody_knows, "no_provider", Priority.NORMAL),
    "unsafe topic": (is_in_danger, "unsafe_topic", Priority.URGENT),
    "a word for people alone": (writes_a_kept_word, "unsafe_topic", Priority.URGENT),
    "repeated failure": (calls_two_answers_wrong, "repeated_failure", Priority.NORMAL),
}
EACH = pytest.mark.parametrize(("way", "reason", "priority"), WAYS.values(), ids=list(WAYS))


def moves(visit: Visit) -> list[str]:
    return [e.payload["reason"] for e in visit.events() if e.kind == "owner.changed"]


def open_handoffs(visit: Visit) -> list[str]:
    with workspace_scope(visit.workspace_id):
        return list(Handoff.objects.filter(ended_at=None).values_list("reason", flat=True))


@EACH
def test_each_reason_calls_people_once_and_is_told(
    vera: Visit, way: Way, reason: str, priority: Priority
) -> None:
    way(vera)
    assert vera.now().owner == Owner.QUEUE
    assert moves(vera) == open_handoffs(vera) == [reason]
    assert place(vera).priority == priority
    told = [e for e in vera.events(visitor=True) if e.kind == "owner.changed"]
    assert len(told) == 1 and told[0].payload["text"]
    work(vera)  # a worker that comes again finds nothing to do
    assert moves(vera) == [reason]


@EACH
def test_after_a_give_back_the_old_reason_cannot_fire_again(
    bob: Member, vera: Visit, way: Way, reason: str, priority: Priority
) -> None:
    way(vera)
    handoff.claim(bob, vera.conversation_id)
    handoff.give_back(bob, vera.conversation_id)
    before = vera.now().staff_seq
    with workspace_scope(vera.workspace_id):  # a worker that had stopped in the midst of it
        OutboxJob.objects.filter(kind="answer_turn").update(state=JobState.READY, locked_until=None)
        wrong = list(Message.objects.filter(author=Author.BOT, slot=Slot.ANSWER))
    work(vera)
    for one in wrong:  # the same verdicts, with more words
        intake.give_feedback(*vera.where, message_id=one.id, verdict="wrong", reason="no")
    attend(vera, later(600))
    assert vera.now().owner == Owner.BOT
    assert moves(vera) == [reason, "claim", "give_back"]
    assert vera.now().staff_seq == before + len(wrong)  # what was said of the answers alone
    way(vera)  # a new cause calls people anew
    assert (vera.now().owner, moves(vera)[-1]) == (Owner.QUEUE, reason)


@EACH
def test_what_an_agent_took_over_no_reason_takes_away(
    bob: Member, vera: Visit, way: Way, reason: str, priority: Priority
) -> None:
    handoff.take_over(bob, vera.conversation_id)
    way(vera)
    assert (vera.now().owner, vera.now().owner_member) == (Owner.MEMBER, bob)
    assert moves(vera) == ["take_over"]
    assert open_handoffs(vera) == ["take_over"]


def test_an_agent_who_is_silent_or_gone_loses_it_and_each_is_told_apart(
    bob: Member, vera: Visit
) -> None:
    asks(vera)
    staff.heartbeat(bob)
    handoff.claim(bob, vera.conversation_id)
    seen(bob, later(11))
    attend(vera, later(11))
    assert moves(vera)[-1] == "agent_silent"
    handoff.claim(bob, vera.conversation_id)
    vera.says("Are you there?")
    seen(bob, later(-5))
    attend(vera, later(3))
    assert moves(vera)[-1] == "agent_offline"
    assert open_handoffs(vera) == ["agent_offline"]


def test_the_visitor_who_is_gone_is_ended_by_whoever_had_the_conversation(
    bob: Member, vera: Visit
) -> None:
    """Held by an agent it is ended after the agent's last word, and from the queue as they left."""
    with workspace_scope(vera.workspace_id):
        Conversation.objects.update(channel="widget")
    asks(vera)
    attend(vera, later(31))
    handoff.take_over(bob, _reopened(vera).conversation_id)
    handoff.reply(bob, vera.conversation_id, client_id="r", text="Anything else?")
    attend(vera, later(60 * 25))
    ended = [e.payload["reason"] for e in vera.events() if e.kind == "status.changed"]
    assert [one for one in ended if one.startswith("visitor_")] == [
        "visitor_left", "visitor_wrote", "visitor_gone",
    ]  # fmt: skip
    assert open_handoffs(vera) == []


def _reopened(visit: Visit) -> Visit:
    _says(visit, "Back again")
    return visit


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("one", "other"),
    [
        (asks_for_a_person, is_in_danger),
        (asks_for_a_person, asks_what_nobody_knows),
        (asks_for_a_person, calls_two_answers_wrong),
        (calls_two_answers_wrong, low_confidence),
        (is_in_danger, asks_for_a_person),
    ],
)
def test_two_reasons_at_once_are_one_handoff(
    acme: Workspace, vera: Visit, one: Way, other: Way
) -> None:
    together(lambda: one(vera), lambda: other(vera))
    assert vera.now().owner == Owner.QUEUE
    assert len(moves(vera)) == 1 and open_handoffs(vera) == moves(vera)
    with workspace_scope(acme.id):
        assert Placement.objects.count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("way", [way for way, *_ in WAYS.values()], ids=list(WAYS))
def test_a_take_over_and_a_reason_at_once_end_with_the_agent_or_in_the_queue(
    bob: Member, vera: Visit, way: Way
) -> None:
    from chatbot.errors import Conflict

    def takes_over() -> bool:
        try:
            handoff.take_over(bob, vera.conversation_id)
        except Conflict:
            return False
        return True

    def happens() -> bool:
        way(vera)
        return True

    took, _ = together(takes_over, happens)
    assert vera.now().owner == (Owner.MEMBER if took else Owner.QUEUE)
    assert len(open_handoffs(vera)) == 1


@pytest.mark.django_db(transaction=True)
def test_a_give_back_and_an_agent_s_silence_at_once_leave_one_owner(
    bob: Member, vera: Visit
) -> None:
    from chatbot.errors import Conflict
    from chatbot.queues import attending

    asks(vera)
    handoff.claim(bob, vera.conversation_id)
    with workspace_scope(vera.workspace_id):
        Placement.objects.update(awaiting_since=later(-11), look_at=later(-1))

    def gives_back() -> bool:
        try:
            handoff.give_back(bob, vera.conversation_id)
        except Conflict:
            return False
        return True

    gave, _ = together(gives_back, lambda: bool(attending.attend(vera.workspace_id)))
    assert vera.now().owner == (Owner.BOT if gave else Owner.QUEUE)
    assert moves(vera)[-1] == ("give_back" if gave else "agent_silent")
