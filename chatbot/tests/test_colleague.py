"""The bot asks one agent one question: answered, too late, overtaken, nobody there."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.errors import NotFound
from accounts.models import Member, WorkspaceSettings
from accounts.scope import workspace_scope
from chatbot import colleagues, desk_settings, handoff
from chatbot.answering.contract import ESCALATE
from chatbot.desk_settings import Decided
from chatbot.errors import Conflict, Invalid
from chatbot.models import (
    Attendance,
    ColleagueQuestion,
    Conversation,
    DeskSettings,
    Handoff,
    Kind,
    LedgerEntry,
    Owner,
    QuestionState,
)
from chatbot.queues import staff
from knowledge.models import Article, DraftState
from learning.tests.auditing import work
from outbox import tasks
from outbox.models import JobState, OutboxJob
from tests.cast import Cast
from tests.desks import Vera, decided


@pytest.fixture
def vera(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Vera:
    """Has asked what the bot does not know; the bot may ask a colleague, and Bob is at his desk."""
    monkeypatch.setattr(tasks, "close_old_connections", lambda: None)
    desk_settings.change(cast.alice, Decided(ask_colleague=True, colleague_minutes=2))
    staff.heartbeat(cast.bob)
    visitor = Vera(cast)
    visitor.says("Do you sell left-handed anvils?")
    return visitor


def does_not_know(cast: Cast, vera: Vera, reason: str = "low_confidence") -> None:
    with workspace_scope(cast.workspace.id):
        OutboxJob.objects.filter(kind="answer_turn").update(state=JobState.DONE)
    vera.is_answered(decided(ESCALATE, confidence=0.2, reason=reason))


def question(cast: Cast) -> ColleagueQuestion:
    with workspace_scope(cast.workspace.id):
        return ColleagueQuestion.objects.select_related("asked_of").get()


def said(vera: Vera) -> list[tuple[str, str]]:
    """(slot, text) of what the bot wrote."""
    posted = [one["payload"] for one in vera.reads() if one["kind"] == "message.posted"]
    return [(one["slot"], one["text"]) for one in posted if one["author"] == "bot"]


def let_the_time_run_out(cast: Cast) -> None:
    """The clock of the outbox goes on by more than the two minutes, twice."""
    with workspace_scope(cast.workspace.id):
        rows = OutboxJob.objects.filter(kind="colleague_due")
        rows.update(available_at=timezone.now() - timedelta(seconds=1))
    for _ in range(2):
        work(cast.workspace.id)


def reasons(cast: Cast) -> list[str]:
    with workspace_scope(cast.workspace.id):
        rows = Handoff.objects.order_by("requested_at")
        return list(rows.values_list("reason", flat=True))


def answer(member: Member, cast: Cast, text: str = "Yes, on order.", article: bool = False) -> None:
    colleagues.answer(member, question(cast).id, text=text, article=article)


def test_the_bot_keeps_the_conversation_and_answers_from_the_reply(cast: Cast, vera: Vera) -> None:
    does_not_know(cast, vera)
    asked = question(cast)
    assert asked.asked_of == cast.bob and asked.question == "Do you sell left-handed anvils?"
    assert vera.conversation().owner == Owner.BOT and reasons(cast) == []
    assert [one.id for one in colleagues.waiting_for(cast.bob)] == [asked.id]
    answer(cast.bob, cast, article=True)
    answer(cast.bob, cast, article=True)  # the same again
    (waits, told), (slot, text) = said(vera)
    assert (waits, slot) == ("holding", "colleague") and "asking a colleague" in told
    assert text == "I asked a colleague, who says:\n\nYes, on order."
    assert vera.conversation().owner == Owner.BOT and colleagues.waiting_for(cast.bob) == []
    with workspace_scope(cast.workspace.id):
        article = Article.objects.get(external_id__startswith="colleague-")
        assert article.id == question(cast).article_id
        assert article.title == "Do you sell left-handed anvils?"
        assert article.draft_state == DraftState.IN_REVIEW and article.published_revision is None
        line = LedgerEntry.objects.get(kind=Kind.PERSON)
        assert line.answered and line.agent_s is None  # whose minutes nobody knows
    let_the_time_run_out(cast)
    assert reasons(cast) == [] and len(said(vera)) == 2


def test_when_nobody_answers_in_time_people_get_it_once(cast: Cast, vera: Vera) -> None:
    does_not_know(cast, vera)
    let_the_time_run_out(cast)
    assert reasons(cast) == ["colleague_silent"]
    assert vera.conversation().owner == Owner.QUEUE
    with pytest.raises(Conflict):
        answer(cast.bob, cast)
    assert [slot for slot, _ in said(vera)] == ["holding"]
    handoff.claim(cast.bob, cast.conversation_id)
    handoff.give_back(cast.bob, cast.conversation_id)
    let_the_time_run_out(cast)
    assert reasons(cast) == ["colleague_silent"]


def test_where_people_were_switched_off_meanwhile_the_visitor_is_told(
    cast: Cast, vera: Vera
) -> None:
    does_not_know(cast, vera)
    with workspace_scope(cast.workspace.id):
        WorkspaceSettings.objects.update_or_create(
            workspace_id=cast.workspace.id, defaults={"people_allowed": False}
        )
    let_the_time_run_out(cast)
    assert question(cast).state == QuestionState.EXPIRED
    (_, asked), (slot, text) = said(vera)
    assert slot == "holding" and text != asked
    assert vera.conversation().owner == Owner.BOT and reasons(cast) == []


def test_of_two_answers_the_first_counts(cast: Cast, vera: Vera) -> None:
    does_not_know(cast, vera)
    answer(cast.alice, cast, "Yes.")
    with pytest.raises(Conflict):
        answer(cast.bob, cast, "No.")
    assert [text.splitlines()[-1] for _, text in said(vera)][1:] == ["Yes."]


def test_a_visitor_who_asks_for_a_person_meanwhile_gets_one(cast: Cast, vera: Vera) -> None:
    does_not_know(cast, vera)
    vera.asks_for_a_person()
    assert question(cast).state == QuestionState.WITHDRAWN
    with pytest.raises(Conflict):
        answer(cast.bob, cast)
    let_the_time_run_out(cast)
    assert reasons(cast) == ["asked_for_person"]


def test_a_second_question_meanwhile_goes_to_people(cast: Cast, vera: Vera) -> None:
    does_not_know(cast, vera)
    vera.says("And right-handed ones?")
    staff.heartbeat(cast.alice)
    does_not_know(cast, vera)
    assert question(cast).state == QuestionState.WITHDRAWN  # still the only one
    assert reasons(cast) == ["low_confidence"]


@pytest.mark.parametrize("why", ["off", "away", "busy", "complaint"])
def test_where_nobody_can_be_asked_people_get_it_as_ever(cast: Cast, vera: Vera, why: str) -> None:
    with workspace_scope(cast.workspace.id):
        if why == "off":
            DeskSettings.objects.update(ask_colleague=False)
        if why == "away":
            Attendance.objects.update(seen_at=timezone.now() - timedelta(seconds=60))
        if why == "busy":
            turn = Conversation.objects.get(id=cast.conversation_id).turns.get()
            other = Conversation.objects.create(
                workspace=cast.workspace, channel="api", contact_id=cast.vera.contact_id
            )
            other_turn = other.turns.create(workspace=cast.workspace, number=1)
            ColleagueQuestion.objects.create(
                workspace=cast.workspace, conversation=other, turn=other_turn, turn_revision=1,
                asked_of=cast.bob, question="x", reason=turn.state, due_at=timezone.now(),
            )  # fmt: skip
    reason = "complaint" if why == "complaint" else "low_confidence"
    does_not_know(cast, vera, reason)
    assert reasons(cast) == [reason] and said(vera) == []


def test_strangers_and_empty_answers_change_nothing(client: Client, cast: Cast, vera: Vera) -> None:
    does_not_know(cast, vera)
    before = vera.reads()
    with pytest.raises(NotFound):
        colleagues.answer(cast.charlie, question(cast).id, text="Hi", article=True)
    with pytest.raises(Invalid):
        answer(cast.bob, cast, " ")
    client.force_login(cast.bob.user)
    page = client.post(f"/desk/acme/questions/{question(cast).id}/", {"text": "x" * 4_001})
    assert "Write 1 to 4,000 characters." in page.text and "x" * 4_001 in page.text
    assert vera.reads() == before and question(cast).state == QuestionState.OPEN


def test_an_answer_that_comes_too_late_is_not_lost(client: Client, cast: Cast, vera: Vera) -> None:
    does_not_know(cast, vera)
    client.force_login(cast.bob.user)
    assert "left-handed" in client.get("/desk/acme/for-me/").text
    vera.asks_for_a_person()
    page = client.post(f"/desk/acme/questions/{question(cast).id}/", {"text": "On order."}).text
    assert "Too late" in page and "On order." in page
