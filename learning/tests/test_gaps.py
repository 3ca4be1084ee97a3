"""From a question that tier 1 did not answer to a group, an article, and an answer."""

from dataclasses import replace

import numpy as np
import pytest

from accounts.errors import Conflict, Invalid, NotFound
from accounts.models import AuditEntry
from accounts.scope import workspace_scope
from chatbot import intake
from chatbot.answering import pipeline
from chatbot.answering.contract import AnswerRequest, Decision
from chatbot.models import Turn
from knowledge import embedding
from knowledge.articles import upsert_article
from knowledge.tests.conftest import FakeEmbedder
from learning import gap_asking, gap_drafts, gap_groups, gap_listing
from learning.half_life import half_life
from learning.models import GapGroup, GapQuestion
from learning.tests.auditing import decide, decision, say, work
from learning.tests.outcomes import answered, by_large_model, replied, review, verdict
from tests.cast import Cast

pytestmark = pytest.mark.usefixtures("weighing")
GIRAFFE = ("May I return a giraffe?", "Is returning a giraffe possible?", "Giraffe return, may I?")
REPLY = "A giraffe may be returned within ten days."


@pytest.fixture(autouse=True)
def fake_embedder(monkeypatch: pytest.MonkeyPatch) -> FakeEmbedder:
    fake = FakeEmbedder()
    monkeypatch.setattr(embedding, "embedder", lambda: fake)
    return fake


@pytest.fixture
def giraffes(cast: Cast) -> Cast:
    """Three questions about one thing that bob answered, and one about another."""
    for text in GIRAFFE:
        replied(cast, text, reply=REPLY)
    replied(cast, "Where is your shop in Berlin?", reply="In the Torstrasse.")
    review(cast)
    return cast


def groups(cast: Cast) -> list[GapGroup]:
    with workspace_scope(cast.workspace.id):
        return list(GapGroup.objects.select_related("central").order_by("-needed", "id"))


def questions(cast: Cast) -> list[GapQuestion]:
    with workspace_scope(cast.workspace.id):
        return list(GapQuestion.objects.order_by("asked_at", "id"))


def words(group: GapGroup) -> str:
    assert group.central is not None
    return group.central.text


def knows_giraffes(request: AnswerRequest) -> Decision:
    """Tier 1 after somebody has written the article."""
    found = decision("answer" if "iraffe" in request.question else "escalate", text=REPLY)
    return replace(found, reason="")


def test_questions_of_one_meaning_are_one_group(giraffes: Cast) -> None:
    first, second = groups(giraffes)
    assert (first.needed, first.people, first.size) == (3, 3, 3) and words(first) in GIRAFFE
    assert (second.needed, words(second)) == (1, "Where is your shop in Berlin?")
    with workspace_scope(giraffes.workspace.id):
        (row,) = GapQuestion.objects.filter(text=GIRAFFE[0])
    assert (row.why, row.reason, row.answer, row.answer_by) == (
        "people", "no_provider", REPLY, "member",
    )  # fmt: skip
    assert len(row.articles) == 1


def test_new_questions_join_the_nearest_group_and_twice_is_harmless(giraffes: Cast) -> None:
    review(giraffes)
    replied(giraffes, "Giraffe: may I return it?")
    review(giraffes)
    first, second = groups(giraffes)
    assert (first.needed, second.needed) == (4, 1)
    members = [one for one in questions(giraffes) if one.group_id == first.id]
    vectors = np.array([one.vector for one in members])
    assert np.allclose(np.array(first.mean), vectors.mean(axis=0), atol=1e-4)
    before = [one.id for one in questions(giraffes)]
    review(giraffes)
    assert [one.id for one in questions(giraffes)] == before


def test_what_is_answered_makes_no_gap_but_counts_where_there_is_one(cast: Cast) -> None:
    answered(cast, "May I return an anvil?")
    say(cast, cast.vera, "hello")
    review(cast)
    assert groups(cast) == [] and questions(cast) == []
    replied(cast, "May I return a giraffe?")
    review(cast)
    answered(cast, "May I return a giraffe or an anvil?")
    answered(cast, "Who made this anvil, and when?")
    review(cast)
    (group,) = groups(cast)
    assert (group.asked, group.needed) == (2, 1)
    # The first anvil is like it, too, but was asked before anybody needed help with it.
    assert [one.needs_help for one in questions(cast)] == [False, True, False]


