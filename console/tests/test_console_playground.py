"""The playground: a question is asked as a visitor would, and everything about it is shown."""

from dataclasses import replace
from typing import Any

import pytest
from django.test import Client

from accounts.scope import workspace_scope
from chatbot.answering import models, pipeline
from chatbot.answering.contract import ANSWER, HANDOFF, AnswerRequest, Decision, Found
from chatbot.models import Conversation, Receipt
from console.tests.conftest import Parts
from console.tests.pages import BASE, TRIED, article, log_in, member, state
from inference.errors import ModelUnavailable
from knowledge import articles
from knowledge.models import Article
from knowledge.tests.worker import work
from learning import golden, playground
from learning.models import PlaygroundRun
from learning.tests.conftest import FakePipeline, decision
from outbox.models import OutboxJob
from tests.cast import Cast

PLAYGROUND = f"{BASE}playground/"
BLOUSE = TRIED | {"question": "May I return a blouse?"}


@pytest.fixture
def editor(client: Client, cast: Cast) -> Client:
    return log_in(client, member(cast, "editor"))


def ask(editor: Client, cast: Cast, **given: str) -> str:
    """Where the outcome is shown."""
    answer = editor.post(PLAYGROUND, BLOUSE | given)
    assert answer.status_code == 302, answer.text
    work(cast.workspace.id, "answers")
    return str(answer["Location"])


def test_an_answer_is_shown_with_all_that_led_to_it(
    editor: Client, cast: Cast, tier1: FakePipeline, parts: Parts
) -> None:
    given = {"history": "visitor: Hi\nbot: Hello!", "audience": "signed_in", "language": "ru"}
    page = editor.get(ask(editor, cast, **given)).text
    (request,) = tier1.asked
    assert request.history == (("visitor", "Hi"), ("bot", "Hello!"))
    assert (request.audiences, request.language) == (("public", "signed_in"), "ru")
    assert request.draft is None and request.conversation_id is None
    for shown in ("1: compact model on this server", "0.800", "0.500", "at most 5% wrong answers"):
        assert shown in page
    assert "<mark>You may return a blouse within 30 days.</mark>" in page
    assert "2 candidates" in page and "read 12" in page and "abc" in page
    assert 'hx-trigger="every' not in page and "No worker" not in page


