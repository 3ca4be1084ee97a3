"""Gaps in the console: from the list to an article, and who may do what."""

import re
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from accounts.models import Role
from accounts.scope import workspace_scope
from chatbot.answering import pipeline
from console.tests.pages import BASE, log_in, member
from knowledge import embedding
from knowledge.models import Article
from knowledge.tests.conftest import FakeEmbedder
from learning.models import GapGroup, GapQuestion
from learning.tests.auditing import work
from learning.tests.outcomes import by_large_model, replied, review
from learning.tests.test_gaps import GIRAFFE, REPLY, knows_giraffes
from outbox.models import OutboxJob
from tests.cast import Cast

pytestmark = pytest.mark.usefixtures("weighing")
GAPS = f"{BASE}gaps/"
ACTIONS = ("dismiss/", "reopen/", "ask/", "merge/", "article/")


@pytest.fixture
def shop(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Cast:
    fake = FakeEmbedder()
    monkeypatch.setattr(embedding, "embedder", lambda: fake)
    for text in GIRAFFE:
        replied(cast, text, reply=REPLY)
    by_large_model(cast, "Where is your <b>shop</b> in Berlin?", reply="At home.", cost_usd=0.5)
    review(cast)
    return cast


@pytest.fixture
def editor(client: Client, shop: Cast) -> Client:
    return log_in(client, member(shop, Role.EDITOR))


def groups(cast: Cast) -> list[GapGroup]:
    with workspace_scope(cast.workspace.id):
        return list(GapGroup.objects.order_by("-needed", "id"))


def rows(cast: Cast) -> list[dict[str, Any]]:
    """Everything that somebody could change; being asked again is no change."""
    with workspace_scope(cast.workspace.id):
        found = GapGroup.objects.order_by("id").values("id", "state", "needed", "drafted_at")
        placed = GapQuestion.objects.order_by("id").values("id", "group_id")
        every = [dict(one) for one in (*found, *placed)]
        return [*every, {"articles": Article.objects.count()}]


def test_groups_are_ranked_by_volume_or_cost(editor: Client, shop: Cast) -> None:
    page = editor.get(GAPS).text
    assert "Escalation half-life" in page and "No topic has 5 questions yet." in page
    first, second = (f"/gaps/{one.id}/" for one in groups(shop))
    assert page.index(first) < page.index(second) and "2 groups" in page
    dear = editor.get(f"{GAPS}?sort=cost").text
    assert dear.index(second) < dear.index(first) and "$0.50" in dear
    assert "<b>shop" not in page and "&lt;b&gt;shop" in page
    assert editor.get(f"{GAPS}?view=x&sort=y&page=z").status_code == 200
    assert "There are none." in editor.get(f"{GAPS}?page=2").text


def test_a_group_shows_its_questions_answers_and_draft(editor: Client, shop: Cast) -> None:
    path = f"{GAPS}{groups(shop)[0].id}/"
    page = editor.get(path).text
    assert all(text in page for text in GIRAFFE)
    assert "3 questions needed help; 3 went to people" in page
    assert page.count(REPLY) == 2  # what they were answered, and the draft
    assert "being asked again" in page and 'hx-trigger="every 2s"' in page
    assert "/outcomes/conversations/" not in page  # an editor reads no conversations
    status = editor.get(f"{path}status/")
    assert "being asked again" in status.text and "HX-Refresh" not in status
    work(shop.workspace.id)
    status = editor.get(f"{path}status/")
    assert "0 of 3 answered" in status.text and status["HX-Refresh"] == "true"
    log_in(editor, shop.alice)
    assert "/outcomes/conversations/" in editor.get(path).text


def test_an_article_is_written_from_the_draft_and_the_group_is_answered(
    editor: Client, shop: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    group = groups(shop)[0]
    begun = editor.post(f"{GAPS}{group.id}/article/")
    assert begun["Location"] == f"{BASE}articles/new/?gap={group.id}"
    form = editor.get(begun["Location"]).text
    assert REPLY in form and f'value="{group.id}"' in form
    given = {"doc_id": str(group.id), "base": "0", "title": GIRAFFE[0], "text": REPLY,
             "lang": "en", "audience": "public", "url": ""}  # fmt: skip
    assert editor.post(begun["Location"], given).status_code == 302
    assert "Its article is not published yet" in editor.get(f"{GAPS}{group.id}/").text
    monkeypatch.setattr(pipeline, "answer", knows_giraffes)
    work(shop.workspace.id)
    page = editor.get(f"{GAPS}{group.id}/").text
    assert "3 of 3 answered" in page and "Go on with its article" in page
    with workspace_scope(shop.workspace.id):
        article = Article.objects.get(external_id=str(group.id))
    again = editor.post(f"{GAPS}{group.id}/article/")
    assert again["Location"] == f"{BASE}articles/{article.id}/"
    assert str(group.id) in editor.get(f"{GAPS}?view=answered").text
    assert str(group.id) not in editor.get(GAPS).text


def test_groups_are_dismissed_reopened_and_merged(editor: Client, shop: Cast) -> None:
    first, second = groups(shop)
    editor.post(f"{GAPS}{first.id}/dismiss/")
    assert "This group is dismissed." in editor.get(f"{GAPS}{first.id}/").text
    assert str(first.id) in editor.get(f"{GAPS}?view=dismissed").text
    editor.post(f"{GAPS}{first.id}/reopen/")
    assert groups(shop)[0].state == "open"
    done = editor.post(f"{GAPS}{second.id}/merge/", {"into": str(first.id)})
    assert done["Location"] == f"{GAPS}{first.id}/"
    assert [(one.id, one.needed) for one in groups(shop)] == [(first.id, 4)]


@pytest.mark.parametrize("into", ["", "x", "self"])
def test_a_bad_merge_is_explained_and_changes_nothing(
    editor: Client, shop: Cast, into: str
) -> None:
    group = groups(shop)[0]
    before = rows(shop)
    given = {"into": str(group.id) if into == "self" else into}
    answer = editor.post(f"{GAPS}{group.id}/merge/", given)
    assert answer.status_code == 400 and "Choose another group." in answer.text
    assert rows(shop) == before


def test_what_is_not_there_is_not_found(editor: Client, shop: Cast) -> None:
    before = rows(shop)
    group = groups(shop)[0]
    for path in (f"{GAPS}{uuid4()}/", f"{GAPS}{uuid4()}/status/"):
        assert editor.get(path).status_code == 404
    for path in ("erase/", *ACTIONS):
        assert editor.post(f"{GAPS}{uuid4()}/{path}", {"into": str(group.id)}).status_code == 404
    assert editor.post(f"{GAPS}{group.id}/merge/", {"into": str(uuid4())}).status_code == 404
    assert editor.get(f"{GAPS}{group.id}/dismiss/").status_code == 405
    for gap in ("x", uuid4()):
        assert editor.get(f"{BASE}articles/new/?gap={gap}").status_code == 404
    assert rows(shop) == before


def test_others_see_nothing_and_change_nothing(client: Client, shop: Cast) -> None:
    first, second = groups(shop)
    before = rows(shop)
    with workspace_scope(shop.workspace.id):
        jobs = OutboxJob.objects.count()
    there = f"{GAPS}{first.id}/"
    reads = (GAPS, there, f"{there}status/", f"{BASE}articles/new/?gap={first.id}")
    for who, status in ((shop.bob, 403), (member(shop, Role.ANALYST), 403), (shop.charlie, 404)):
        log_in(client, who)
        assert {client.get(path).status_code for path in reads} == {status}
        into = {"into": str(second.id)}
        assert {client.post(there + one, into).status_code for one in ACTIONS} == {status}
    foreign = f"/console/other/gaps/{first.id}/"  # charlie's own workspace has no such group
    assert client.get(foreign).status_code == 404
    assert {client.post(foreign + one, into).status_code for one in ACTIONS} == {404}
    client.logout()
    assert {client.get(path).status_code for path in reads} == {302}
    assert {client.post(there + one).status_code for one in ACTIONS} == {302}
    assert rows(shop) == before
    with workspace_scope(shop.workspace.id):
        assert OutboxJob.objects.count() == jobs


def test_a_path_of_questions_leads_to_their_conversations(client: Client, shop: Cast) -> None:
    log_in(client, shop.alice)
    group = groups(shop)[0]
    page = client.get(f"{BASE}outcomes/?topic={group.id}").text
    assert re.search(r'class="figure">3</span> <strong>100%', page)
    listed = client.get(f"{BASE}outcomes/conversations/?topic={group.id}").text
    assert listed.count('<td class="detail">') == 3
