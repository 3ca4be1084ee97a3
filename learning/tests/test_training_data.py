"""What a training may use: golden questions, answers known to be right, published public texts."""

from dataclasses import replace
from pathlib import Path

import pytest

from accounts.scope import workspace_scope
from chatbot.answering import pipeline
from chatbot.answering.contract import AnswerRequest, Decision
from chatbot.models import Message, Receipt, Suggestion, SuggestionUse
from knowledge.articles import archive, upsert_article
from knowledge.models import Article
from learning import audits, golden
from learning.errors import TooLittleData
from learning.finetuning import finetune
from learning.matching import Span
from learning.models import ModelVersion
from learning.questions import Question
from learning.tests.auditing import PASSAGE, TEXT, decision, drawn, new_visitor, say, set_share
from learning.tests.auditing import work as play_workers
from learning.training_data import FEWEST_GOLDEN, collect, heading
from tests.cast import Cast

pytestmark = pytest.mark.usefixtures("weighing")
ARTICLE = f"# Returning an anvil\n\n{PASSAGE}"


def publish(cast: Cast, doc_id: str = "returns", *, audience: str = "public") -> None:
    workspace_id = cast.workspace.id
    upsert_article(workspace_id, doc_id=doc_id, title="Returns", text=ARTICLE, audience=audience)
    play_workers(workspace_id)


@pytest.fixture
def shop(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Cast:
    """Tier 1 answers from the revision that is published; every turn is audited."""
    publish(cast)
    with workspace_scope(cast.workspace.id):
        revision = str(Article.objects.get(external_id="returns").published_revision_id)

    def decide(request: AnswerRequest) -> Decision:
        found = decision()
        return replace(found, evidence=(replace(found.evidence[0], revision_id=revision),))

    monkeypatch.setattr(pipeline, "answer", decide)
    set_share(cast, 1.0)
    return cast


def test_answers_called_right_teach_and_others_do_not(shop: Cast) -> None:
    for question, verdict in (("May I?", "right"), ("Shall I?", "wrong"), ("Will I?", "unclear")):
        say(shop, new_visitor(shop), question)
        audits.judge(drawn(shop)[-1].id, actor=shop.bob, verdict=verdict)
    (asked,) = collect(shop.workspace.id).asked
    assert asked.question.question == "May I?" and not asked.golden
    assert asked.question.spans == (Span("returns", 0, len(TEXT)),)
    assert asked.question.answers == (TEXT,) and asked.group == "returns"
    (row,) = [one for one in drawn(shop) if one.verdict == "right"]
    assert asked.ref.kind == "audit" and asked.ref.source_id == row.turn_id
    assert asked.ref.conversation_id and asked.ref.contact_id
    assert collect(shop.other.workspace.id).asked == ()


def test_answers_by_headings_teach_the_models_nothing(shop: Cast) -> None:
    say(shop, new_visitor(shop), "May I?")
    audits.judge(drawn(shop)[-1].id, actor=shop.bob, verdict="right")
    assert len(collect(shop.workspace.id).asked) == 1
    with workspace_scope(shop.workspace.id):
        Receipt.objects.update(models_version="sections 0a")
    assert collect(shop.workspace.id).asked == ()


def test_what_was_edited_or_withdrawn_since_teaches_nothing(shop: Cast) -> None:
    say(shop, new_visitor(shop), "May I?")
    audits.judge(drawn(shop)[-1].id, actor=shop.bob, verdict="right")
    text = ARTICLE + "\n\nA change."
    upsert_article(shop.workspace.id, doc_id="returns", title="Returns", text=text)
    play_workers(shop.workspace.id)
    found = collect(shop.workspace.id)
    assert found.asked == () and len(found.pieces) >= 1
    archive(shop.workspace.id, "returns")
    assert collect(shop.workspace.id).pieces == ()


def test_pieces_are_of_public_articles_of_this_workspace(shop: Cast) -> None:
    publish(shop, "internal", audience="internal")
    pieces = collect(shop.workspace.id).pieces
    assert {piece.doc_id for piece in pieces} == {"returns"}
    assert {heading(piece) for piece in pieces} == {"Returning an anvil"}
    assert collect(shop.other.workspace.id).pieces == ()


def test_golden_questions_are_marked_as_such(shop: Cast) -> None:
    kept = [
        Question("a", "Which?", doc_id="returns"),
        Question("b", "None?", answerable=False),
        Question("c", "Nobody knows?"),
    ]
    golden.keep(shop.workspace.id, kept, actor=shop.alice)
    found = collect(shop.workspace.id)
    assert [one.question.id for one in found.golden] == ["a", "b"]
    assert [one.group for one in found.golden] == ["returns", "b"]
    assert {one.ref.kind for one in found.golden} == {"question"}


def test_too_few_golden_questions_train_nothing(shop: Cast, tmp_path: Path) -> None:
    golden.keep(shop.workspace.id, [Question("a", "Which?", doc_id="x")], actor=shop.alice)
    with pytest.raises(TooLittleData, match=f"{FEWEST_GOLDEN} golden questions"):
        finetune(
            shop.workspace.id,
            run_id=shop.workspace.id,
            work=tmp_path,
            minutes=1,
            parts=("ranker", "calibration"),
            report=lambda stage, share: None,
        )
    with workspace_scope(shop.workspace.id):
        assert not ModelVersion.objects.exists()


def test_a_suggestion_that_was_sent_unchanged_teaches_where_its_answer_stands(shop: Cast) -> None:
    set_share(shop, 0.0)
    say(shop, shop.vera, "May I?")
    with workspace_scope(shop.workspace.id):
        article = Article.objects.get(external_id="returns")
        assert article.published_revision_id
        message = Message.objects.get(author="visitor")
        made = {"workspace": shop.workspace, "conversation_id": message.conversation_id}
        for number, edited in ((1, False), (2, True)):
            suggestion = Suggestion.objects.create(
                message=message, number=number, question="May I?", text=TEXT, public=True,
                article_id=article.id, revision_id=article.published_revision_id,
                doc_id="returns", start=0, end=len(TEXT), relevance=0.9, **made,
            )  # fmt: skip
            reply = Message.objects.create(author="bot", text=TEXT, **made)
            SuggestionUse.objects.create(
                workspace=shop.workspace, message=reply, suggestion=suggestion, edited=edited
            )
    (asked,) = collect(shop.workspace.id).asked
    assert asked.question.spans == (Span("returns", 0, len(TEXT)),) and not asked.golden
    assert (asked.ref.kind, asked.ref.source_id) == ("message", message.id)
    archive(shop.workspace.id, "returns")
    assert collect(shop.workspace.id).asked == ()
