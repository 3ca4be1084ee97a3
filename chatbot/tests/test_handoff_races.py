"""Handoffs at the same moment as something else: one owner, one answer at most, nothing lost.

Each race is run in the orders that there are: before, inside and after the other's transaction.
"""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connections
from django.utils import timezone

from accounts.models import Member
from accounts.scope import workspace_scope
from chatbot import handoff, intake
from chatbot.errors import Conflict
from chatbot.escalation import record, work
from chatbot.inbox import acting
from chatbot.inbox.acting import Done, Order
from chatbot.models import Handoff, Message, Owner, Placement, Turn, TurnState
from chatbot.tests.conftest import Visit
from chatbot.tests.escalating import Escalated
from chatbot.tests.queueing import asks
from chatbot.tests.test_escalation_work import ANSWER
from chatbot.turns import question_of
from outbox import loop
from outbox.models import OutboxJob
from tests.together import together

pytestmark = pytest.mark.django_db(transaction=True)
Act = Callable[[Visit, Member], object]
END, END_WITHIN = record.end, record.end_within


def asks_for_a_person(visit: Visit, _: Member) -> None:
    intake.request_person(*visit.where)


def takes_over(visit: Visit, bob: Member) -> None:
    """Or claims, where the visitor waits already."""
    try:
        handoff.take_over(bob, visit.conversation_id)
    except Conflict:
        handoff.claim(bob, visit.conversation_id)


def is_tried(act: Callable[[], object]) -> bool:
    """Whether nobody else was faster."""
    try:
        act()
    except Conflict:
        return False
    return True


def in_another_thread(act: Callable[[], object]) -> "Future[None]":
    """It begins now, and may have to wait for this thread's locks."""

    def run() -> None:
        try:
            act()
        finally:
            connections.close_all()

    with_one = ThreadPoolExecutor(1)
    future = with_one.submit(run)
    with_one.shutdown(wait=False)
    return future


@dataclass
class Crossing:
    """What happens before, inside or after the transaction that writes how a large model ended."""

    moment: str
    act: Callable[[], object] = bool
    begun: "list[Future[None]]" = field(default_factory=list)

    def inside(self, *given: Any) -> None:
        END_WITHIN(*given)  # the conversation is locked from here on to the commit
        if self.moment == "inside":
            self.begun.append(in_another_thread(self.act))

    def around(self, *given: Any) -> None:
        if self.moment == "before":
            self.act()
        END(*given)
        if self.moment == "after":
            self.act()


