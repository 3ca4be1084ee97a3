"""Checks before publishing, on real models: what changes, what is left alone, what is alike."""

from uuid import UUID

import pytest

from accounts.scope import workspace_scope
from accounts.workspaces import change_settings
from chatbot.answering import models, pipeline
from chatbot.answering.contract import AnswerRequest
from inference.errors import ModelUnavailable
from knowledge.articles import upsert_article
from knowledge.models import Article, Passage, Revision
from knowledge.tests.worker import work
from learning import draft_checks, golden
from learning.draft_checks import Wanted
from learning.matching import Span
from learning.models import DraftCheck
from learning.neighbours import NEAR
from learning.questions import Question
from outbox.models import OutboxJob
from outbox.queue import LeasedJob
from tests.cast import Cast

RETURNS = """# Returns

## Sending something back

You can send anything back within 30 days of the delivery.

## Getting your money

A refund goes to the card that you paid with. It takes two weeks.
"""
OPENING = (
    "# Our shop\n\nThe shop in Lisbon opens at nine and closes at eighteen on all working days.\n"
)
GONE = RETURNS.replace("You can send anything back within 30 days of the delivery.", "Ask us.")
DAYS = "You can send anything back within 30 days of the delivery."


@pytest.fixture
def shop(cast: Cast) -> Cast:
    """The dial lets most of it through, so that answers are there to be lost."""
    change_settings(cast.workspace.id, actor=cast.alice, risk=0.5)
    for doc_id, text in (("returns", RETURNS), ("shop", OPENING)):
        upsert_article(cast.workspace.id, doc_id=doc_id, title=text.split("\n")[0][2:], text=text)
    work(cast.workspace.id)
    start = RETURNS.index(DAYS)
    days = Question(
        "days",
        "Within how many days can I send something back?",
        doc_id="returns",
        spans=(Span("returns", start, start + len(DAYS)),),
    )
    hours = Question("hours", "When does the shop in Lisbon open?", doc_id="shop")
    golden.keep(cast.workspace.id, [days, hours], actor=cast.alice)
    return cast


def checked(
    cast: Cast, text: str, *, doc_id: str = "returns", title: str = "Returns"
) -> DraftCheck:
    with workspace_scope(cast.workspace.id):
        article = Article.objects.filter(external_id=doc_id).first()
    wanted = Wanted(article.id if article else None, doc_id, title, text)
    check = draft_checks.start(cast.alice, wanted)
    work(cast.workspace.id)
    found = draft_checks.check_of(cast.workspace.id, check.id)
    assert found.ended_at and not found.problem and found.asked == found.total
    return found


def test_an_answer_that_the_edit_takes_away_is_lost(shop: Cast) -> None:
    with workspace_scope(shop.workspace.id):
        before = Revision.objects.count(), Passage.objects.count()
    found = checked(shop, GONE)
    (change,) = [one for one in found.changes if one["kind"] == "lost"]
    assert change["question"].startswith("Within how many days") and found.lost == 1
    assert change["before"]["state"] == "right" and "30 days" in change["before"]["text"]
    assert change["after"]["state"] != "right"
    with workspace_scope(shop.workspace.id):
        assert (Revision.objects.count(), Passage.objects.count()) == before


def test_an_article_that_is_archived_loses_its_answers(shop: Cast) -> None:
    found = checked(shop, "")
    assert found.lost == 1 and found.neighbours == []
    (change,) = [one for one in found.changes if one["kind"] == "lost"]
    assert change["question"].startswith("Within how many days")


def test_what_only_moves_within_the_article_is_not_lost(shop: Cast) -> None:
    moved = RETURNS.replace("# Returns\n", "# Returns\n\nWe are sorry that it did not fit.\n")
    assert checked(shop, moved).lost == 0


def test_an_answer_that_the_edit_brings_is_an_improvement(shop: Cast) -> None:
    paid = Question(
        "lost", "What does a lost anvil key cost?", doc_id="keys", answers=("ten euros",)
    )
    golden.keep(shop.workspace.id, [paid], actor=shop.alice)
    text = "# Keys\n\nA lost anvil key costs ten euros."
    found = checked(shop, text, doc_id="keys", title="Keys")
    assert [one["question"] for one in found.changes if one["kind"] == "improved"] == [
        paid.question
    ]
    assert found.lost == 0


