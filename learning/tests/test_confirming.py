"""A confirmed answer becomes a golden question, a draft where one lacks, and a pair to train on."""

from typing import Any

import pytest
from django.db import connection

from accounts.errors import Invalid, NotFound
from accounts.scope import workspace_scope
from chatbot.handoff import verdicts
from chatbot.intake import give_feedback
from chatbot.models import Message, Receipt
from knowledge import drafts, embedding
from knowledge.articles import upsert_article
from knowledge.models import Article, Review
from knowledge.tests.conftest import FakeEmbedder
from learning import confirmed_listing, confirming, erasing, golden
from learning.gate import evaluation
from learning.matching import Span
from learning.models import ConfirmedAnswer, GapQuestion, GoldenQuestion, ModelVersion, TrainingRow
from learning.tests.auditing import work
from learning.tests.outcomes import by_large_model, replied, review
from learning.training_data import Asked, collect
from tests.cast import Cast

pytestmark = pytest.mark.usefixtures("weighing")
ASKED = "May I return a giraffe? I am vera@example.com"
REPLY = "A giraffe may be returned within ten days."


@pytest.fixture(autouse=True)
def fake_embedder(monkeypatch: pytest.MonkeyPatch) -> None:
    fake = FakeEmbedder()
    monkeypatch.setattr(embedding, "embedder", lambda: fake)


@pytest.fixture
def shop(cast: Cast) -> Cast:
    """Bob answered what no article says."""
    replied(cast, ASKED, reply=REPLY)
    review(cast)
    return cast


def question(cast: Cast) -> GapQuestion:
    with workspace_scope(cast.workspace.id):
        return GapQuestion.objects.order_by("-asked_at")[0]


def state(cast: Cast) -> tuple[int, int, int]:
    with workspace_scope(cast.workspace.id):
        tables = (ConfirmedAnswer, GoldenQuestion, Article)
        first, second, third = (table.objects.count() for table in tables)
    return first, second, third


def golden_asked(cast: Cast) -> list[Asked]:
    return [one for one in collect(cast.workspace.id).asked if one.golden]


def published(cast: Cast, doc_id: str) -> None:
    """What an administrator does with the draft, and the workers then."""
    with workspace_scope(cast.workspace.id):
        article = Article.objects.select_related("draft_revision").get(external_id=doc_id)
    assert article.draft_revision is not None
    drafts.publish(cast.alice, article.id, seen=article.draft_revision.number)
    work(cast.workspace.id)


def test_an_agents_answer_becomes_a_golden_question_and_a_draft(shop: Cast) -> None:
    row = confirming.confirm(shop.alice, question(shop).turn_id)
    assert row.drafted and "vera@example.com" not in row.question and row.answer == REPLY
    with workspace_scope(shop.workspace.id):
        golden = GoldenQuestion.objects.get(key=row.golden_key)
        article = Article.objects.select_related("draft_revision").get(external_id=row.doc_id)
        note = Review.objects.get(article=article).note
    assert golden.answers == [REPLY] and golden.doc_id == row.doc_id
    assert "vera@example.com" not in golden.question
    assert article.published_revision_id is None and article.draft_revision is not None
    assert article.draft_revision.text == REPLY and "agent" in note
    assert confirmed_listing.candidates(shop.workspace.id, number=1) == ([], False)


def test_confirmed_twice_it_is_there_once(shop: Cast) -> None:
    first = confirming.confirm(shop.alice, question(shop).turn_id)
    before = state(shop)
    assert confirming.confirm(shop.alice, question(shop).turn_id).id == first.id
    assert state(shop) == before == (1, 1, 1)


def test_a_stranger_confirms_and_takes_back_nothing(shop: Cast) -> None:
    with pytest.raises(NotFound):
        confirming.confirm(shop.charlie, question(shop).turn_id)
    assert state(shop) == (0, 0, 0)
    row = confirming.confirm(shop.alice, question(shop).turn_id)
    with pytest.raises(NotFound):
        confirming.undo(shop.charlie, row.id)
    assert state(shop) == (1, 1, 1)


def test_what_an_article_says_needs_no_draft(cast: Cast) -> None:
    text = f"# Giraffes\n\n{REPLY}"
    saved = upsert_article(cast.workspace.id, doc_id="zoo", title="Zoo", text=text)
    work(cast.workspace.id)
    by_large_model(cast, "And a giraffe?", article_id=str(saved.article.id), quote=REPLY)
    review(cast)
    row = confirming.confirm(cast.alice, question(cast).turn_id)
    assert not row.drafted and row.doc_id == "zoo"
    (asked,) = golden_asked(cast)
    start = text.index(REPLY)
    assert asked.question.spans == (Span("zoo", start, start + len(REPLY)),)
    assert asked.question.answers == ()  # the model's words are not the article's


def test_what_is_not_for_everybody_is_no_place_to_cite(cast: Cast) -> None:
    text = f"# Giraffes\n\n{REPLY}"
    saved = upsert_article(
        cast.workspace.id, doc_id="zoo", title="Zoo", text=text, audience="internal"
    )
    work(cast.workspace.id)
    by_large_model(cast, "And a giraffe?", article_id=str(saved.article.id), quote=REPLY)
    review(cast)
    row = confirming.confirm(cast.alice, question(cast).turn_id)
    assert row.drafted and row.doc_id != "zoo"


