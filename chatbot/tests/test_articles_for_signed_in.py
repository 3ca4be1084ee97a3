"""A citation of an article for signed-in readers opens in the chat of one, and for nobody else."""

from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.models import Member
from accounts.scope import workspace_scope
from chatbot.models import Contact
from knowledge import pictures
from knowledge.articles import archive, upsert_article
from knowledge.models import Article, Audience, PictureUse, Revision
from knowledge.tests.test_pictures import picture as drawn
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


@pytest.fixture
def shown(cast: Cast, settings: Settings, tmp_path: Path) -> str:
    """The file name of a picture that only an article for the signed-in shows, with its id."""
    place = {"BACKEND": settings.STORAGES["pictures"]["BACKEND"], "OPTIONS": {"location": tmp_path}}
    settings.STORAGES = settings.STORAGES | {"pictures": place}
    return illustrated(cast.alice, "acme")


def illustrated(author: Member, slug: str) -> str:
    """ARTICLE/FILE, of an article for signed-in readers that shows one picture."""
    path = pictures.path(slug, pictures.keep(author, drawn()))
    saved = upsert_article(
        author.workspace_id, doc_id="plan", title="Plan", text=f"![]({path})", audience="signed_in"
    )
    with workspace_scope(author.workspace_id):
        Article.objects.filter(id=saved.article.id).update(published_revision=saved.revision)
        pictures.note_uses(author.workspace_id, [Revision.objects.get(id=saved.revision.id)])
    return f"{saved.article.id}/{path.rsplit('/', 1)[1]}"


def seen(client: Client, key: str, file: str, token: str = "") -> int:
    given = {"Authorization": f"Visitor {token}"} if token else {}
    return client.get(f"/widget/v1/article/{key}/{file}", headers=given).status_code


def test_its_pictures_are_for_the_same_visitor_and_no_address_alone_opens_them(
    client: Client, cast: Cast, shown: str
) -> None:
    key, token = cast.acme.widget_key, cast.vera.token
    public = f"/help/acme/pictures/{shown.split('/')[1]}"
    assert seen(client, key, shown, token) == 404  # the site has not said who vera is
    signed_in(cast)
    answer = client.get(
        f"/widget/v1/article/{key}/{shown}", headers={"Authorization": f"Visitor {token}"}
    )
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "image/png")
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Authorization" in answer.headers["Vary"]
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert seen(client, key, shown) == seen(client, key, shown, "x" * 40) == 404
    assert client.get(public).status_code == 404
    assert client.get(f"/widget/v1/article/{key}/{shown}?token={token}").status_code == 404
    client.cookies["token"] = token
    assert seen(client, key, shown) == 404
    signed_in(cast, hours_ago=13)
    assert seen(client, key, shown, token) == 404


def test_a_picture_opens_through_an_article_that_shows_it_alone(
    client: Client, cast: Cast, shown: str
) -> None:
    signed_in(cast)
    key, token = cast.acme.widget_key, cast.vera.token
    article_id, file = shown.split("/")
    other = published(cast, Audience.PUBLIC)
    assert seen(client, key, f"{other}/{file}", token) == 404
    assert seen(client, key, f"{article_id}/{file.replace('.png', '.jpg')}", token) == 404
    assert seen(client, key, f"{article_id}/{'0' * 64}.png", token) == 404
    assert seen(client, key, f"{article_id}/{'é' * 9}.png", token) == 404
    with workspace_scope(cast.workspace.id):
        Article.objects.filter(id=article_id).update(audience=Audience.INTERNAL)
    assert seen(client, key, shown, token) == 404
    with workspace_scope(cast.workspace.id):
        Article.objects.filter(id=article_id).update(audience=Audience.SIGNED_IN)
    assert seen(client, key, shown, token) == 200
    archive(cast.workspace.id, "plan")
    assert seen(client, key, shown, token) == 404


def test_another_workspace_s_pictures_stay_there(client: Client, cast: Cast, shown: str) -> None:
    signed_in(cast)
    theirs = illustrated(cast.charlie, "other")
    for key in (cast.acme.widget_key, cast.other.widget_key):
        assert seen(client, key, theirs, cast.vera.token) == 404
    assert seen(client, cast.other.widget_key, shown, cast.vera.token) == 404
    with workspace_scope(cast.other.workspace.id):
        assert PictureUse.objects.count() == 1
