"""Earlier answers in the console: admins see them, switch them off and have them forgotten."""

from datetime import UTC, datetime

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import AuditEntry
from accounts.scope import workspace_scope
from accounts.tests.rows import row_in
from chatbot import cached_answers
from chatbot.models import CachedAnswer, Receipt
from console.tests.pages import BASE, log_in
from tests.cast import Cast

PAGE = f"{BASE}settings/large-models/earlier/"
PLACE = {
    "article_id": "0198c0de-0000-7000-8000-000000000001",
    "title": "Returns",
    "heading_path": ["Sending back"],
    "digest": "x",
}
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def admin(client: Client, cast: Cast) -> Client:
    return log_in(client, cast.alice)


@pytest.fixture
def entry(cast: Cast) -> CachedAnswer:
    row = row_in(cast.workspace.id, CachedAnswer)
    with workspace_scope(cast.workspace.id):
        CachedAnswer.objects.filter(id=row.pk).update(
            question="How many <b>days</b>?",
            sentences=["Within 14 days [1]."],
            rests_on=[PLACE],
            hits=2,
            saved_usd=0.01,
        )
        return CachedAnswer.objects.get(id=row.pk)


def kept(cast: Cast) -> list[CachedAnswer]:
    return list(cached_answers.listed(cast.workspace.id))


def actions(cast: Cast) -> list[str]:
    with workspace_scope(cast.workspace.id):
        rows = AuditEntry.objects.filter(action__startswith="answer_cache.")
        return list(rows.order_by("created_at").values_list("action", flat=True))


def test_a_kept_answer_is_shown_with_what_it_rests_on(admin: Client, entry: CachedAnswer) -> None:
    shown = admin.get(PAGE).text
    assert "How many &lt;b&gt;days&lt;/b&gt;?" in shown and "Within 14 days [1]." in shown
    assert "Returns" in shown and "Sending back" in shown
    assert "changed since" in shown  # no article of this workspace has these words
    assert "has saved $0.0200" in shown
    assert "earlier/" in admin.get(f"{BASE}settings/large-models/").text


def test_one_or_all_are_forgotten(admin: Client, cast: Cast, entry: CachedAnswer) -> None:
    for _ in range(2):
        admin.post(f"{PAGE}{entry.id}/forget/")
    assert kept(cast) == []
    row_in(cast.workspace.id, CachedAnswer)
    for _ in range(2):
        assert admin.post(f"{PAGE}forget/").status_code == 302
    assert kept(cast) == []
    assert actions(cast) == ["answer_cache.forgot"] * 2
    assert "None is kept" in admin.get(PAGE).text
    assert "had earlier answers forgotten" in admin.get(f"{BASE}settings/audit/").text


def test_the_switch_is_kept_and_the_same_again_changes_nothing(admin: Client, cast: Cast) -> None:
    assert cached_answers.switch_of(cast.workspace.id).is_on
    for said, is_on in (("off", False), ("off", False), ("on", True), ("standard", True)):
        assert admin.post(f"{PAGE}switch/", {"cache": said}).status_code == 302
        assert cached_answers.switch_of(cast.workspace.id).is_on is is_on
    assert actions(cast) == ["answer_cache.switched"] * 3
    assert admin.post(f"{PAGE}switch/", {"cache": "perhaps"}).status_code == 404
    assert admin.get(f"{PAGE}?before=x").status_code == 404


def test_many_are_shown_page_by_page(
    admin: Client, cast: Cast, entry: CachedAnswer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cached_answers, "PER_PAGE", 1)
    with workspace_scope(cast.workspace.id):
        CachedAnswer.objects.create(
            workspace_id=cast.workspace.id, turn=entry.turn, audience="internal",
            embedder=entry.embedder, key="k", question="Newer?", vector=[1.0] * 384,
            created_at=timezone.now(),
        )  # fmt: skip
    first = admin.get(PAGE).text
    assert "Newer?" in first and "Within 14 days" not in first and "a member" in first
    older = first.partition('href="?before=')[2].partition('"')[0]
    second = admin.get(f"{PAGE}?before={older}").text
    assert "Within 14 days" in second and "Newer?" not in second


def test_a_stranger_and_an_agent_reach_nothing(
    client: Client, cast: Cast, entry: CachedAnswer
) -> None:
    posts = [f"{PAGE}switch/", f"{PAGE}forget/", f"{PAGE}{entry.id}/forget/"]
    for member, refused in ((cast.bob, 403), (cast.charlie, 404)):
        log_in(client, member)
        assert client.get(PAGE).status_code == refused
        assert {client.post(path, {"cache": "off"}).status_code for path in posts} == {refused}
    own = f"/console/{cast.charlie.workspace.slug}/settings/large-models/earlier/"
    assert client.post(f"{own}{entry.id}/forget/").status_code == 404
    assert client.post(f"{own}forget/").status_code == 302
    assert [row.id for row in kept(cast)] == [entry.id] and actions(cast) == []
    assert cached_answers.switch_of(cast.workspace.id).is_on


def test_outcomes_count_what_was_given_again(
    admin: Client, cast: Cast, entry: CachedAnswer
) -> None:
    row = row_in(cast.workspace.id, Receipt)
    with workspace_scope(cast.workspace.id):
        Receipt.objects.filter(id=row.pk).update(tier=2, cached_id=entry.id)
    today = datetime.now(UTC).date()
    assert cached_answers.repeated(cast.workspace.id, today, today) == 1
    assert cached_answers.repeated(cast.charlie.workspace_id, today, today) == 0
    assert cached_answers.totals(cast.workspace.id).answers == 1
