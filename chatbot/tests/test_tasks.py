"""Answering a turn: twice delivered, killed, late, overtaken. The pipeline is a fake here."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from django.utils import timezone

from accounts.models import Member
from accounts.scope import workspace_scope
from chatbot import handoff
from chatbot.answering import pipeline
from chatbot.answering.contract import AnswerRequest, Citation, Decision, Evidence
from chatbot.models import Handoff, Message, Owner, Receipt, Turn, TurnState
from chatbot.tasks import ANSWER_DEADLINE_S
from chatbot.tests.conftest import Visit
from outbox import tasks
from outbox.models import JobState, OutboxJob
from outbox.queue import LeasedJob, claim
from outbox.registry import handler_of

CITED = Citation(1, "a1", "Passwords", "Reset", "/help/a1/", "Press Reset.")
ANSWER = Decision(
    "answer", "confident", 0.9, text="Press **Reset**. [1]", citations=(CITED,), threshold=0.8
)
Asked = list[AnswerRequest]
Think = Callable[[AnswerRequest], Decision]
SetThink = Callable[[Think], None]


@pytest.fixture(autouse=True)
def worker(monkeypatch: pytest.MonkeyPatch) -> None:
    """The test's transaction is around everything; a worker's connection has none."""
    monkeypatch.setattr(tasks, "close_old_connections", lambda: None)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Asked:
    """What the pipeline was asked; it answers at once."""
    requests: Asked = []

    def answer(request: AnswerRequest) -> Decision:
        requests.append(request)
        return ANSWER

    monkeypatch.setattr(pipeline, "answer", answer)
    return requests


@pytest.fixture
def thinking(monkeypatch: pytest.MonkeyPatch) -> SetThink:
    """Replaces the pipeline: something happens while it thinks."""
    return lambda think: monkeypatch.setattr(pipeline, "answer", think)


def jobs(visit: Visit, state: JobState | None = None) -> list[OutboxJob]:
    with workspace_scope(visit.workspace_id):
        rows = OutboxJob.objects.order_by("id")
        return list(rows.filter(state=state) if state else rows)


def deliver(visit: Visit, job: OutboxJob | None = None) -> None:
    """What a worker does with a wake-up; of the first job that waits, if none is named."""
    job = job or jobs(visit, JobState.READY)[0]
    tasks.run_job(str(visit.workspace_id), str(job.id))


def let_time_pass(visit: Visit, *, seconds: float) -> None:
    """Every row of the outbox becomes older by this much: leases run out, delays end."""
    ago = timedelta(seconds=seconds)
    with workspace_scope(visit.workspace_id):
        for job in OutboxJob.objects.all():
            OutboxJob.objects.filter(id=job.id).update(
                created_at=job.created_at - ago,
                available_at=job.available_at - ago,
                locked_until=job.locked_until and job.locked_until - ago,
            )


def dies(visit: Visit) -> LeasedJob:
    """A worker takes the first job that waits, and is killed."""
    job = jobs(visit, JobState.READY)[0]
    lease = claim(visit.workspace_id, job.id, lease_s=handler_of(job.kind).lease_s)
    assert lease
    return lease


def turn_of(visit: Visit) -> Turn:
    with workspace_scope(visit.workspace_id):
        return Turn.objects.filter(conversation_id=visit.conversation_id).latest("number")


def replies(visit: Visit) -> list[Message]:
    with workspace_scope(visit.workspace_id):
        rows = Message.objects.filter(conversation_id=visit.conversation_id)
        return list(rows.exclude(author="visitor").order_by("created_at"))


def handed_over(visit: Visit, reason: str) -> bool:
    """With people for this reason, and the visitor was told."""
    with workspace_scope(visit.workspace_id):
        rows = Handoff.objects.filter(conversation_id=visit.conversation_id)
        reasons = [row.reason for row in rows]
    told = visit.events(visitor=True)[-1]
    assert "passing you to a person" in told.payload["text"]
    return visit.now().owner == Owner.QUEUE and reasons == [reason]


def test_an_answer_is_posted_with_its_receipt(vera: Visit, asked: Asked) -> None:
    vera.says("How do I reset my password?")
    deliver(vera)
    (request,) = asked
    (reply,) = replies(vera)
    assert request.question == "How do I reset my password?"
    assert (reply.text, reply.author, reply.slot) == (ANSWER.text, "bot", "answer")
    assert reply.citations == [CITED.as_json()]
    with workspace_scope(vera.workspace_id):
        receipt = Receipt.objects.get()
    assert (receipt.message_id, receipt.tier, receipt.threshold) == (reply.id, 1, 0.8)
    assert turn_of(vera).state == TurnState.ANSWERED
    assert [job.state for job in jobs(vera)] == [JobState.DONE]
    assert vera.kinds() == ["message.posted", "message.posted", "receipt.recorded"]
    assert vera.kinds(visitor=True) == ["message.posted", "message.posted"]


def test_the_history_is_the_dialogue_before_this_turn(vera: Visit, asked: Asked) -> None:
    vera.says("How do I reset my password?")
    deliver(vera)
    vera.says("And my e-mail?")
    deliver(vera)
    assert asked[1].question == "And my e-mail?"
    assert asked[1].history == (
        ("visitor", "How do I reset my password?"),
        ("bot", ANSWER.text),
    )


def test_a_wake_up_that_comes_twice_answers_once(vera: Visit, asked: Asked) -> None:
    vera.says("How?")
    (job,) = jobs(vera)
    for _ in range(3):
        deliver(vera, job)
    assert (len(asked), len(replies(vera))) == (1, 1)


def test_a_wake_up_for_what_another_worker_does_is_ignored(vera: Visit, asked: Asked) -> None:
    vera.says("How?")
    dies(vera)
    deliver(vera)
    assert (asked, replies(vera)) == ([], [])


def test_the_work_of_a_killed_worker_is_done_by_another(vera: Visit, asked: Asked) -> None:
    vera.says("How?")
    dies(vera)
    let_time_pass(vera, seconds=21)
    deliver(vera)
    assert (len(asked), len(replies(vera))) == (1, 1)
    assert jobs(vera)[0].attempts == 2


def test_a_worker_that_lost_its_lease_writes_nothing(vera: Visit, thinking: SetThink) -> None:
    vera.says("How?")

    def slow(request: AnswerRequest) -> Decision:
        """So slow that another worker has the job now."""
        let_time_pass(vera, seconds=21)
        dies(vera)
        return ANSWER

    thinking(slow)
    deliver(vera)
    assert replies(vera) == []
    assert turn_of(vera).state == TurnState.OPEN
    thinking(lambda request: ANSWER)
    let_time_pass(vera, seconds=21)
    deliver(vera)
    assert len(replies(vera)) == 1


def test_what_is_overdue_goes_to_a_person(vera: Visit, asked: Asked) -> None:
    vera.says("How?")
    let_time_pass(vera, seconds=ANSWER_DEADLINE_S + 1)
    deliver(vera)
    assert asked == []
    assert handed_over(vera, "timeout")
    assert turn_of(vera).state == TurnState.HANDED_OFF


def test_when_every_worker_dies_a_person_gets_it_and_the_visitor_is_told(
    vera: Visit, asked: Asked
) -> None:
    vera.says("How?")
    for _ in range(3):
        dies(vera)
        let_time_pass(vera, seconds=21)
    deliver(vera)
    assert asked == []
    assert [job.state for job in jobs(vera)] == [JobState.DEAD]
    assert handed_over(vera, "worker_failed")


def test_when_the_model_fails_three_times_a_person_gets_it(vera: Visit, thinking: SetThink) -> None:
    def fail(request: AnswerRequest) -> Decision:
        raise RuntimeError("no model")

    thinking(fail)
    vera.says("How?")
    for _ in range(3):
        deliver(vera)
        let_time_pass(vera, seconds=5)
    (job,) = jobs(vera)
    assert (job.state, job.attempts, job.last_error) == (JobState.DEAD, 3, "RuntimeError")
    assert handed_over(vera, "worker_failed")


def test_a_failure_is_tried_again_after_a_while(vera: Visit, thinking: SetThink) -> None:
    failures = [RuntimeError("busy")]

    def think(request: AnswerRequest) -> Decision:
        if failures:
            raise failures.pop()
        return ANSWER

    thinking(think)
    vera.says("How?")
    deliver(vera)
    (job,) = jobs(vera)
    assert (job.state, job.locked_until) == (JobState.READY, None)
    assert job.available_at > timezone.now()
    deliver(vera)  # too early: nothing
    assert replies(vera) == []
    let_time_pass(vera, seconds=5)
    deliver(vera)
    assert len(replies(vera)) == 1


def test_a_result_for_fewer_messages_is_dropped_and_the_turn_answered_again(
    vera: Visit, thinking: SetThink
) -> None:
    vera.says("How do I reset")

    def overtaken(request: AnswerRequest) -> Decision:
        vera.says("my password?")
        return ANSWER

    thinking(overtaken)
    deliver(vera)
    assert replies(vera) == []
    assert turn_of(vera).revision == 2
    questions: list[str] = []

    def answer(request: AnswerRequest) -> Decision:
        questions.append(request.question)
        return ANSWER

    thinking(answer)
    deliver(vera)
    assert questions == ["How do I reset\nmy password?"]
    assert len(replies(vera)) == 1


def test_the_death_of_an_older_job_leaves_the_extended_turn_to_the_younger(
    vera: Visit, asked: Asked
) -> None:
    vera.says("How do I reset")
    (old,) = jobs(vera)
    for _ in range(3):
        dies(vera)
        let_time_pass(vera, seconds=21)
    vera.says("my password?")
    deliver(vera, old)
    assert vera.now().owner == Owner.BOT
    deliver(vera)
    assert len(replies(vera)) == 1


@pytest.mark.parametrize("name", ["take_over", "resolve"])
def test_an_answer_never_speaks_over_a_person(
    name: str,
    alice: Member,
    vera: Visit,
    thinking: SetThink,
) -> None:
    vera.says("How?")

    def overtaken(request: AnswerRequest) -> Decision:
        getattr(handoff, name)(alice, vera.conversation_id)
        return ANSWER

    thinking(overtaken)
    deliver(vera)
    assert replies(vera) == []
    assert turn_of(vera).state == TurnState.CANCELLED
    with workspace_scope(vera.workspace_id):
        assert not Receipt.objects.exists()
    assert [job.state for job in jobs(vera)] == [JobState.DONE]


def test_a_greeting_is_answered_by_no_tier(vera: Visit, thinking: SetThink) -> None:
    thinking(lambda request: Decision("smalltalk", "greeting", 1.0, text="Hello!"))
    vera.says("Hi")
    deliver(vera)
    (reply,) = replies(vera)
    with workspace_scope(vera.workspace_id):
        assert (reply.slot, Receipt.objects.get().tier) == ("answer", 0)


@pytest.mark.parametrize(
    ("kind", "reason"), [("handoff", "asked_for_person"), ("escalate", "low_confidence")]
)
def test_what_no_tier_answers_goes_to_a_person(
    kind: str,
    reason: str,
    vera: Visit,
    thinking: SetThink,
) -> None:
    """No large model is set here, so an escalation is refused."""
    thinking(lambda request: Decision(kind, reason, 0.1))
    vera.says("How?")
    deliver(vera)
    assert handed_over(vera, "asked_for_person" if kind == "handoff" else "no_provider")
    with workspace_scope(vera.workspace_id):
        assert Receipt.objects.get().decision == kind
    assert replies(vera) == []


def test_an_answer_from_an_article_that_was_withdrawn_meanwhile_is_not_given(
    vera: Visit, thinking: SetThink
) -> None:
    gone = Evidence(
        str(UUID(int=1)), "r", "a", "d", "Passwords", (), "/help/a1/", 0, 5, text="Press", fused=1.0
    )
    thinking(lambda request: replace(ANSWER, evidence=(gone,)))
    vera.says("How?")
    deliver(vera)
    assert replies(vera) == []
    assert handed_over(vera, "no_provider")
    with workspace_scope(vera.workspace_id):
        assert Receipt.objects.get().reason == "revision_gone"


def test_a_job_of_another_workspace_is_not_there(
    vera: Visit, charlie: Member, asked: Asked
) -> None:
    vera.says("How?")
    (job,) = jobs(vera)
    tasks.run_job(str(charlie.workspace_id), str(job.id))
    assert claim(charlie.workspace_id, job.id, lease_s=20.0) is None
    assert (asked, jobs(vera)[0].attempts) == ([], 0)


def test_a_job_of_a_turn_that_is_gone_is_done(vera: Visit, asked: Asked) -> None:
    vera.says("How?")
    with workspace_scope(vera.workspace_id):
        gone = {"turn_id": str(UUID(int=0)), "revision": 1}
        OutboxJob.objects.update(payload=gone)
    deliver(vera)
    assert [job.state for job in jobs(vera)] == [JobState.DONE]
    assert asked == []
