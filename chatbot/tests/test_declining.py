"""What is declined, and complaints: what visitors read, and what is left behind.

The pipeline is a fake here; chatbot/tests/test_pipeline.py has the real one.
"""

from collections.abc import Callable

import pytest
from pytest_django import Settings

from accounts.models import Member
from accounts.scope import workspace_scope
from accounts.workspaces import change_settings
from chatbot.answering import pipeline
from chatbot.answering.contract import AnswerRequest, Decision
from chatbot.models import Owner, Receipt, TurnState
from chatbot.tests.conftest import Visit
from chatbot.tests.test_tasks import deliver, handed_over, jobs, replies, turn_of
from outbox import tasks
from outbox.models import JobState

Decide = Callable[[str, str], list[AnswerRequest]]


@pytest.fixture(autouse=True)
def worker(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    """The test's transaction is around everything; a worker's connection has none."""
    monkeypatch.setattr(tasks, "close_old_connections", lambda: None)
    settings.AUDIT_SHARE_DEFAULT = 1.0


@pytest.fixture
def decide(monkeypatch: pytest.MonkeyPatch) -> Decide:
    """The pipeline decides this, and did not show "Press."; returned is what it was asked."""

    def set_decision(kind: str, reason: str) -> list[AnswerRequest]:
        asked: list[AnswerRequest] = []

        def answer(request: AnswerRequest) -> Decision:
            asked.append(request)
            return Decision(kind, reason, 0.1, text="Press.", features={"margin": 1.0})

        monkeypatch.setattr(pipeline, "answer", answer)
        return asked

    return set_decision


def test_what_is_declined_says_so(vera: Visit, decide: Decide) -> None:
    decide("decline", "out_of_scope")
    vera.says("Write me a poem")
    deliver(vera)
    (reply,) = replies(vera)
    assert reply.text.startswith("That is outside of what I can help with here.")
    assert (reply.author, reply.slot, reply.citations) == ("bot", "answer", [])
    assert (turn_of(vera).state, vera.now().owner) == (TurnState.ANSWERED, Owner.BOT)
    with workspace_scope(vera.workspace_id):
        receipt = Receipt.objects.get()
    assert (receipt.tier, receipt.decision, receipt.text) == (1, "decline", "Press.")


def test_a_complaint_goes_to_a_person_with_words_for_it(vera: Visit, decide: Decide) -> None:
    decide("handoff", "complaint")
    vera.says("This is a disgrace")
    deliver(vera)
    assert handed_over(vera, "complaint")
    told = vera.events(visitor=True)[-1].payload["text"]
    assert told.startswith("I am sorry to hear that.")


@pytest.mark.parametrize(
    ("kind", "reason"), [("decline", "out_of_scope"), ("handoff", "complaint")]
)
def test_both_are_drawn_for_audits(vera: Visit, decide: Decide, kind: str, reason: str) -> None:
    """A lower threshold would have shown the text: leaving such turns out would flatter it."""
    decide(kind, reason)
    vera.says("This is a poem")
    deliver(vera)
    assert "draw_audit" in [job.kind for job in jobs(vera, JobState.READY)]


def test_whether_it_may_decline_is_the_workspaces_choice(
    vera: Visit, decide: Decide, alice: Member, settings: Settings
) -> None:
    settings.AUDIT_SHARE_DEFAULT = 0.0
    asked = decide("decline", "out_of_scope")
    vera.says("Write me a poem")
    deliver(vera)
    change_settings(vera.workspace_id, actor=alice, decline=False)
    vera.says("Write me a song")
    deliver(vera)
    assert [request.decline for request in asked] == [True, False]