@pytest.fixture(params=["before", "inside", "after"])
def crossing(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Crossing:
    made = Crossing(request.param)
    monkeypatch.setattr(record, "end", made.around)
    monkeypatch.setattr(record, "end_within", made.inside)
    return made


@pytest.mark.parametrize("act", [asks_for_a_person, takes_over])
@pytest.mark.parametrize("answer", [None, "Everything costs 99 EUR [2]."], ids=["good", "bad"])
def test_a_handoff_as_the_large_model_ends_is_one_handoff_and_one_answer_at_most(
    escalated: Escalated, bob: Member, crossing: Crossing, answer: str | None, act: Act
) -> None:
    """What was shown as a draft is the answer, or is taken back; it is never both or neither."""
    escalated.server.answer = answer
    crossing.act = lambda: act(escalated.visit, bob)
    assert escalated.asks() is None
    loop.submit(work.run_escalation(escalated.claims())).result(30)
    for future in crossing.begun:
        future.result(30)

    posted = answer is None and crossing.moment != "before"
    assert [message.text for message in escalated.replies()] == [ANSWER] * posted
    dropped = [frame for frame in escalated.frames if frame["type"] == "draft.dropped"]
    assert bool(dropped) == (not posted)
    assert_people_have_it_once(escalated.visit, bob if act is takes_over else None)


def assert_people_have_it_once(visit: Visit, member: Member | None) -> None:
    row = visit.now()
    assert row.owner == (Owner.MEMBER if member else Owner.QUEUE) and row.owner_member == member
    reasons = [one.payload["reason"] for one in visit.events() if one.kind == "owner.changed"]
    assert len(set(reasons) - {"claim"}) == 1 == len(reasons) - reasons.count("claim")
    with workspace_scope(visit.workspace_id):
        assert Handoff.objects.filter(ended_at=None).count() == Placement.objects.count() == 1
        assert Handoff.objects.count() == 1


def open_turns(visit: Visit) -> list[tuple[str, int]]:
    """The questions that wait for the bot, each with the jobs that will answer it."""
    with workspace_scope(visit.workspace_id):
        jobs = OutboxJob.objects.filter(kind="answer_turn", state="ready")
        return [
            (question_of(turn.id), jobs.filter(payload__turn_id=str(turn.id)).count())
            for turn in Turn.objects.filter(state=TurnState.OPEN)
        ]


def held(visit: Visit, bob: Member) -> Visit:
    asks(visit)
    handoff.claim(bob, visit.conversation_id)
    return visit


@pytest.mark.parametrize("moment", ["before", "after", "together"])
def test_a_message_that_crosses_the_give_back_is_answered_by_the_bot(
    bob: Member, vera: Visit, moment: str
) -> None:
    held(vera, bob)
    handoff.reply(bob, vera.conversation_id, client_id="r", text="Anything else?")
    both: list[Callable[[], object]] = [
        partial(vera.says, "And how long is shipping?"),
        partial(handoff.give_back, bob, vera.conversation_id),
    ]
    if moment == "together":
        together(*both)
    else:
        for act in both if moment == "before" else reversed(both):
            act()
    assert vera.now().owner == Owner.BOT
    assert open_turns(vera) == [("And how long is shipping?", 1)]


def test_what_was_replied_to_or_had_a_turn_is_not_taken_up(bob: Member, vera: Visit) -> None:
    vera.says("What is the weight of the moon?")
    asks(vera)  # the bot's turn is closed
    vera.says("Hello?")
    handoff.claim(bob, vera.conversation_id)
    handoff.reply(bob, vera.conversation_id, client_id="r", text="7.3e22 kg")
    handoff.give_back(bob, vera.conversation_id)
    assert open_turns(vera) == []
    with workspace_scope(vera.workspace_id):
        assert Message.objects.filter(turn__isnull=True, author="visitor").count() == 1


def test_all_that_was_written_meanwhile_is_one_question_and_taken_up_once(
    bob: Member, vera: Visit
) -> None:
    held(vera, bob)
    vera.says("Where is my parcel?")
    vera.says("It is number 7.")
    handoff.give_back(bob, vera.conversation_id)
    assert open_turns(vera) == [("Where is my parcel?\nIt is number 7.", 1)]
    handoff.take_over(bob, vera.conversation_id)
    handoff.give_back(bob, vera.conversation_id)
    assert open_turns(vera) == []  # the agent has taken it from the bot, and let it be


def test_two_claims_a_leaving_visitor_and_a_message_at_once_leave_one_owner(
    alice: Member, bob: Member, vera: Visit
) -> None:
    """Whoever wins, the visitor's message is with those who have the conversation."""
    asks(vera)
    where = vera.conversation_id
    first, second, left, _ = together(
        lambda: is_tried(partial(handoff.claim, alice, where)),
        lambda: is_tried(partial(handoff.claim, bob, where)),
        lambda: is_tried(partial(intake.cancel_wait, *vera.where)),
        lambda: bool(vera.says("Is anybody there?")),
    )
    row = vera.now()
    winners = [one for one, won in ((alice, first), (bob, second)) if won]
    assert len(winners) + left == 1
    assert ([row.owner_member] if row.owner_member else []) == winners
    assert row.owner == (Owner.MEMBER if winners else Owner.BOT)
    with workspace_scope(vera.workspace_id):
        assert Handoff.objects.filter(ended_at=None).count() == len(winners)


def put_away(action: str, member: Member, visit: Visit, seen: int | None) -> Done:
    """Resolve or put off what the member has seen up to this event."""
    known = {} if seen is None else {visit.conversation_id: seen}
    until = timezone.now() + timedelta(hours=1)
    (done,) = acting.act(member, [visit.conversation_id], Order(action, until=until, seen=known))
    return done


@pytest.mark.parametrize("moment", ["before", "after", "together"])
@pytest.mark.parametrize("action", ["resolve", "snooze"])
def test_a_message_that_crosses_a_resolve_or_a_snooze_is_not_out_of_sight(
    bob: Member, vera: Visit, action: str, moment: str
) -> None:
    """Whoever comes first, it is before the agent's eyes or is answered by the bot."""
    seen = held(vera, bob).now().staff_seq
    told: list[Done] = []
    both: list[Callable[[], object]] = [
        partial(vera.says, "And how long is shipping?"),
        lambda: told.append(put_away(action, bob, vera, seen)),
    ]
    if moment == "together":
        together(*both)
    else:
        for act in both if moment == "before" else reversed(both):
            act()
    refused = told[0].code == "unseen"
    assert told[0].code in {"", "unseen"} and (
        moment == "together" or refused is (moment == "before")
    )
    row = vera.now()
    by_bot = action == "resolve" and not refused
    assert (row.status, row.owner) == ("open", Owner.BOT if by_bot else Owner.MEMBER)
    assert open_turns(vera) == [("And how long is shipping?", 1)] * by_bot
    if refused:
        assert vera.kinds()[-1] == "message.posted"  # nothing was changed
        assert put_away(action, bob, vera, told[0].seq).code == ""  # and decided again
        assert vera.now().status == ("resolved" if action == "resolve" else "snoozed")


def test_a_visitor_who_asks_for_a_person_is_not_closed_away(bob: Member, vera: Visit) -> None:
    vera.says("What is the weight of the moon?")
    seen = vera.now().staff_seq
    asks(vera)
    assert put_away("resolve", bob, vera, seen).code == "unseen"
    assert (vera.now().owner, vera.now().status) == (Owner.QUEUE, "open")


def test_what_is_no_news_of_the_visitor_closes_as_before(bob: Member, vera: Visit) -> None:
    seen = held(vera, bob).now().staff_seq
    handoff.add_note(bob, vera.conversation_id, client_id="n", text="A regular")
    handoff.reply(bob, vera.conversation_id, client_id="r", text="7.3e22 kg")
    assert put_away("resolve", bob, vera, seen).code == ""
    vera.says("Thanks")
    assert put_away("resolve", bob, vera, None).code == ""  # a script that has seen nothing


def test_of_two_who_resolve_one_does_and_a_late_repeat_closes_no_new_question(
    alice: Member, bob: Member, vera: Visit
) -> None:
    seen = asks(vera).now().staff_seq
    done = together(*[partial(put_away, "resolve", one, vera, seen) for one in (alice, bob)])
    assert sorted(one.code for one in done) == ["", "conflict"]
    assert vera.kinds().count("status.changed") == 1
    vera.says("One more thing")
    assert put_away("resolve", bob, vera, seen).code == "unseen"
    assert vera.now().status == "open" and open_turns(vera) == [("One more thing", 1)]
