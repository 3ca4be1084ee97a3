"""Replay and confirmed answers in the console."""

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from accounts.models import Role
from accounts.scope import workspace_scope
from console.tests.pages import BASE, log_in, member
from knowledge import embedding
from knowledge.editing import Draft, save_draft
from knowledge.models import Article
from knowledge.tests.conftest import FakeEmbedder
from learning.models import ConfirmedAnswer, GapQuestion, GoldenQuestion, ReplayRun
from learning.tests.auditing import work
from learning.tests.outcomes import replied, review
from tests.cast import Cast

pytestmark = pytest.mark.usefixtures("weighing")
REPLAYS, CONFIRMED = f"{BASE}replays/", f"{BASE}confirmed/"
ASKED: dict[str, Any] = {"days": 30, "provider": "none", "limit": 100}
REPLY = "<b>Giraffes</b> may be returned."


@pytest.fixture
def shop(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Cast:
    fake = FakeEmbedder()
    monkeypatch.setattr(embedding, "embedder", lambda: fake)
    replied(cast, "May I return a giraffe?", reply=REPLY)
    review(cast)
    return cast


@pytest.fixture
def editor(client: Client, shop: Cast) -> Client:
    return log_in(client, member(shop, Role.EDITOR))


def turn_id(cast: Cast) -> str:
    with workspace_scope(cast.workspace.id):
        return str(GapQuestion.objects.get().turn_id)


def counts(cast: Cast) -> list[int]:
    with workspace_scope(cast.workspace.id):
        return [one.objects.count() for one in (ConfirmedAnswer, GoldenQuestion, ReplayRun)]


def test_a_replay_is_asked_for_watched_and_read(editor: Client, shop: Cast) -> None:
    answer = editor.post(REPLAYS, ASKED)
    assert answer.status_code == 302
    assert "hx-get" in editor.get(answer["Location"]).text
    work(shop.workspace.id)
    page = editor.get(answer["Location"]).text
    assert "hx-get" not in page and "1 of 1 questions" in page and "Passed to people" in page
    assert "<html" not in editor.get(answer["Location"], headers={"HX-Request": "true"}).text
    assert answer["Location"] in editor.get(REPLAYS).text


def test_one_replay_at_a_time_until_it_is_stopped(editor: Client, shop: Cast) -> None:
    run = editor.post(REPLAYS, ASKED)["Location"]
    again = editor.post(REPLAYS, ASKED)
    assert again.status_code == 400 and "under way" in again.text
    assert editor.post(f"{run}stop/").status_code == 302
    assert editor.post(REPLAYS, ASKED).status_code == 302


@pytest.mark.parametrize(
    "wrong",
    [
        {"provider": ""},
        {"provider": "openai/no-such-model-at-all"},
        {"risk": "7"},
        {"days": "0"},
        {"doc_id": "nothing"},
        {"doc_id": "nothing", "revision": "1"},
        {"revision": "1"},
        {"doc_id": "nothing", "revision": "99999999999"},
        {"version": "12"},
    ],
)
def test_what_cannot_be_replayed_is_said(editor: Client, shop: Cast, wrong: dict[str, str]) -> None:
    answer = editor.post(REPLAYS, ASKED | wrong)
    assert answer.status_code == 400 and 'role="alert"' in answer.text
    assert counts(shop) == [0, 0, 0]


def test_an_answer_is_confirmed_once_and_taken_back(editor: Client, shop: Cast) -> None:
    page = editor.get(CONFIRMED).text
    assert "&lt;b&gt;Giraffes" in page and "<b>Giraffes" not in page
    for _again in range(2):
        assert editor.post(f"{CONFIRMED}{turn_id(shop)}/confirm/").status_code == 302
    assert counts(shop) == [1, 1, 0]
    page = editor.get(CONFIRMED).text
    assert "Nothing waits to be confirmed." in page and "Take back" in page
    with workspace_scope(shop.workspace.id):
        row = ConfirmedAnswer.objects.get()
    assert editor.post(f"{CONFIRMED}{row.id}/undo/").status_code == 302
    assert counts(shop) == [0, 0, 0]
    assert editor.post(f"{CONFIRMED}{row.id}/undo/").status_code == 404


@pytest.mark.parametrize("role", [Role.AGENT, Role.ANALYST, None])
def test_others_are_refused_and_nothing_is_changed(
    client: Client, shop: Cast, role: Role | None
) -> None:
    log_in(client, member(shop, role) if role else shop.charlie)
    status = 403 if role else 404
    for path in (REPLAYS, CONFIRMED):
        assert client.get(path).status_code == status
    paths = [REPLAYS, f"{CONFIRMED}{turn_id(shop)}/confirm/", f"{CONFIRMED}{uuid4()}/undo/",
             f"{REPLAYS}{uuid4()}/stop/"]  # fmt: skip
    for path in paths:
        assert client.post(path, ASKED).status_code == status
    assert counts(shop) == [0, 0, 0]


def test_a_texts_page_leads_to_its_replay(editor: Client, shop: Cast) -> None:
    alice = shop.alice
    save_draft(alice, "zoo", Draft("Giraffes", "Giraffes may be returned."), base=0)
    with workspace_scope(shop.workspace.id):
        article = Article.objects.get(external_id="zoo")
    page = editor.get(f"{BASE}articles/{article.id}/revisions/1/").text
    link = f"{REPLAYS}?doc_id=zoo&amp;revision=1"
    assert link in page
    form = editor.get(link.replace("&amp;", "&")).text
    assert 'value="zoo"' in form and 'name="revision" value="1"' in form
    run = editor.post(REPLAYS, ASKED | {"doc_id": "zoo", "revision": "1"})
    assert run.status_code == 302
    assert "draft zoo, revision 1" in editor.get(run["Location"]).text