def test_scores_of_every_view_are_shown(
    editor: Client, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = (Found((0.7123, None), (4.25, 3.0)), Found((None, 0.5), (None, None)))
    ranked: Any = ({"before": 1.25, "after": -0.75}, {"before": 0.5})
    made = replace(
        decision(ANSWER, confidence=0.8), found=found, ranked=ranked, intent="question",
        intent_probability=0.97,
    )  # fmt: skip
    monkeypatch.setattr(pipeline, "answer", lambda request: made)
    page = editor.get(ask(editor, cast)).text
    for shown in ("0.712 · –", "4.2 · 3.0", "– · 0.500", "1.25", "-0.75", "a question", "(97%)"):
        assert shown in page


def test_it_waits_until_a_worker_has_answered(
    editor: Client, cast: Cast, tier1: FakePipeline
) -> None:
    location = editor.post(PLAYGROUND, BLOUSE)["Location"]
    page = editor.get(location).text
    assert "being asked" in page and 'hx-trigger="every 500ms"' in page
    assert "No worker that answers questions is running" in page
    work(cast.workspace.id, "answers")
    part = editor.get(f"{location}result/").text
    assert "<html" not in part and "hx-trigger" not in part and "30 days" in part


def test_what_was_not_sure_enough_says_who_would_answer(
    editor: Client, cast: Cast, tier1: FakePipeline
) -> None:
    page = editor.get(ask(editor, cast, question="Who pays?")).text
    assert "3: a person (no large model is set up)" in page
    assert "so I am passing you to a person" in page
    assert "would have answered" in page and "Refunds take a week." in page


def test_nothing_of_it_is_a_conversation(editor: Client, cast: Cast, tier1: FakePipeline) -> None:
    with workspace_scope(cast.workspace.id):
        before = Conversation.objects.count()
    ask(editor, cast)
    with workspace_scope(cast.workspace.id):
        assert (Conversation.objects.count(), Receipt.objects.count()) == (before, 0)


def drafted(cast: Cast) -> Article:
    """Published with one text, and with another that is not."""
    found = article(cast, "A giraffe.")
    work(cast.workspace.id)
    articles.upsert_article(cast.workspace.id, doc_id="a", title="The A", text="A lemur.")
    return found


def test_the_draft_s_answer_stands_beside_the_other(
    editor: Client, cast: Cast, fake_model: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = drafted(cast)
    page = editor.get(f"{BASE}articles/{found.id}/").text
    assert "Try in the playground" in page
    assert 'value="a"' in editor.get(f"{PLAYGROUND}?article=a").text
    asked: list[AnswerRequest] = []

    def answer(request: AnswerRequest) -> Decision:
        asked.append(request)
        made = decision(ANSWER, confidence=0.8)
        return replace(made, text="Of the draft.") if request.draft else made

    monkeypatch.setattr(pipeline, "answer", answer)
    page = editor.get(ask(editor, cast, doc_id="a")).text
    plain, with_draft = asked
    assert plain.draft is None and with_draft.draft is not None
    assert [one.text for one in with_draft.draft.prepared.passages] == ["A lemur."]
    assert "As it is now" in page and "With the draft" in page and "Of the draft." in page


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"question": ""}, "This field is required"),
        ({"history": "Hi"}, "Begin each message with"),
        ({"audience": "all"}, "not one of the available choices"),
        ({"language": "xx"}, "not one of the available choices"),
        ({"doc_id": "nobody"}, "There is no such article."),
        ({"doc_id": "a"}, "published already"),
    ],
)
def test_what_cannot_be_asked_is_said_and_nothing_typed_is_lost(
    editor: Client, cast: Cast, fake_model: object, given: dict[str, str], said: str
) -> None:
    article(cast)
    work(cast.workspace.id)
    before = state(cast)
    answer = editor.post(PLAYGROUND, BLOUSE | given)
    assert answer.status_code == 400 and said in answer.text
    assert given.get("question", BLOUSE["question"]) in answer.text and state(cast) == before


@pytest.mark.parametrize("expected", ["place", "article", "nothing"])
def test_one_click_makes_it_a_golden_question(
    editor: Client, cast: Cast, tier1: FakePipeline, expected: str
) -> None:
    location = ask(editor, cast, audience="internal", history="visitor: Hi")
    for _ in range(2):
        answer = editor.post(f"{location}golden/", {"expected": expected}, follow=True)
        assert "It is a golden question now." in answer.text
    (one,) = golden.questions(cast.workspace.id)
    assert (one.question, one.audience) == ("May I return a blouse?", "internal")
    assert one.history == (("visitor", "Hi"),)
    assert one.answerable is (expected != "nothing")
    assert one.doc_id == (None if expected == "nothing" else "returns")
    words = ("You may return a blouse within 30 days.",) if expected == "place" else ()
    assert one.answers == words


def test_nothing_is_expected_where_nothing_was_found(
    editor: Client, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline, "answer", lambda request: Decision(HANDOFF, "complaint", 0.9))
    location = ask(editor, cast)
    before = state(cast)
    for expected in ("place", "everything"):
        answer = editor.post(f"{location}golden/", {"expected": expected}, follow=True)
        assert "No article was found" in answer.text
    assert state(cast) == before


def test_without_models_it_says_so(
    editor: Client, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing() -> None:
        raise ModelUnavailable("no reader")

    monkeypatch.setattr(models, "loaded", missing)
    assert "compact models cannot be used now" in editor.get(ask(editor, cast)).text


def test_after_a_day_it_is_gone(editor: Client, cast: Cast, tier1: FakePipeline) -> None:
    location = ask(editor, cast)
    with workspace_scope(cast.workspace.id):
        job = OutboxJob.objects.get(kind=playground.FORGET)
        assert (job.available_at - job.created_at) > playground.KEPT_FOR * 0.99
        OutboxJob.objects.filter(id=job.id).update(available_at=job.created_at)
    work(cast.workspace.id)
    with workspace_scope(cast.workspace.id):
        assert not PlaygroundRun.objects.exists()
    assert editor.get(location).status_code == 404