def test_a_thumb_down_makes_a_gap_of_an_answer(cast: Cast) -> None:
    visitor = answered(cast)
    verdict(cast, visitor, "wrong")
    review(cast)
    (row,) = questions(cast)
    assert (row.needs_help, row.why, row.answer) == (True, "wrong", "")
    verdict(cast, visitor, "helped")
    review(cast)
    assert groups(cast) == []  # nobody needs help with it any more


def test_a_wish_for_a_person_is_about_the_question_before_it(cast: Cast) -> None:
    visitor = answered(cast)
    intake.request_person(cast.workspace.id, visitor.conversation_id, visitor.contact_id)
    review(cast)
    (row,) = questions(cast)
    assert (row.why, row.reason) == ("people", "asked_for_person")


def test_the_large_models_cost_and_answer_are_kept(cast: Cast) -> None:
    by_large_model(cast, "Does a piano float?", reply="It does [1].", cost_usd=0.04)
    review(cast)
    (group,), (row,) = groups(cast), questions(cast)
    assert group.cost_usd == pytest.approx(0.04)
    assert (row.why, row.answer, row.answer_by) == ("escalated", "It does [1].", "model")


def test_a_draft_is_made_of_what_people_were_answered(giraffes: Cast) -> None:
    by_large_model(
        giraffes, "May I return a giraffe by post?", reply="By post you may send most things.",
        url="/help/acme/x/", title="Post [new]",
    )  # fmt: skip
    review(giraffes)
    with workspace_scope(giraffes.workspace.id):
        draft = gap_drafts.draft_of(gap_groups.by_id(groups(giraffes)[0].id))
    assert draft.title in (*GIRAFFE, "May I return a giraffe by post?")
    assert draft.text.startswith(REPLY) and draft.text.count(REPLY) == 1
    assert "By post you may send most things." in draft.text
    assert "## See also" in draft.text and "- [Post (new)](http" in draft.text


def test_a_visitors_details_do_not_get_into_the_title(cast: Cast) -> None:
    replied(cast, "May I return a giraffe? I am vera@example.org")
    review(cast)
    with workspace_scope(cast.workspace.id):
        draft = gap_drafts.draft_of(gap_groups.by_id(groups(cast)[0].id))
    assert "vera@example.org" not in draft.title and "giraffe" in draft.title


