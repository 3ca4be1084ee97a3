"""A clarifying question and its answer: by number, by words, twice, too late, from strangers.

The pipeline is a fake here; chatbot/tests/test_clarify.py has the real one.
"""

from collections.abc import Callable, Collection
from uuid import UUID, uuid4

import pytest
from pytest_django import Settings

from accounts.errors import NotFound
from accounts.models import Member, Workspace
from accounts.scope import workspace_scope
from accounts.workspaces import change_settings
from chatbot import handoff, intake
from chatbot.answering import pipeline
from chatbot.answering.contract import AnswerRequest, Decision, Evidence, Option, Section
from chatbot.errors import Conflict
from chatbot.models import Message, Owner, Receipt, Slot, TurnState
from chatbot.tests.conftest import Visit, new_visit
from chatbot.tests.test_tasks import deliver, handed_over, jobs, replies, turn_of
from knowledge.retrieval import Filters
from outbox import tasks
from outbox.models import JobState, OutboxJob

ROUTER, CAMERA = (Section(str(uuid4()), ("Reset",)) for _ in range(2))
OPTIONS = (
    Option("Router › Reset", str(UUID(int=1)), ROUTER),
    Option("Camera › Reset", str(UUID(int=2)), CAMERA),
)
EVIDENCE = Evidence(
    str(UUID(int=1)),
    "r",
    str(UUID(int=3)),
    "d",
    "Router",
    (),
    "/help/a/",
    0,
    5,
    text="Press.",
    fused=0.5,
)
ASKS_BACK = Decision(
    "clarify",
    "two_readings",
    0.4,
    text="Press.",
    evidence=(EVIDENCE,),
    threshold=0.6,
    features={"margin": 1.0},
    options=OPTIONS,
)
Withdraw = Callable[[str], None]


