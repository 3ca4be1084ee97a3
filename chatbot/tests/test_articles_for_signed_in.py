"""A citation of an article for signed-in readers opens in the chat of one, and for nobody else."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.test import Client
from django.utils import timezone

from accounts.scope import workspace_scope
from chatbot.models import Contact
from knowledge.articles import upsert_article
from knowledge.models import Article, Audience
from tests.cast import Cast


def published(cast: Cast, audience: str, *, of: str = "acme") -> UUID:
    workspace = cast.workspace if of == "acme" else cast.other.workspace
    saved = upsert_article(
        workspace.id, doc_id=audience, title="Prices", text="A giraffe.", audience=audience
    )
    with workspace_scope(workspace.id):
        Article.objects.filter(id=saved.article.id).update(published_revision=saved.revision)
    return saved.article.id


def signed_in(cast: Cast, *, hours_ago: float = 0) -> None:
    """The site has said who vera is."""
    at = timezone.now() - timedelta(hours=hours_ago)
    with workspace_scope(cast.workspace.id):
        Contact.objects.filter(id=cast.vera.contact_id).update(identified_at=at)


def in_chat(client: Client, key: str, article_id: UUID, token: str = "") -> tuple[int, str]:
    headers = {"Authorization": f"Visitor {token}"} if token else {}
    answer = client.get(f"/widget/v1/article/{key}/{article_id}/", headers=headers)
    return answer.status_code, answer.text


@pytest.mark.parametrize("audience", [Audience.PUBLIC, Audience.SIGNED_IN, Audience.INTERNAL])
def test_who_the_site_vouched_for_reads_what_the_bot_may_cite_to_them(
    client: Client, cast: Cast, audience: Audience
) -> None:
    one = published(cast, audience)
    key, token = cast.acme.widget_key, cast.vera.token
    anonymous = in_chat(client, key, one, token)[0]
    signed_in(cast)
    known = in_chat(client, key, one, token)
    assert (anonymous, known[0]) == {
        Audience.PUBLIC: (200, 200), Audience.SIGNED_IN: (404, 200), Audience.INTERNAL: (404, 404),
    }[audience]  # fmt: skip
    assert ("giraffe" in known[1]) == (known[0] == 200)
    signed_in(cast, hours_ago=13)  # too long ago
    assert in_chat(client, key, one, token)[0] == anonymous


def test_what_is_for_one_reader_is_kept_by_no_cache_and_has_no_page_to_open(
    client: Client, cast: Cast
) -> None:
    signed_in(cast)
    given = {"Authorization": f"Visitor {cast.vera.token}"}
    for audience, kept, public in (
        (Audience.SIGNED_IN, "no-store", False), (Audience.PUBLIC, "private, no-cache", True),
    ):  # fmt: skip
        one = published(cast, audience)
        answer = client.get(f"/widget/v1/article/{cast.acme.widget_key}/{one}/", headers=given)
        assert answer.headers["Cache-Control"] == kept
        assert "Authorization" in answer.headers["Vary"]
        assert answer.json()["public"] is public


@pytest.mark.parametrize("token", ["x", "y" * 5_000, ""])
def test_nobody_else_s_token_opens_it(client: Client, cast: Cast, token: str) -> None:
    signed_in(cast)
    one, theirs = published(cast, Audience.SIGNED_IN), published(cast, "signed_in", of="other")
    assert in_chat(client, cast.acme.widget_key, one, token)[0] == 404
    assert in_chat(client, cast.other.widget_key, theirs, cast.vera.token)[0] == 404
    assert in_chat(client, cast.acme.widget_key, theirs, cast.vera.token)[0] == 404


def test_its_page_says_sign_in_and_not_whether_there_is_one(client: Client, cast: Cast) -> None:
    there = [published(cast, audience) for audience in (Audience.SIGNED_IN, Audience.INTERNAL)]
    paths = [f"/help/acme/{one}/" for one in (*there, uuid4())] + [f"/help/nobody/{uuid4()}/"]
    pages = [client.get(path) for path in paths]
    assert {page.status_code for page in pages} == {404}
    texts = {page.text.replace(path, "") for page, path in zip(pages, paths, strict=True)}
    assert len(texts) == 1
    assert "signed in" in texts.pop()
    assert client.get(f"/help/acme/{published(cast, Audience.PUBLIC)}/").status_code == 200
