"""Any order of what visitors, agents, workers and accidents do keeps the conversation whole."""

from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import replace
from typing import ClassVar
from uuid import UUID

import hypothesis
import pytest
from django.conf import settings
from django.db.models import F
from hypothesis import HealthCheck
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    rule,
    run_state_machine_as_test,
)

from accounts.models import Member
from accounts.scope import workspace_scope
from chatbot import handoff, intake, replies
from chatbot.answering import pipeline
from chatbot.answering.contract import AnswerRequest, Decision, Evidence, Option, Section
from chatbot.errors import Conflict, Superseded
from chatbot.models import (
    Author,
    Conversation,
    Escalation,
    Event,
    Handoff,
    Message,
    Owner,
    Slot,
    Status,
    Turn,
    TurnState,
)
from chatbot.tests.conftest import new_visit
from chatbot.turns import MAX_EXTENSIONS, question_of
from knowledge.retrieval import Filters
from outbox import tasks
from outbox.models import JobState, OutboxJob
from outbox.queue import claim
from outbox.registry import handler_of

LEGAL = {
    (Owner.BOT, Status.OPEN),
    (Owner.QUEUE, Status.OPEN),
    (Owner.MEMBER, Status.OPEN),
    (Owner.BOT, Status.RESOLVED),
}
DECISIONS = ("answer", "answer", "clarify", "smalltalk", "escalate", "handoff", "raise")
DESK = (
    handoff.claim,
    handoff.take_over,
    handoff.give_back,
    handoff.release,
    handoff.resolve,
)
PASSAGE = str(UUID(int=1))
EVIDENCE = Evidence(
    PASSAGE, "r", "a", "d", "Passwords", (), "/help/a/", 0, 5, text="Press Reset.", fused=0.5
)
OPTIONS = tuple(Option(name, PASSAGE, Section("a", (name,))) for name in ("Router", "Camera"))
MEANWHILE = ("nothing", "writes", "writes", "asks", "taken", "lease lost")


