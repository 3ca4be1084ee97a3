"""Each tier may be off: what happens then, and that the visitor is told the truth.

The pipeline is a fake here; chatbot/tests/test_pipeline.py has the real one.
"""

import pytest
from pytest_django import Settings

from accounts.models import Member
from accounts.scope import workspace_scope
from accounts.workspaces import change_settings
from chatbot import handoff, intake
from chatbot.answering import pipeline
from chatbot.answering.contract import AnswerRequest, Decision
from chatbot.models import Handoff, Owner, TurnState
from chatbot.tests.conftest import Visit
from chatbot.tests.test_tasks import deliver, handed_over, replies, turn_of
from outbox import tasks

NOBODY = "This chat has automatic answers only, and nobody of our team reads it."


@pytest.fixture(autouse=True)
def worker(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    """The test's transaction is around everything; a worker's connection has none."""
    monkeypatch.setattr(tasks, "close_old_connections", lambda: None)
    settings.AUDIT_SHARE_DEFAULT = 0.0


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[AnswerRequest]:
    """What the pipeline was asked; it is never sure."""
    requests: list[AnswerRequest] = []

    def answer(request: AnswerRequest) -> Decision:
        requests.append(request)
        return Decision("escalate", "low_confidence" if request.compact else "compact_off", 0.2)

    monkeypatch.setattr(pipeline, "answer", answer)
    return requests


@pytest.fixture
def alone(alice: Member) -> None:
    """Acme has no people in the chat."""
    change_settings(alice.workspace_id, actor=alice, people_allowed=False)


def waits_for_nobody(vera: Visit) -> bool:
    with workspace_scope(vera.workspace_id):
        return vera.now().owner == Owner.BOT and not Handoff.objects.exists()


def test_without_the_compact_model_nothing_of_its_own_is_decided(
    vera: Visit, alice: Member, asked: list[AnswerRequest]
) -> None:
    change_settings(alice.workspace_id, actor=alice, compact_model_allowed=False)
    vera.says("When do you open?")
    deliver(vera)
    (request,) = asked
    assert (request.compact, request.clarify, request.decline) == (False, False, False)
    assert handed_over(vera, "compact_off")
    assert "People answer questions here" in vera.events(visitor=True)[-1].payload["text"]


def test_without_people_a_question_ends_with_the_truth(
    vera: Visit, alone: None, asked: list[AnswerRequest]
) -> None:
    vera.says("When do you open?")
    deliver(vera)
    (reply,) = replies(vera)
    assert reply.text == f"I did not find a safe answer. {NOBODY} You can ask in other words."
    assert (reply.slot, turn_of(vera).state) == ("holding", TurnState.UNANSWERED)
    assert waits_for_nobody(vera)
    vera.says("And on Sundays?")
    deliver(vera)
    assert asked[-1].people is False
    assert [text for role, text in asked[-1].history if role == "bot"] == []


def test_without_people_a_wish_for_one_is_answered_once(vera: Visit, alone: None) -> None:
    for _ in range(2):
        intake.request_person(*vera.where)
    (reply,) = replies(vera)
    assert reply.text.startswith(NOBODY)
    assert waits_for_nobody(vera)


def test_a_wish_for_a_person_does_not_stop_an_answer_on_its_way(vera: Visit, alone: None) -> None:
    vera.says("When do you open?")
    intake.request_person(*vera.where)
    assert turn_of(vera).state == TurnState.OPEN


def test_without_people_a_turn_that_no_worker_could_finish_says_so(
    vera: Visit, alone: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dies(request: AnswerRequest) -> Decision:
        raise RuntimeError

    monkeypatch.setattr(pipeline, "answer", dies)
    vera.says("When do you open?")
    from chatbot.tests.test_tasks import jobs, let_time_pass
    from outbox.models import JobState

    while waiting := jobs(vera, JobState.READY):
        let_time_pass(vera, seconds=60)
        deliver(vera, waiting[0])
    (reply,) = replies(vera)
    assert reply.text.startswith("Something did not work on our side. " + NOBODY)


def test_who_waits_already_still_has_the_desk(vera: Visit, alice: Member, bob: Member) -> None:
    intake.request_person(*vera.where)
    change_settings(alice.workspace_id, actor=alice, people_allowed=False)
    assert vera.now().owner == Owner.QUEUE
    handoff.claim(bob, vera.conversation_id)
    handoff.give_back(bob, vera.conversation_id)
    assert vera.events(visitor=True)[-1].payload["text"] == "Automatic answers are back."


def test_another_workspace_keeps_its_people(
    vera: Visit, charlie: Member, asked: list[AnswerRequest]
) -> None:
    change_settings(charlie.workspace_id, actor=charlie, people_allowed=False)
    intake.request_person(*vera.where)
    assert vera.now().owner == Owner.QUEUE