@pytest.mark.parametrize("by", ["visitor", "agent"])
def test_what_was_called_wrong_meanwhile_cannot_be_confirmed(cast: Cast, by: str) -> None:
    conversation_id = by_large_model(cast, "And a giraffe?")
    review(cast)
    with workspace_scope(cast.workspace.id):
        message = Message.objects.get(conversation_id=conversation_id, author="model")
        receipt = Receipt.objects.get(message=message)
        contact_id = message.conversation.contact_id
    where = (cast.workspace.id, conversation_id, contact_id)
    if by == "visitor":
        give_feedback(*where, message_id=message.id, verdict="wrong")
    else:
        verdicts.give(cast.bob, receipt.id, "wrong")
        assert confirmed_listing.candidates(cast.workspace.id, number=1) == ([], False)
    with pytest.raises(Invalid):
        confirming.confirm(cast.alice, question(cast).turn_id)
    assert state(cast) == (0, 0, 0)


def test_taking_back_is_done_under_the_lock_of_drafts(
    shop: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else an answer could join the draft between the look for others and its end."""
    row = confirming.confirm(shop.alice, question(shop).turn_id)
    remove = golden.remove

    def look(*given: Any, **named: Any) -> Any:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted"
                " AND pid = pg_backend_pid() AND (classid::bigint << 32) | objid::bigint"
                " = hashtextextended(%s, 0)",
                [f"articles {shop.workspace.id}"],
            )
            held.append(cursor.fetchone()[0])
        return remove(*given, **named)

    held: list[int] = []
    monkeypatch.setattr(golden, "remove", look)
    confirming.undo(shop.alice, row.id)
    assert held == [1]


def test_a_training_learns_it_and_knows_whose_it_was(shop: Cast) -> None:
    row = confirming.confirm(shop.alice, question(shop).turn_id)
    published(shop, row.doc_id)
    (asked,) = golden_asked(shop)
    assert asked.question.spans == (Span(row.doc_id, 0, len(REPLY)),)
    with workspace_scope(shop.workspace.id):
        conversation = ConfirmedAnswer.objects.select_related("conversation").get().conversation
    assert asked.ref.conversation_id == conversation.id
    assert asked.ref.contact_id == conversation.contact_id


def test_an_erased_visitor_takes_it_along_and_marks_what_was_trained(shop: Cast) -> None:
    row = confirming.confirm(shop.alice, question(shop).turn_id)
    published(shop, row.doc_id)
    (asked,) = golden_asked(shop)
    with workspace_scope(shop.workspace.id):
        version = ModelVersion.objects.create(
            workspace_id=shop.workspace.id, number=1, evaluation=evaluation([], keeps=[])
        )
        TrainingRow.objects.create(
            workspace_id=shop.workspace.id, version=version, source_kind=asked.ref.kind,
            source_id=asked.ref.source_id, sha256=asked.ref.sha256,
            conversation_id=asked.ref.conversation_id, contact_id=asked.ref.contact_id,
        )  # fmt: skip
    (listed,), _more = confirmed_listing.confirmed(shop.workspace.id, number=1)
    assert listed.versions == (1,)
    assert asked.ref.contact_id is not None
    erasing.erase_visitor(shop.workspace.id, asked.ref.contact_id, actor=shop.alice)
    assert state(shop)[:2] == (0, 0) and golden_asked(shop) == []
    with workspace_scope(shop.workspace.id):
        assert ModelVersion.objects.get().tainted_at is not None


def test_taken_back_nothing_of_it_is_left(shop: Cast) -> None:
    row = confirming.confirm(shop.alice, question(shop).turn_id)
    confirming.undo(shop.alice, row.id)
    assert state(shop)[:2] == (0, 0)
    with workspace_scope(shop.workspace.id):
        assert Article.objects.get().archived_at is not None
    with pytest.raises(NotFound):
        confirming.undo(shop.alice, row.id)
    (candidate,), _more = confirmed_listing.candidates(shop.workspace.id, number=1)
    assert candidate.asked.answer == REPLY


def test_taken_back_a_draft_stays_that_another_answer_has_begun_too(shop: Cast) -> None:
    first = confirming.confirm(shop.alice, question(shop).turn_id)
    replied(shop, "When does the zoo close?", reply="At six.")
    review(shop)
    second = confirming.confirm(shop.alice, question(shop).turn_id)
    with workspace_scope(shop.workspace.id):  # as where both are of one topic
        ConfirmedAnswer.objects.filter(id=second.id).update(doc_id=first.doc_id)
    for row, is_archived in ((first, False), (second, True)):
        confirming.undo(shop.alice, row.id)
        with workspace_scope(shop.workspace.id):
            article = Article.objects.get(external_id=first.doc_id)
        assert (article.archived_at is not None) == is_archived


def test_taken_back_a_published_article_stays(shop: Cast) -> None:
    row = confirming.confirm(shop.alice, question(shop).turn_id)
    published(shop, row.doc_id)
    confirming.undo(shop.alice, row.id)
    with workspace_scope(shop.workspace.id):
        assert Article.objects.get().archived_at is None
