"""An editor's verdict at the desk confirms the large model's answer; an agent's does not."""

from uuid import UUID

import pytest

from accounts.errors import NotFound
from accounts.models import Member, Role
from accounts.scope import workspace_scope
from chatbot import handoff
from chatbot.handoff import verdicts
from chatbot.models import Receipt
from knowledge import embedding
from knowledge.tests.conftest import FakeEmbedder
from learning import confirmed_listing, confirming
from learning.models import ConfirmedAnswer, GoldenQuestion
from learning.tests.auditing import work
from learning.tests.outcomes import answered, by_large_model, review
from outbox.models import OutboxJob
from tests.cast import Cast

pytestmark = pytest.mark.usefixtures("weighing")
ASKED = "May I return a giraffe? I am vera@example.com"
REPLY = "A giraffe may be returned within ten days."
BY_BOB = "Only small giraffes."


@pytest.fixture(autouse=True)
def fake_embedder(monkeypatch: pytest.MonkeyPatch) -> None:
    fake = FakeEmbedder()
    monkeypatch.setattr(embedding, "embedder", lambda: fake)


@pytest.fixture
def conversation_id(cast: Cast) -> UUID:
    """What the large model answered; nobody has opened a report since."""
    return by_large_model(cast, ASKED, reply=REPLY)


def receipt_id(cast: Cast, tier: int = 2) -> UUID:
    with workspace_scope(cast.workspace.id):
        return Receipt.objects.filter(tier=tier).latest("created_at").id


def judged(cast: Cast, member: Member, verdict: str) -> None:
    """The click, and what the workers do then."""
    verdicts.give(member, receipt_id(cast), verdict)
    work(cast.workspace.id)


def state(cast: Cast) -> tuple[list[str], int]:
    """The answers that are confirmed, and how many golden questions there are."""
    with workspace_scope(cast.workspace.id):
        rows = ConfirmedAnswer.objects.values_list("answer", flat=True)
        return list(rows), GoldenQuestion.objects.count()


def test_an_administrators_right_confirms_the_answer(cast: Cast, conversation_id: UUID) -> None:
    judged(cast, cast.alice, "right")
    with workspace_scope(cast.workspace.id):
        row = ConfirmedAnswer.objects.get()
        (golden,) = GoldenQuestion.objects.all()
    assert row.answer == REPLY and row.confirmed_by_id == cast.alice.id
    assert row.conversation_id == conversation_id
    assert golden.key == row.golden_key and "vera" not in golden.question


def test_an_agents_right_makes_a_candidate_and_no_more(cast: Cast, conversation_id: UUID) -> None:
    judged(cast, cast.bob, "right")
    assert state(cast) == ([], 0)


@pytest.mark.parametrize("verdict", ["wrong", "incomplete"])
def test_the_last_word_stands(cast: Cast, conversation_id: UUID, verdict: str) -> None:
    judged(cast, cast.alice, "right")
    assert state(cast) == ([REPLY], 1)
    judged(cast, cast.alice, verdict)
    assert state(cast) == ([], 0)


def test_said_twice_it_is_confirmed_once(cast: Cast, conversation_id: UUID) -> None:
    judged(cast, cast.alice, "right")
    judged(cast, cast.alice, "right")
    assert state(cast) == ([REPLY], 1)


def test_what_is_taken_back_in_the_console_stays_taken_back(
    cast: Cast, conversation_id: UUID
) -> None:
    judged(cast, cast.alice, "right")
    with workspace_scope(cast.workspace.id):
        row = ConfirmedAnswer.objects.get()
    confirming.undo(cast.alice, row.id)
    judged(cast, cast.alice, "right")
    assert state(cast) == ([], 0)


def test_who_is_no_editor_any_more_confirms_nothing(cast: Cast, conversation_id: UUID) -> None:
    verdicts.give(cast.alice, receipt_id(cast), "right")
    with workspace_scope(cast.workspace.id):
        Member.objects.filter(id=cast.alice.id).update(role=Role.AGENT)
    work(cast.workspace.id)
    assert state(cast) == ([], 0)


def instead(cast: Cast, conversation_id: UUID) -> UUID:
    """Bob answers the same question; which turn that is."""
    with workspace_scope(cast.workspace.id):
        turn = Receipt.objects.get(id=receipt_id(cast)).turn
        handoff.request(turn.conversation, reason="asked_for_person", turn=turn)
    handoff.claim(cast.bob, conversation_id)
    handoff.reply(cast.bob, conversation_id, client_id="reply", text=BY_BOB)
    review(cast)
    return turn.id


def test_an_agents_later_answer_is_not_confirmed_by_it(cast: Cast, conversation_id: UUID) -> None:
    instead(cast, conversation_id)
    judged(cast, cast.alice, "right")
    assert state(cast) == ([], 0)
    (candidate,), _more = confirmed_listing.candidates(cast.workspace.id, number=1)
    assert (candidate.asked.answer, candidate.called_right) == (BY_BOB, False)


def test_what_an_agent_answered_in_place_of_a_wrong_answer_is_confirmed_and_stays(
    cast: Cast, conversation_id: UUID
) -> None:
    judged(cast, cast.bob, "wrong")
    turn_id = instead(cast, conversation_id)
    (candidate,), _more = confirmed_listing.candidates(cast.workspace.id, number=1)
    assert candidate.asked.answer == BY_BOB
    confirming.confirm(cast.alice, turn_id)
    judged(cast, cast.alice, "incomplete")
    assert state(cast) == ([BY_BOB], 1)


def test_a_stranger_confirms_nothing(cast: Cast, conversation_id: UUID) -> None:
    with pytest.raises(NotFound):
        verdicts.give(cast.charlie, receipt_id(cast), "right")
    with workspace_scope(cast.workspace.id):
        assert not OutboxJob.objects.filter(kind=verdicts.BY_EDITOR).exists()
    assert state(cast) == ([], 0)


def test_a_verdict_on_tier_one_asks_for_nothing(cast: Cast) -> None:
    answered(cast)
    verdicts.give(cast.alice, receipt_id(cast, tier=1), "right")
    with workspace_scope(cast.workspace.id):
        assert not OutboxJob.objects.filter(kind=verdicts.BY_EDITOR).exists()
