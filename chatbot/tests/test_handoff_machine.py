"""Visitor, bot, large model, two agents, the scheduler, and crashes, in any order.

What holds after each step: one owner; no reply twice, out of order or lost; nobody waits without
being told. MACHINE_EXAMPLES makes the run longer.
"""

import os
from datetime import timedelta
from typing import Any

import hypothesis
import pytest
from django.conf import settings
from django.db.models import F
from django.utils import timezone
from hypothesis import HealthCheck
from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule, run_state_machine_as_test

from accounts.models import Member
from accounts.scope import workspace_scope
from chatbot import events, handoff
from chatbot.models import (
    Attendance,
    Conversation,
    DeskRules,
    Event,
    Message,
    Owner,
    Placement,
    Queue,
    SlaClock,
    SlaTarget,
    Status,
)
from chatbot.queues import attending, staff
from chatbot.queues.attending import MOST_TOLD
from chatbot.tests.test_conversation_machine import Conversations, every_one
from outbox import tasks

EXAMPLES = int(os.environ.get("MACHINE_EXAMPLES", "20"))
STEPS = 30
SPANS_S = (1, 50, 70, 150, 250, 700)
HOLDING = timedelta(minutes=3)
TIMES: dict[type[Any], tuple[str, ...]] = {
    Placement: ("awaiting_since", "replied_at", "offered_until", "told_at", "look_at"),
    Attendance: ("since", "seen_at"),
    SlaClock: ("started_at", "soon_at", "due_at"),
}


class Crash(Exception):
    """The worker is killed here."""


