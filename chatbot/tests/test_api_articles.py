"""Articles over REST: put, read, list, archive, and who may."""

import pytest

from accounts.models import AuditEntry, Role
from accounts.scope import workspace_scope
from accounts.workspaces import change_settings
from chatbot.api.root import MAX_ARTICLE_BYTES
from chatbot.tests.rest import Rest, server_of
from knowledge.models import Article, Revision
from tests.cast import Cast

HOURS = {"title": "Opening hours", "text": "We open at nine."}


@pytest.fixture
def server(cast: Cast) -> Rest:
    return server_of(cast.workspace.id)


def counts(cast: Cast) -> tuple[int, int, int]:
    with workspace_scope(cast.workspace.id):
        changes = AuditEntry.objects.filter(target_kind="article").count()
        return Article.objects.count(), Revision.objects.count(), changes


def test_an_article_is_put_and_read(server: Rest, cast: Cast) -> None:
    status, made = server("PUT", "articles/help/hours.md", HOURS)
    assert status == 200
    assert (made["state"], made["revision"], made["audience"]) == ("indexing", 1, "public")
    assert (made["lang"], made["format"], made["url"]) == ("en", "markdown", "")
    assert server("GET", "articles/help/hours.md") == (200, made)
    assert counts(cast) == (1, 1, 1)


def test_the_same_article_twice_is_one_revision(server: Rest, cast: Cast) -> None:
    first = server("PUT", "articles/hours", HOURS)
    second = server("PUT", "articles/hours", HOURS)
    assert second == first
    assert counts(cast) == (1, 1, 1)


def test_what_is_left_out_stays_as_it_is(server: Rest) -> None:
    """A change of text must not publish what was internal."""
    more = {"audience": "internal", "lang": "ru", "url": "https://acme.example/h", "format": "text"}
    server("PUT", "articles/hours", HOURS | more)
    _, changed = server("PUT", "articles/hours", HOURS | {"text": "We open at ten."})
    assert more.items() <= changed.items()
    assert (changed["text"], changed["revision"]) == ("We open at ten.", 2)


def test_archiving_twice_is_harmless_and_a_put_brings_it_back(server: Rest, cast: Cast) -> None:
    server("PUT", "articles/hours", HOURS)
    assert server("DELETE", "articles/hours") == (204, None)
    before = counts(cast)
    assert server("DELETE", "articles/hours") == (204, None)
    assert counts(cast) == before
    assert server("GET", "articles/hours")[1]["state"] == "archived"
    assert server("PUT", "articles/hours", HOURS)[1]["state"] == "indexing"


def test_lists_come_in_pages_without_texts(server: Rest) -> None:
    for number in range(3):
        server("PUT", f"articles/a{number}", HOURS)
    _, first = server("GET", "articles?limit=2")
    _, rest = server("GET", f"articles?limit=2&cursor={first['next_cursor']}")
    ids = [row["doc_id"] for row in first["articles"] + rest["articles"]]
    assert ids == ["a0", "a1", "a2"]
    assert rest["next_cursor"] is None
    assert "text" not in first["articles"][0]


def test_another_workspace_finds_nothing_and_changes_nothing(server: Rest, cast: Cast) -> None:
    server("PUT", "articles/hours", HOURS)
    before = counts(cast)
    charlies = server_of(cast.other.workspace.id)
    assert charlies("GET", "articles/hours")[0] == 404
    assert charlies("DELETE", "articles/hours")[0] == 404
    assert charlies("GET", "articles")[1]["articles"] == []
    assert charlies("PUT", "articles/hours", HOURS | {"text": "Never"})[0] == 200  # his own
    assert server("GET", "articles/hours")[1]["text"] == "We open at nine."
    assert counts(cast) == before


@pytest.mark.parametrize("role", [Role.AGENT, Role.ANALYST])
def test_only_editors_keys_change_articles(server: Rest, cast: Cast, role: str) -> None:
    server("PUT", "articles/hours", HOURS)
    before = counts(cast)
    other = server_of(cast.workspace.id, role)
    assert other("GET", "articles/hours")[0] == 200
    assert other("PUT", "articles/hours", HOURS | {"text": "Never"})[0] == 403
    assert other("DELETE", "articles/hours")[0] == 403
    assert counts(cast) == before
    assert server_of(cast.workspace.id, Role.EDITOR)("PUT", "articles/b", HOURS)[0] == 200


@pytest.mark.parametrize(
    ("doc_id", "fields"),
    [
        ("a", {"text": ""}),
        ("a", {"text": "  "}),
        ("a", {"text": "a\x00b"}),
        ("a", {"text": "\ud800"}),
        ("a", {"title": ""}),
        ("a", {"title": "x" * 501}),
        ("a", {"url": "javascript:alert(1)"}),
        ("a", {"url": "https://x/" + "x" * 1_000}),
        ("a", {"audience": "everybody"}),
        ("a", {"format": "html"}),
        ("a", {"lang": "x" * 13}),
        ("a", {"published": True}),
        ("x" * 301, {}),
        ("%00", {}),
        ("%20", {}),
    ],
)
def test_what_cannot_be_kept_is_refused(
    server: Rest, cast: Cast, doc_id: str, fields: dict[str, object]
) -> None:
    before = counts(cast)
    status, answer = server("PUT", f"articles/{doc_id}", HOURS | fields)
    assert (status, answer["error"]["code"]) == (422, "invalid")
    assert counts(cast) == before


def test_articles_may_be_larger_than_other_bodies_but_not_boundless(
    server: Rest, cast: Cast
) -> None:
    assert server("PUT", "articles/long", HOURS | {"text": "word " * 30_000})[0] == 200
    before = counts(cast)
    status, answer = server("PUT", "articles/huge", HOURS | {"text": "x" * MAX_ARTICLE_BYTES})
    assert (status, answer["error"]["code"]) == (413, "body_too_large")
    assert counts(cast) == before


def test_changes_are_in_the_audit_log_under_the_key(server: Rest, cast: Cast) -> None:
    server("PUT", "articles/hours", HOURS)
    server("DELETE", "articles/hours")
    with workspace_scope(cast.workspace.id):
        rows = AuditEntry.objects.filter(target_kind="article").order_by("created_at")
        assert [row.action for row in rows] == ["article.saved", "article.archived"]
        assert {row.actor_kind for row in rows} == {"api_key"}
        assert all(row.actor_id.startswith("fl_") for row in rows)


def test_a_draft_waits_and_changes_nothing_for_visitors(server: Rest, cast: Cast) -> None:
    server("PUT", "articles/hours", HOURS)
    changed = HOURS | {"text": "We open at ten.", "draft": True}
    for _ in range(2):
        status, put = server("PUT", "articles/hours", changed)
    assert status == 200 and (put["text"], put["revision"]) == ("We open at nine.", 1)
    assert (put["draft_revision"], put["draft_state"]) == (2, "draft")
    assert counts(cast) == (1, 2, 2)


def test_where_imports_are_reviewed_the_api_writes_drafts(server: Rest, cast: Cast) -> None:
    change_settings(cast.workspace.id, actor="command", imports_reviewed=True)
    _, put = server("PUT", "articles/hours", HOURS)
    assert (put["state"], put["draft_revision"], put["draft_state"]) == ("draft", 1, "review")