class Conversations(RuleBasedStateMachine):
    """One visitor, two agents, workers that finish, fail, die and come too late."""

    workspace_id: ClassVar[UUID]
    members: ClassVar[tuple[Member, Member]]
    monkeypatch: ClassVar[pytest.MonkeyPatch]

    def __init__(self) -> None:
        super().__init__()
        self.visit = new_visit(self.workspace_id)
        self.fresh = 0
        with workspace_scope(self.workspace_id):
            OutboxJob.objects.all().update(state=JobState.DONE)  # of the examples before

    def attempt(self, action: Callable[[], object]) -> None:
        """Somebody else may have been faster; then nothing may have happened."""
        before = self.visit.now().staff_seq
        try:
            action()
        except Conflict:
            assert self.visit.now().staff_seq == before

    def ready(self, kind: str = "answer_turn") -> list[UUID]:
        with workspace_scope(self.workspace_id):
            rows = OutboxJob.objects.filter(state=JobState.READY, kind=kind).order_by("id")
            return list(rows.values_list("id", flat=True))

    def let_time_pass(self) -> None:
        """Every delay and every lease is over."""
        with workspace_scope(self.workspace_id):
            waiting = OutboxJob.objects.filter(state=JobState.READY)
            waiting.update(locked_until=None, available_at=F("created_at"))

    @rule(number=st.integers(0, 20))
    def visitor_writes(self, number: int) -> None:
        """Often a resend: client ids repeat."""
        self.visit.says(f"text {number}", client_id=f"v{number}")

    @rule(option=st.integers(1, 2), number=st.integers(0, 2))
    def visitor_chooses(self, option: int, number: int) -> None:
        """Of the newest question that offers something; often too late, or a resend."""
        with workspace_scope(self.workspace_id):
            asked = Message.objects.filter(slot=Slot.CLARIFY).order_by("-created_at").first()
        if asked is None or asked.conversation_id != self.visit.conversation_id:
            return
        choice = intake.Choice(asked.id, option)
        ids = f"c{asked.id.hex[-12:]}-{number}"
        self.attempt(lambda: intake.choose_option(*self.visit.where, client_id=ids, choice=choice))

    @rule()
    def visitor_asks_for_a_person(self) -> None:
        intake.request_person(*self.visit.where)

    @rule()
    def visitor_stops_waiting(self) -> None:
        self.attempt(lambda: intake.cancel_wait(*self.visit.where))

    @rule(who=st.integers(0, 1), action=st.sampled_from(DESK))
    def agent_acts(self, who: int, action: Callable[[Member, UUID], object]) -> None:
        self.attempt(lambda: action(self.members[who], self.visit.conversation_id))

    @rule(who=st.integers(0, 1), number=st.integers(0, 2))
    def agent_writes(self, who: int, number: int) -> None:
        """A note, and a reply where it is theirs to give."""
        member, where = self.members[who], self.visit.conversation_id
        handoff.add_note(member, where, client_id=f"n{who}-{number}", text="Note")
        ids = f"a{who}-{number}"
        self.attempt(lambda: handoff.reply(member, where, client_id=ids, text="Hello"))

    @rule(
        data=st.data(),
        decision=st.sampled_from(DECISIONS),
        meanwhile=st.sampled_from(MEANWHILE),
        deliveries=st.integers(1, 2),
    )
    def worker_works(
        self, data: st.DataObject, decision: str, meanwhile: str, deliveries: int
    ) -> None:
        """Something may happen while it thinks; its wake-up may come twice."""
        ready = self.ready()
        if not ready:
            self.fresh += 1
            self.visit.says("and this?", client_id=f"f{self.fresh}")
            ready = self.ready()
        if not ready:  # people have the conversation
            return
        job_id = data.draw(st.sampled_from(ready))
        self.let_time_pass()

        def think(request: AnswerRequest) -> Decision:
            self.happens(meanwhile, job_id)
            if decision == "raise":
                raise RuntimeError("the model failed")
            text, evidence = request.question, replace(EVIDENCE, text=request.question)
            return Decision(
                decision, "low_confidence", 0.5, text, evidence=(evidence,), options=OPTIONS
            )

        self.monkeypatch.setattr(pipeline, "answer", think)
        for _ in range(deliveries):
            tasks.run_job(str(self.workspace_id), str(job_id))

    def happens(self, what: str, job_id: UUID) -> None:
        if what == "writes":
            self.visit.says("wait, there is more", client_id=f"w{job_id}")
        elif what == "asks":
            intake.request_person(*self.visit.where)
        elif what == "taken":
            self.agent_acts(0, handoff.take_over)
        elif what == "lease lost":
            self.let_time_pass()
            assert claim(self.workspace_id, job_id, lease_s=20.0)

    @rule(data=st.data(), answered=st.booleans())
    def large_model_ends(self, data: st.DataObject, answered: bool) -> None:
        """With an answer, or with its job's last attempt."""
        ready = self.ready("escalate")
        if not ready:
            return
        job_id = data.draw(st.sampled_from(ready))
        job = claim(self.workspace_id, job_id, lease_s=20.0)
        assert job
        if not answered:
            tasks.give_up(job, handler_of("escalate"))
            return
        with workspace_scope(self.workspace_id), suppress(Superseded):
            job.complete()
            row = Escalation.objects.get(id=job.payload["escalation_id"])
            conversation, turn = replies.current_turn(
                row.turn_id, row.turn_revision, state=TurnState.ESCALATED
            )
            reply = replies.Reply(row.evidence[0]["text"], Slot.ANSWER, Author.MODEL)
            replies.post_reply(conversation, turn, reply)

    @rule(data=st.data())
    def worker_dies(self, data: st.DataObject) -> None:
        """It claimed the job and was never heard of again."""
        ready = self.ready()
        if not ready:
            return
        job_id = data.draw(st.sampled_from(ready))
        self.let_time_pass()
        assert claim(self.workspace_id, job_id, lease_s=20.0)

    @invariant()
    def everything_fits(self) -> None:
        with workspace_scope(self.workspace_id):
            row = Conversation.objects.get(id=self.visit.conversation_id)
            self.owner_and_status_are_legal(row)
            self.numbers_have_no_gaps(row)
            self.turns_are_answered_once_and_whole()
            self.every_open_turn_has_somebody_who_works_on_it(row)

    def owner_and_status_are_legal(self, row: Conversation) -> None:
        assert (row.owner, row.status) in LEGAL
        running = Handoff.objects.filter(conversation=row, ended_at__isnull=True)
        assert running.count() == (row.owner != Owner.BOT)

    def numbers_have_no_gaps(self, row: Conversation) -> None:
        """And replayed, the events show that everybody spoke while it was theirs to speak."""
        events = list(Event.objects.filter(conversation=row).order_by("staff_seq"))
        seen = [event.visitor_seq for event in events if event.visitor_seq is not None]
        assert [event.staff_seq for event in events] == list(range(1, row.staff_seq + 1))
        assert seen == list(range(1, row.visitor_seq + 1))
        owner = Owner.BOT.value
        for event in events:
            owner = owner_after(event, owner)
        assert owner == row.owner

    def turns_are_answered_once_and_whole(self) -> None:
        """Here an answer repeats its question: it must be all that the visitor said."""
        answers = Message.objects.filter(
            conversation_id=self.visit.conversation_id, turn__isnull=False
        ).exclude(author="visitor")
        assert answers.count() == len(set(answers.values_list("turn_id")))
        texts = answers.exclude(slot=Slot.CLARIFY).values_list("turn_id", "text")
        for turn_id, text in texts:
            assert turn_id and text == question_of(turn_id)

    def every_open_turn_has_somebody_who_works_on_it(self, row: Conversation) -> None:
        turns = list(Turn.objects.filter(conversation=row))
        alive = list(OutboxJob.objects.filter(state=JobState.READY))
        waiting = [turn for turn in turns if turn.state in {"open", "escalated"}]
        assert all(turn.extensions <= MAX_EXTENSIONS for turn in turns)
        assert row.owner == Owner.BOT or not waiting
        for turn in waiting:
            assert any(works_on(job, turn) for job in alive), (turn.number, turn.state)