def test_after_publishing_it_is_asked_again(
    giraffes: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace_id, group = giraffes.workspace.id, groups(giraffes)[0]
    assert gap_asking.ask_if_published(workspace_id, group.id)
    work(workspace_id)
    group = groups(giraffes)[0]
    assert (group.checked, group.answered, group.is_answered) == (3, 0, False)
    assert not gap_asking.ask_if_published(workspace_id, group.id)  # nothing is new
    assert gap_groups.begin_article(giraffes.alice, group.id) is None
    upsert_article(workspace_id, doc_id=str(group.id), title=GIRAFFE[0], text=REPLY)
    monkeypatch.setattr(pipeline, "answer", knows_giraffes)
    work(workspace_id)  # the article is published
    review(giraffes)  # and a review sees it
    found = next(one for one in groups(giraffes) if one.id == group.id)
    assert (found.checked, found.answered, found.is_answered) == (3, 3, True)
    rows = [one for one in questions(giraffes) if one.group_id == group.id]
    assert {one.now_text for one in rows} == {REPLY}
    page = gap_listing.list_groups(workspace_id, view="answered", sort="volume", number=1)
    assert [one.id for one in page.groups] == [group.id]
    monkeypatch.setattr(pipeline, "answer", decide)
    replied(giraffes, "May I return a giraffe tomorrow?")
    review(giraffes)
    assert not next(one for one in groups(giraffes) if one.id == group.id).is_answered


def test_it_is_asked_with_the_dialogue_before_it_and_nothing_after(
    giraffes: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[AnswerRequest] = []

    def remember(request: AnswerRequest) -> Decision:
        asked.append(request)
        return knows_giraffes(request)

    monkeypatch.setattr(pipeline, "answer", remember)
    gap_asking.ask_if_published(giraffes.workspace.id, groups(giraffes)[0].id)
    work(giraffes.workspace.id)
    assert {one.question for one in asked} == set(GIRAFFE)
    assert all(one.history == () for one in asked)  # bob's reply came later


def test_without_models_the_last_result_stays(
    giraffes: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(request: AnswerRequest) -> Decision:
        return Decision("escalate", "model_unavailable", 0.0)

    monkeypatch.setattr(pipeline, "answer", away)
    group = groups(giraffes)[0]
    gap_asking.ask_if_published(giraffes.workspace.id, group.id)
    work(giraffes.workspace.id)
    group = groups(giraffes)[0]
    assert group.checked_at is None and not gap_asking.is_being_asked(group)
    assert not gap_asking.ask_if_published(giraffes.workspace.id, group.id)
    assert gap_asking.ask_if_published(giraffes.workspace.id, group.id, always=True)


def test_editors_merge_groups(giraffes: Cast) -> None:
    first, second = groups(giraffes)
    gap_groups.merge(giraffes.alice, second.id, into=first.id)
    (one,) = groups(giraffes)
    assert (one.id, one.needed, one.size) == (first.id, 4, 4)
    vectors = np.array([row.vector for row in questions(giraffes)])
    assert np.allclose(np.array(one.mean), vectors.mean(axis=0), atol=1e-4)
    with workspace_scope(giraffes.workspace.id):
        assert AuditEntry.objects.filter(action="gap.merged").count() == 1
    with pytest.raises(NotFound):
        gap_groups.merge(giraffes.alice, second.id, into=first.id)
    with pytest.raises(Invalid):
        gap_groups.merge(giraffes.alice, first.id, into=first.id)


def test_groups_of_two_embedders_are_not_merged(giraffes: Cast) -> None:
    first, second = groups(giraffes)
    with workspace_scope(giraffes.workspace.id):
        GapGroup.objects.filter(id=first.id).update(model_version="older")
    with pytest.raises(Conflict):
        gap_groups.merge(giraffes.alice, second.id, into=first.id)
    assert len(groups(giraffes)) == 2


def test_a_dismissed_group_takes_new_questions_without_coming_back(giraffes: Cast) -> None:
    workspace_id, group = giraffes.workspace.id, groups(giraffes)[0]
    for _ in range(2):
        gap_groups.dismiss(giraffes.alice, group.id)
    replied(giraffes, "May I return a giraffe today?")
    review(giraffes)
    found = groups(giraffes)[0]
    assert (found.id, found.state, found.needed) == (group.id, "dismissed", 4)
    for view, count in (("open", 1), ("dismissed", 1), ("answered", 0)):
        page = gap_listing.list_groups(workspace_id, view=view, sort="volume", number=1)
        assert (len(page.groups), page.count) == (count, count)
    gap_groups.reopen(giraffes.alice, group.id)
    assert groups(giraffes)[0].state == "open"
    with workspace_scope(workspace_id):
        assert AuditEntry.objects.filter(action="gap.dismissed").count() == 1


def test_another_embedder_makes_the_vectors_anew(
    giraffes: Cast, fake_embedder: FakeEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = {one.id for one in groups(giraffes)}
    monkeypatch.setattr(fake_embedder, "fingerprint", "fake-2")
    replied(giraffes, "May I return a giraffe in May?")
    review(giraffes)
    assert {one.model_version for one in groups(giraffes)} == {"fake-2"}
    assert {one.id for one in groups(giraffes)} == before
    assert groups(giraffes)[0].needed == 4


def test_an_erased_conversation_leaves_no_words_behind(giraffes: Cast) -> None:
    with workspace_scope(giraffes.workspace.id):
        Turn.objects.all().delete()
    assert questions(giraffes) == []
    assert all(one.central is None for one in groups(giraffes))


def test_a_topic_that_is_answered_by_and_by_has_a_half_life(cast: Cast) -> None:
    for _ in range(3):
        replied(cast, "May I return a giraffe?")
    for _ in range(2):
        answered(cast, "May I return a giraffe (or an anvil)?")
    review(cast)
    found = half_life(cast.workspace.id)
    assert (found.topics, found.halved) == (1, 1) and found.median is not None
    assert half_life(cast.other.workspace.id).topics == 0


def test_another_workspace_has_gaps_of_its_own(giraffes: Cast) -> None:
    group = groups(giraffes)[0]
    with pytest.raises(NotFound):
        gap_listing.show_group(giraffes.other.workspace.id, group.id)
    for change in (gap_groups.dismiss, gap_groups.reopen, gap_groups.begin_article):
        with pytest.raises(NotFound):
            change(giraffes.charlie, group.id)
    with pytest.raises(NotFound):
        gap_asking.ask_if_published(giraffes.other.workspace.id, group.id)
    assert groups(giraffes)[0].state == "open"