@pytest.fixture(autouse=True)
def worker(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    """The test's transaction is around everything; a worker's connection has none."""
    monkeypatch.setattr(tasks, "close_old_connections", lambda: None)
    settings.AUDIT_SHARE_DEFAULT = 0.0


@pytest.fixture(autouse=True)
def withdraw(monkeypatch: pytest.MonkeyPatch) -> Withdraw:
    """Every passage is published until its id is named here."""
    gone: set[UUID] = set()

    def published(ids: Collection[UUID], *, filters: Filters) -> set[UUID]:
        return set(ids) - gone

    monkeypatch.setattr("chatbot.tasks.still_published", published)
    return lambda passage_id: gone.add(UUID(passage_id))


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[AnswerRequest]:
    """What the pipeline was asked; it asks back wherever it may, and else is not sure."""
    requests: list[AnswerRequest] = []

    def answer(request: AnswerRequest) -> Decision:
        requests.append(request)
        return ASKS_BACK if request.clarify else Decision("escalate", "low_confidence", 0.2)

    monkeypatch.setattr(pipeline, "answer", answer)
    return requests


@pytest.fixture
def question(vera: Visit, asked: list[AnswerRequest]) -> Message:
    """The clarifying question that vera got."""
    vera.says("How do I reset it?")
    deliver(vera)
    (reply,) = replies(vera)
    return reply


def choose(visit: Visit, question: Message, option: int, client_id: str = "c1") -> intake.Posted:
    choice = intake.Choice(question.id, option)
    return intake.choose_option(*visit.where, client_id=client_id, choice=choice)


def test_a_clarifying_question_is_posted_with_its_options(vera: Visit, question: Message) -> None:
    assert (question.slot, question.author) == (Slot.CLARIFY, "bot")
    assert question.text.startswith("I found more than one possible answer.")
    assert question.citations == []
    event = vera.events(visitor=True)[-1]
    assert event.payload["options"] == [
        {"number": 1, "label": "Router › Reset"},
        {"number": 2, "label": "Camera › Reset"},
    ]
    assert turn_of(vera).state == TurnState.ANSWERED
    with workspace_scope(vera.workspace_id):
        receipt = Receipt.objects.get()
    assert (receipt.tier, receipt.decision, receipt.reason) == (1, "clarify", "two_readings")
    assert receipt.message_id == question.id
    assert receipt.text == "Press."  # what it would have answered


def test_it_is_drawn_for_an_audit_with_what_it_would_have_answered(
    vera: Visit, asked: list[AnswerRequest], settings: Settings
) -> None:
    """A lower threshold would have answered: leaving such turns out would flatter it."""
    settings.AUDIT_SHARE_DEFAULT = 1.0
    vera.says("How do I reset it?")
    deliver(vera)
    assert [job.kind for job in jobs(vera, JobState.READY)] == ["draw_audit"]


def test_a_client_that_may_have_no_buttons_reads_the_options(question: Message) -> None:
    assert question.text.endswith("\n\n1. Router › Reset\n2. Camera › Reset")


def test_a_choice_is_the_next_message_and_names_its_section(
    vera: Visit, question: Message, asked: list[AnswerRequest]
) -> None:
    posted = choose(vera, question, 2)
    event = vera.events(visitor=True)[-1]
    assert (posted.created, event.visitor_seq) == (True, posted.seq)
    assert event.payload["text"] == "Camera › Reset"
    assert event.payload["choice"] == {"message_id": str(question.id), "option": 2}
    deliver(vera)
    request = asked[-1]
    assert request.question == "How do I reset it?"
    assert request.history == (("visitor", "Camera › Reset"),)
    assert (request.chosen, request.rejected) == (CAMERA, (ROUTER,))


def test_what_is_written_after_a_choice_belongs_to_it(
    vera: Visit, question: Message, asked: list[AnswerRequest]
) -> None:
    choose(vera, question, 1)
    vera.says("It is the white one")
    deliver(vera, jobs(vera, JobState.READY)[-1])
    assert asked[-1].question == "How do I reset it?\nIt is the white one"
    assert (asked[-1].chosen, asked[-1].rejected) == (ROUTER, (CAMERA,))


@pytest.mark.parametrize("words", ["2", " 2. ", "camera ›  RESET"])
def test_its_number_or_words_written_are_the_same_choice(
    words: str, vera: Visit, question: Message, asked: list[AnswerRequest]
) -> None:
    vera.says(words)
    deliver(vera)
    assert (asked[-1].question, asked[-1].chosen) == ("How do I reset it?", CAMERA)


def test_other_words_are_read_as_they_are(
    vera: Visit, question: Message, asked: list[AnswerRequest]
) -> None:
    vera.says("the blue one")
    deliver(vera)
    assert (asked[-1].question, asked[-1].chosen) == ("the blue one", None)
    assert asked[-1].history == (("visitor", "How do I reset it?"),)


@pytest.mark.parametrize("clicks", [True, False])
def test_it_never_asks_back_twice_in_a_row(
    clicks: bool, vera: Visit, question: Message, asked: list[AnswerRequest]
) -> None:
    """The fake would; what is still not sure goes on to people."""
    if clicks:
        choose(vera, question, 1)
    else:
        vera.says("no idea")
    deliver(vera)
    assert asked[-1].clarify is False
    assert handed_over(vera, "no_provider")


def test_of_options_withdrawn_meanwhile_two_must_be_left(
    vera: Visit, asked: list[AnswerRequest], withdraw: Withdraw
) -> None:
    withdraw(OPTIONS[1].passage_id)
    vera.says("How do I reset it?")
    deliver(vera)
    assert handed_over(vera, "no_provider")
    with workspace_scope(vera.workspace_id):
        receipt = Receipt.objects.get()
    assert (receipt.decision, receipt.reason) == ("escalate", "revision_gone")


def test_a_workspace_can_turn_it_off(
    vera: Visit, alice: Member, asked: list[AnswerRequest]
) -> None:
    change_settings(vera.workspace_id, actor=alice, clarify=False)
    vera.says("How do I reset it?")
    deliver(vera)
    assert [request.clarify for request in asked] == [False]
    assert vera.now().owner == Owner.QUEUE


def test_a_choice_sent_twice_is_stored_once(vera: Visit, question: Message) -> None:
    first = choose(vera, question, 1)
    again = choose(vera, question, 1)
    assert again == intake.Posted(first.message_id, first.seq, created=False)
    assert len(jobs(vera, JobState.READY)) == 1


def test_a_second_choice_and_a_choice_after_words_are_too_late(
    vera: Visit, question: Message
) -> None:
    choose(vera, question, 1)
    before = vera.now().staff_seq
    with pytest.raises(Conflict):
        choose(vera, question, 2, client_id="c2")
    with pytest.raises(Conflict):
        choose(vera, question, 2)  # the client_id of another choice
    assert vera.now().staff_seq == before
    with workspace_scope(vera.workspace_id):
        assert OutboxJob.objects.count() == 2


def test_a_choice_of_an_old_question_is_too_late(vera: Visit, question: Message) -> None:
    vera.says("Never mind. When do you open?")
    before = vera.now().staff_seq
    with pytest.raises(Conflict):
        choose(vera, question, 1)
    assert vera.now().staff_seq == before


def test_a_choice_after_an_agent_took_over_is_for_the_agent(
    vera: Visit, question: Message, bob: Member
) -> None:
    handoff.take_over(bob, vera.conversation_id)
    choose(vera, question, 1)
    with workspace_scope(vera.workspace_id):
        said = Message.objects.get(chosen_from=question)
    assert (said.text, said.turn_id) == ("Router › Reset", None)
    assert jobs(vera, JobState.READY) == []


def test_an_agent_who_takes_over_while_it_thinks_is_not_spoken_over(
    vera: Visit, bob: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    def taken(request: AnswerRequest) -> Decision:
        handoff.take_over(bob, vera.conversation_id)
        return ASKS_BACK

    monkeypatch.setattr(pipeline, "answer", taken)
    vera.says("How do I reset it?")
    deliver(vera)
    assert replies(vera) == []


@pytest.mark.parametrize("option", [0, 3, -1])
def test_only_what_was_offered_can_be_chosen(option: int, vera: Visit, question: Message) -> None:
    before = vera.now().staff_seq
    with pytest.raises(NotFound):
        choose(vera, question, option)
    assert vera.now().staff_seq == before


def test_strangers_and_other_messages_offer_nothing(
    vera: Visit, question: Message, other: Workspace
) -> None:
    said = vera.says("no idea")
    before = vera.now().staff_seq
    for stranger in (new_visit(vera.workspace_id), new_visit(other.id)):
        mixed = Visit(stranger.workspace_id, vera.conversation_id, stranger.contact_id)
        for visit in (stranger, mixed):
            with pytest.raises(NotFound):
                choose(visit, question, 1)
    with workspace_scope(vera.workspace_id):
        own = Message.objects.get(id=said.message_id)
    with pytest.raises(NotFound):
        choose(vera, own, 1)
    assert vera.now().staff_seq == before