def owner_after(event: Event, owner: str) -> str:
    """Replays the owner; the bot speaks only while the conversation is its own."""
    if event.kind == "message.posted":
        speaks = event.payload["author"]
        assert speaks == "visitor" or owner == ("member" if speaks == "member" else "bot")
    return str(event.payload.get("owner", owner))


def works_on(job: OutboxJob, turn: Turn) -> bool:
    if turn.state == TurnState.ESCALATED:
        running = Escalation.objects.filter(turn=turn, turn_revision=turn.revision)
        return bool(job.payload == {"escalation_id": str(running.get().id)})
    return bool(job.payload == {"turn_id": str(turn.id), "revision": turn.revision})


def every_one(ids: Collection[UUID], *, filters: Filters) -> set[UUID]:
    """Here no evidence is withdrawn."""
    return set(ids)


@pytest.mark.django_db
def test_no_order_of_things_breaks_a_conversation(
    alice: Member, bob: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The test's transaction is around everything; a worker's connection has none.
    monkeypatch.setattr(tasks, "close_old_connections", lambda: None)
    monkeypatch.setattr(settings, "LLM_MODEL", "a-large-model")
    monkeypatch.setattr("chatbot.tasks.still_published", every_one)

    Conversations.workspace_id = alice.workspace_id
    Conversations.members = (alice, bob)
    Conversations.monkeypatch = monkeypatch
    run_state_machine_as_test(
        Conversations,
        settings=hypothesis.settings(
            max_examples=15,
            stateful_step_count=20,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