class Handoffs(Conversations):
    """The conversations of the base class, with queues and time."""

    def __init__(self) -> None:
        super().__init__()
        with workspace_scope(self.workspace_id):  # nobody is busy with the examples before
            Placement.objects.all().delete()
            Attendance.objects.all().delete()
            old = Conversation.objects.exclude(id=self.visit.conversation_id)
            old.update(
                owner=Owner.BOT,
                owner_member=None,
                queued_at=None,
                status=Status.RESOLVED,
                snoozed_until=None,
            )

    @rule(who=st.integers(0, 1), state=st.sampled_from(staff.STATES))
    def agent_comes_or_goes(self, who: int, state: str) -> None:
        staff.choose_state(self.members[who], state)

    @rule(who=st.integers(0, 1), to_queue=st.booleans(), number=st.integers(0, 1))
    def agent_transfers(self, who: int, to_queue: bool, number: int) -> None:
        member, where = self.members[who], self.visit.conversation_id
        with workspace_scope(self.workspace_id):
            goal = list(Queue.objects.order_by("name"))[number]
        ids = f"t{who}"
        if to_queue:
            self.attempt(
                lambda: handoff.transfer_to_queue(member, where, to=goal.id, client_id=ids)
            )
        else:
            other = self.members[1 - who]
            self.attempt(
                lambda: handoff.transfer_to_member(member, where, to=other.id, client_id=ids)
            )

    @rule(
        span_s=st.sampled_from(SPANS_S), there=st.sets(st.integers(0, 1)), crash=st.integers(0, 2)
    )
    def time_passes(self, span_s: int, there: set[int], crash: int) -> None:
        """Agents at an open desk send heartbeats; the scheduler looks, and may die of it."""
        past = timedelta(seconds=span_s)
        with workspace_scope(self.workspace_id):
            for model, names in TIMES.items():
                model.objects.update(**{name: F(name) - past for name in names})
            Conversation.objects.filter(owner=Owner.QUEUE).update(queued_at=F("queued_at") - past)
        for number in there:
            staff.heartbeat(self.members[number])
        if crash:
            self.scheduler_dies(at_event=crash)
        attending.attend(self.workspace_id)
        self.whoever_waits_was_told()

    def scheduler_dies(self, *, at_event: int) -> None:
        """In the middle of its transaction: nothing of it may be left."""
        before, left = self.visit.now().staff_seq, [at_event]
        append = events.append

        def dying(*args: Any, **more: Any) -> Event:
            left[0] -= 1
            if left[0] == 0:
                raise Crash
            return append(*args, **more)

        with self.monkeypatch.context() as patch:
            patch.setattr(events, "append", dying)
            try:
                attending.attend(self.workspace_id)
            except Crash:
                assert self.visit.now().staff_seq == before

    def whoever_waits_was_told(self) -> None:
        """By a line at the handoff, and later by a word that they are not forgotten."""
        with workspace_scope(self.workspace_id):
            row = Placement.objects.filter(
                conversation_id=self.visit.conversation_id, conversation__owner=Owner.QUEUE
            ).first()
        if row is None or row.told_count >= MOST_TOLD:
            return
        assert row.told_at
        assert timezone.now() - row.told_at < HOLDING * 2**row.told_count

    def numbers_have_no_gaps(self, row: Conversation) -> None:
        """As in the base class; in a queue the service says that nobody is forgotten."""
        found = list(Event.objects.filter(conversation=row).order_by("staff_seq"))
        seen = [event.visitor_seq for event in found if event.visitor_seq is not None]
        assert [event.staff_seq for event in found] == list(range(1, row.staff_seq + 1))
        assert seen == list(range(1, row.visitor_seq + 1))
        owner = Owner.BOT.value
        for event in found:
            if event.kind == "message.posted" and event.payload["author"] != "visitor":
                by_member = event.payload["author"] == "member"
                holding = event.payload["slot"] == "holding"
                assert owner == ("queue" if holding else "member" if by_member else "bot")
            if event.kind == "owner.changed":
                assert event.payload["text"], "the visitor is told of each change"
            owner = str(event.payload.get("owner", owner))
        assert owner == row.owner

    @invariant()
    def people_have_it_exactly_while_it_has_a_place(self) -> None:
        with workspace_scope(self.workspace_id):
            row = Conversation.objects.get(id=self.visit.conversation_id)
            places = list(Placement.objects.filter(conversation=row))
            running = SlaClock.objects.filter(conversation=row, stopped_at__isnull=True)
            assert len(places) == (row.owner != Owner.BOT)
            assert row.owner != Owner.BOT or not running.exists()
            for place in places:
                assert place.offered_to_id is None or row.owner == Owner.QUEUE
                assert row.owner != Owner.QUEUE or place.awaiting_since

    @invariant()
    def every_message_was_announced_once_and_in_order(self) -> None:
        with workspace_scope(self.workspace_id):
            where = {"conversation_id": self.visit.conversation_id}
            stored = Message.objects.filter(**where).order_by("created_at", "id")
            posted = Event.objects.filter(**where, kind="message.posted").order_by("staff_seq")
            ids = posted.values_list("payload__message_id", flat=True)
            assert [str(row.id) for row in stored] == list(ids)


@pytest.mark.django_db
def test_no_order_of_handoffs_silences_and_crashes_loses_a_visitor(
    alice: Member, bob: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks, "close_old_connections", lambda: None)
    monkeypatch.setattr(settings, "LLM_MODEL", "a-large-model")
    monkeypatch.setattr("chatbot.tasks.still_published", every_one)
    with workspace_scope(alice.workspace_id):
        make = {"workspace_id": alice.workspace_id, "assign": True}
        default = Queue.objects.create(name="General", is_default=True, **make)
        Queue.objects.create(name="Billing", **make)
        DeskRules.objects.create(workspace_id=alice.workspace_id, visitor_gone_min=20)
        SlaTarget.objects.create(
            workspace_id=alice.workspace_id, queue=default, priority=0,
            first_reply_min=2, next_reply_min=1, resolution_min=10,
        )  # fmt: skip
    Handoffs.workspace_id = alice.workspace_id
    Handoffs.members = (alice, bob)
    Handoffs.monkeypatch = monkeypatch
    run_state_machine_as_test(
        Handoffs,
        settings=hypothesis.settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