def test_questions_out_of_its_reach_are_not_asked(
    shop: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With one candidate each, the article is out of the other question's reach."""
    asked: list[str] = []
    answer = pipeline.answer

    def counted(request: AnswerRequest) -> object:
        asked.append(request.question)
        return answer(request)

    monkeypatch.setattr(pipeline, "CANDIDATES", 1)
    monkeypatch.setattr(pipeline, "answer", counted)
    found = checked(shop, GONE)
    assert set(asked) == {"Within how many days can I send something back?"}
    assert (found.asked, found.affected) == (2, 1)


def test_a_question_that_only_the_new_text_answers_is_asked(
    shop: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline, "CANDIDATES", 1)
    text = f"{RETURNS}\n## When does the shop in Lisbon open?\n\nThe shop in Lisbon opens at ten.\n"
    assert checked(shop, text).affected == 2


def test_a_copy_under_another_title_is_pointed_out_with_what_differs(shop: Cast) -> None:
    copy = "# Refunds\n\nYou can send anything back within 14 days of the delivery."
    found = checked(shop, copy, doc_id="refunds", title="Refunds")
    (first, *_) = found.neighbours
    assert first["title"] == "Returns" and first["cosine"] >= NEAR
    assert first["hints"][0]["kinds"] == ["numbers"] and "30 days" in first["hints"][0]["theirs"]
    other = "# Anvils\n\nAn anvil of the second class is painted green by hand."
    assert checked(shop, other, doc_id="anvils", title="Anvils").neighbours == []


def test_its_own_published_passages_are_no_neighbours(shop: Cast) -> None:
    assert checked(shop, RETURNS).neighbours == []


def test_the_same_text_twice_is_one_check(shop: Cast) -> None:
    wanted = Wanted(None, "new", "New", "A lemur.")
    first = draft_checks.start(shop.alice, wanted)
    assert draft_checks.start(shop.alice, wanted).id == first.id
    work(shop.workspace.id)
    assert draft_checks.start(shop.alice, wanted).id != first.id


def test_without_models_it_says_so(shop: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> None:
        raise ModelUnavailable("no reader")

    monkeypatch.setattr(models, "loaded", missing)
    check = draft_checks.start(shop.alice, Wanted(None, "new", "New", "A lemur."))
    work(shop.workspace.id)
    found = draft_checks.check_of(shop.workspace.id, check.id)
    assert found.problem == "no_models" and found.ended_at


def test_it_is_forgotten_after_a_day(shop: Cast) -> None:
    check = draft_checks.start(shop.alice, Wanted(None, "new", "New", "A lemur."))
    work(shop.workspace.id)
    (job,) = _forgetting(shop.workspace.id, check.id)
    age = job.available_at - job.created_at
    assert 86_000 < age.total_seconds() < 87_000
    with workspace_scope(shop.workspace.id):
        OutboxJob.objects.filter(id=job.id).update(available_at=job.created_at)
    work(shop.workspace.id)
    with workspace_scope(shop.workspace.id):
        assert not DraftCheck.objects.exists()


def _forgetting(workspace_id: UUID, check_id: UUID) -> list[OutboxJob]:
    with workspace_scope(workspace_id):
        rows = OutboxJob.objects.filter(kind=draft_checks.FORGET)
        return [row for row in rows if row.payload["check_id"] == str(check_id)]


def test_a_check_that_no_worker_could_finish_has_ended(shop: Cast) -> None:
    check = draft_checks.start(shop.alice, Wanted(None, "new", "New", "A lemur."))
    with workspace_scope(shop.workspace.id):
        row = OutboxJob.objects.get(kind=draft_checks.KIND)
        job = LeasedJob(row.id, row.workspace_id, row.kind, row.payload, 4, row.id, row.created_at)
        draft_checks.failed(job)
    assert draft_checks.check_of(shop.workspace.id, check.id).problem == "no_worker"
