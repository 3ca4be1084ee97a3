"""Golden questions in the console: written, imported, exported, asked."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.scope import workspace_scope
from console.tests.pages import BASE, GOLDEN, article, golden_question, last_action, log_in, member
from console.tests.pages import state as state_of
from knowledge.articles import upsert_article
from knowledge.models import Article
from knowledge.tests.conftest import FakeEmbedder
from knowledge.tests.worker import work
from learning import golden, golden_runs
from learning.models import GoldenQuestion
from learning.questions import Question
from learning.tests.conftest import ARTICLE as RETURNS
from learning.tests.conftest import FakePipeline
from tests.cast import Cast

GOLDEN_PAGE = f"{BASE}golden/"


@pytest.fixture
def editor(client: Client, cast: Cast) -> Client:
    return log_in(client, member(cast, "editor"))


@pytest.fixture
def returns(cast: Cast, fake_model: FakeEmbedder) -> Article:
    """Published; what the fake tier 1 answers from."""
    saved = upsert_article(cast.workspace.id, doc_id="returns", title="Returns", text=RETURNS)
    work(cast.workspace.id)
    return saved.article


def questions(cast: Cast) -> list[Question]:
    return golden.questions(cast.workspace.id)


def upload(editor: Client, *lines: Mapping[str, Any] | str, **given: str) -> Any:
    text = "\n".join(one if isinstance(one, str) else json.dumps(one) for one in lines)
    file = SimpleUploadedFile("questions.jsonl", text.encode())
    return editor.post(f"{GOLDEN_PAGE}import/", {"file": file, **given}, follow=True)


def test_words_of_an_article_are_expected_where_they_stand(
    editor: Client, cast: Cast, returns: Article
) -> None:
    given = {
        "question": "How long may I take to return a blouse?",
        "history": "visitor: Hi\nbot: Hello!\nHow can I help?",
        "audience": "signed_in",
        "expected": "place",
        "doc_id": "returns",
        "quote": "within 30 days",
    }
    assert "The question is saved." in editor.post(f"{GOLDEN_PAGE}new/", given, follow=True).text
    (one,) = questions(cast)
    (span,) = one.spans
    assert RETURNS[span.start : span.end] == "within 30 days" and one.audience == "signed_in"
    assert one.history == (("visitor", "Hi"), ("bot", "Hello!\nHow can I help?"))
    assert last_action(cast)[1] == "golden.kept"
    page = editor.get(GOLDEN_PAGE).text
    assert "How long may I take" in page and "within 30 days" in page and "not asked yet" in page


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"question": " "}, "This field is required"),
        ({"question": "x" * 4001}, "at most 4000 characters"),
        ({"history": "Hi there"}, "Begin each message with"),
        ({"audience": "all"}, "not one of the available choices"),
        ({"expected": "place", "doc_id": "returns", "quote": "a lemur"}, "do not stand in"),
        ({"expected": "place", "doc_id": "returns"}, "Copy the words that answer."),
        ({"expected": "article"}, "Choose an article."),
        ({"expected": "article", "doc_id": "nobody"}, "There is no such article."),
        ({"expected": "answers"}, "Write at least one answer."),
        ({"expected": "answers", "answers": "a\0b"}, "Null characters"),
    ],
)
def test_what_cannot_be_kept_is_said_and_nothing_typed_is_lost(
    editor: Client, cast: Cast, returns: Article, given: dict[str, str], said: str
) -> None:
    before = state_of(cast)
    typed = GOLDEN | {"question": "Is it kept?", "answers": "thirty days"} | given
    if given.get("expected") == "answers":
        typed["answers"] = given.get("answers", "")
    answer = editor.post(f"{GOLDEN_PAGE}new/", typed)
    assert answer.status_code == 400 and said in answer.text
    assert typed["question"] in answer.text and state_of(cast) == before


def test_an_edit_keeps_what_the_form_does_not_show(editor: Client, cast: Cast) -> None:
    row = golden_question(cast, answers=("ten",), group="shop", doc_id="a")
    article(cast)
    path = f"{GOLDEN_PAGE}{row.id}/"
    assert "ten" in editor.get(path).text
    given = {"question": "Who lost?", "audience": "public", "expected": "article", "doc_id": "a"}
    editor.post(path, given | {"answers": "ten\nten euros"})
    (one,) = questions(cast)
    assert (one.id, one.question, one.group) == ("one", "Who lost?", "shop")
    assert one.answers == ("ten", "ten euros")
    editor.post(f"{path}delete/")
    assert questions(cast) == [] and last_action(cast)[1] == "golden.removed"


def test_a_place_is_kept_although_its_article_was_edited(
    editor: Client, cast: Cast, returns: Article
) -> None:
    given = {**GOLDEN, "expected": "place", "doc_id": "returns", "quote": "within 30 days"}
    editor.post(f"{GOLDEN_PAGE}new/", given)
    upsert_article(cast.workspace.id, doc_id="returns", title="Returns", text="Nothing of it.")
    work(cast.workspace.id)
    (before,) = questions(cast)
    with workspace_scope(cast.workspace.id):
        row = GoldenQuestion.objects.get()
    answer = editor.post(f"{GOLDEN_PAGE}{row.id}/", given | {"question": "In other words?"})
    assert answer.status_code == 302
    (after,) = questions(cast)
    assert after.spans == before.spans and after.question == "In other words?"


def test_a_file_comes_in_whole_or_not_at_all_and_goes_out_the_same(
    editor: Client, cast: Cast
) -> None:
    rows: list[dict[str, Any]] = [
        {"id": "a", "question": "Blouse?", "doc_id": "returns", "audience": "internal"}
    ]
    rows.append({"id": "b", "question": "Who won?", "answerable": False})
    broken = upload(editor, *rows, "{", {"id": "c", "question": "x", "audience": "nobody"})
    assert broken.status_code == 400 and questions(cast) == []
    assert "Line 3: is not JSON" in broken.text and "Line 4: audience is none of" in broken.text
    assert "2 questions are new." in upload(editor, *rows).text
    assert [json.loads(line) for line in editor.get(f"{GOLDEN_PAGE}export/").text.splitlines()] == (
        rows
    )
    assert "0 questions are new." in upload(editor, rows[0], replace="on").text
    assert [one.id for one in questions(cast)] == ["a"]
    assert "The file is empty." in upload(editor, "\n").text


def test_the_list_is_searched_filtered_and_paged(editor: Client, cast: Cast) -> None:
    many = [Question(f"q{at:02}", f"Question {at}?", answerable=False) for at in range(30)]
    golden.keep(cast.workspace.id, many, actor=cast.alice)
    page = editor.get(GOLDEN_PAGE).text
    assert "30 questions" in page and "Page 1 of 2" in page
    assert "Page 2 of 2" in editor.get(f"{GOLDEN_PAGE}?page=2").text
    part = editor.get(f"{GOLDEN_PAGE}?q=question+7", headers={"HX-Request": "true"}).text
    assert "1 question" in part and "<html" not in part
    assert "0 questions" in editor.get(f"{GOLDEN_PAGE}?state=right").text
    assert "30 questions" in editor.get(f"{GOLDEN_PAGE}?state=new").text
    assert editor.get(f"{GOLDEN_PAGE}?page=x&q=%00&state=%00").status_code == 200


def test_articles_are_offered_by_their_titles(editor: Client, cast: Cast, returns: Article) -> None:
    article(cast)
    part = editor.get(f"{GOLDEN_PAGE}articles/?doc_id=retur").text
    assert '<option value="returns">Returns</option>' in part and "The A" not in part


def test_all_of_them_are_asked_and_shown_with_what_came_of_it(
    editor: Client, cast: Cast, returns: Article, tier1: FakePipeline
) -> None:
    right = Question("right", "May I return a blouse?", doc_id="returns", answers=("30 days",))
    wrong = Question("wrong", "Which blouse do I return?", doc_id="other")
    held = Question("held", "Who pays?", doc_id="returns", audience="internal")
    outside = Question("outside", "Who won?", answerable=False)
    golden.keep(cast.workspace.id, [right, wrong, held, outside], actor=cast.alice)
    editor.post(f"{GOLDEN_PAGE}run/")
    again = editor.post(f"{GOLDEN_PAGE}run/", follow=True).text
    assert "are being asked already" in again and "0 of 4 are asked." in again
    work(cast.workspace.id)
    with workspace_scope(cast.workspace.id):
        found = dict(GoldenQuestion.objects.values_list("key", "state"))
    assert found == {"right": "right", "wrong": "wrong", "held": "unanswered", "outside": "right"}
    asked = {one.question: one.audiences for one in tier1.asked}
    assert asked["Who pays?"] == ("public", "signed_in", "internal")
    assert asked["Who won?"] == ("public",)
    part = editor.get(f"{GOLDEN_PAGE}progress/", headers={"HX-Request": "true"})
    assert (
        part["HX-Refresh"] == "true" and "right: 2" in part.text and "hx-trigger" not in part.text
    )
    assert "You may return a blouse" in editor.get(f"{GOLDEN_PAGE}?state=wrong").text


def test_a_run_can_be_stopped(editor: Client, cast: Cast, tier1: FakePipeline) -> None:
    golden_question(cast)
    editor.post(f"{GOLDEN_PAGE}run/")
    editor.post(f"{GOLDEN_PAGE}stop/")
    work(cast.workspace.id)
    assert tier1.asked == []
    run = golden_runs.newest(cast.workspace.id)
    assert run is not None and run.ended_at and not run.problem
