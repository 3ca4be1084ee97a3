"""The widget over HTTP: who gets the loader and the frame, and with which headers."""

import re

import pytest
from django.test import Client

from accounts.scope import workspace_scope
from chatbot import widgets
from chatbot.models import Contact, Conversation, Widget
from chatbot.pages import loader
from console.provisioning import create_workspace
from knowledge.articles import archive, upsert_article
from knowledge.models import Article, Audience
from tests.cast import ORIGIN, OTHER_ORIGIN, Cast

LOADER = "/widget/v1/loader.js"


def frame_url(key: str) -> str:
    return f"/widget/v1/frame/{key}/"


def test_the_loader_is_one_complete_script_that_browsers_keep(client: Client, db: None) -> None:
    answer = client.get(LOADER)
    text = answer.content.decode()
    assert answer.headers["Content-Type"].startswith("text/javascript")
    assert "stale-while-revalidate" in answer.headers["Cache-Control"]
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert "@styles@" not in text and "@labels@" not in text
    assert "position: fixed" in text and "Open chat" in text
    assert not answer.cookies


def test_a_loader_that_has_not_changed_is_not_sent_again(client: Client, db: None) -> None:
    first = client.get(LOADER)
    again = client.get(LOADER, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    changed = client.get(LOADER, headers={"If-None-Match": '"another"'})
    assert changed.status_code == 200
    assert first.headers["ETag"] == loader.etag()


def test_the_frame_shows_on_the_widgets_own_origins_alone(client: Client, cast: Cast) -> None:
    answer = client.get(frame_url(cast.acme.widget_key), headers={"Referer": f"{ORIGIN}/shop"})
    assert answer.status_code == 200
    assert "X-Frame-Options" not in answer.headers
    policy = answer.headers["Content-Security-Policy"]
    ancestors = re.search(r"frame-ancestors ([^;]*)", policy)
    assert ancestors is not None
    assert {"'self'", ORIGIN} <= set(ancestors[1].split())
    assert OTHER_ORIGIN not in policy
    assert "script-src 'self'" in policy and "unsafe" not in policy
    assert not answer.cookies


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": OTHER_ORIGIN},
        {"Origin": "null"},
        {"Referer": f"{OTHER_ORIGIN}/page"},
        {"Referer": f"{ORIGIN}.evil.example/"},
        {"Origin": ORIGIN, "Referer": "https://evil.example/"},
        {"Sec-Fetch-Dest": "script"},
    ],
)
def test_a_stranger_gets_the_same_as_for_an_unknown_key(
    client: Client, cast: Cast, headers: dict[str, str]
) -> None:
    before = counts(cast)
    refused = client.get(frame_url(cast.acme.widget_key), headers=headers)
    unknown = client.get(frame_url("wk_nobody"), headers=headers)
    assert refused.status_code == unknown.status_code == 404
    assert refused.content == unknown.content
    assert counts(cast) == before


def counts(cast: Cast) -> tuple[int, int]:
    with workspace_scope(cast.workspace.id):
        return Contact.objects.count(), Conversation.objects.count()


def test_opening_the_frame_writes_nothing(client: Client, cast: Cast) -> None:
    before = counts(cast)
    for _ in range(2):
        assert client.get(frame_url(cast.acme.widget_key)).status_code == 200
    assert counts(cast) == before


def test_an_origin_that_is_taken_away_is_refused_from_then_on(client: Client, cast: Cast) -> None:
    headers = {"Referer": f"{ORIGIN}/"}
    url = frame_url(cast.acme.widget_key)
    assert client.get(url, headers=headers).status_code == 200
    with workspace_scope(cast.workspace.id):
        widget_id = Widget.objects.get().id
    widgets.set_origins(cast.workspace.id, widget_id, [OTHER_ORIGIN], actor=cast.alice)
    assert client.get(url, headers=headers).status_code == 404


@pytest.mark.parametrize(
    ("asked", "accepted", "expected"),
    [("en", "ru", "en"), ("xx", "en", "en"), ("", "en", "en"), ("en_US" * 99, "en", "en")],
)
def test_the_pages_language_comes_before_the_browsers(
    client: Client, cast: Cast, asked: str, accepted: str, expected: str
) -> None:
    answer = client.get(
        frame_url(cast.acme.widget_key),
        {"language": asked},
        headers={"Accept-Language": accepted},
    )
    assert f'<html lang="{expected}">' in answer.content.decode()


def test_names_and_greetings_are_text_and_never_markup(client: Client, cast: Cast) -> None:
    evil = "</script><img src=x onerror=alert(1)>"
    with workspace_scope(cast.workspace.id):
        Widget.objects.update(name=evil, greeting=evil)
    page = client.get(frame_url(cast.acme.widget_key)).content.decode()
    assert "<img" not in page
    assert page.count("</script>") == page.count("<script")


def test_pages_that_only_read_refuse_to_be_posted_to(client: Client, cast: Cast) -> None:
    for path in (LOADER, frame_url(cast.acme.widget_key), "/demo/"):
        assert client.post(path).status_code in {403, 405}


def test_the_demo_says_how_to_load_it_and_then_shows_its_widget(client: Client, db: None) -> None:
    missing = client.get("/demo/")
    assert missing.status_code == 404
    assert "manage.py demo --load" in missing.content.decode()
    place = create_workspace("demo", name="Firstline")
    shown = client.get("/demo/")
    assert shown.status_code == 200
    assert f"/widget/v1/{place.widget_key}/loader.js" in shown.content.decode()


def test_a_widgets_own_loader_knows_where_it_may_show(client: Client, cast: Cast) -> None:
    with workspace_scope(cast.workspace.id):
        Widget.objects.update(colour="#5a1478")
    url = f"/widget/v1/{cast.acme.widget_key}/loader.js"
    answer = client.get(url)
    text = answer.content.decode()
    assert f'"key": "{cast.acme.widget_key}"' in text and f'"{ORIGIN}"' in text
    assert "#5a1478" in text and OTHER_ORIGIN not in text and '"@site@"' not in text
    assert "max-age=300" in answer.headers["Cache-Control"] and not answer.cookies
    again = client.get(url, headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert client.get("/widget/v1/wk_nobody/loader.js").status_code == 404
    assert client.post(url).status_code in {403, 405}


def test_an_article_is_read_in_the_chat_by_those_who_may_read_its_page(
    client: Client, cast: Cast
) -> None:
    text = "# Keys\n\nA <script>bad()</script> giraffe."
    urls: dict[str, str] = {}
    for audience in Audience.values:
        saved = upsert_article(
            cast.workspace.id, doc_id=audience, title="Keys", text=text, audience=audience
        )
        urls[audience] = f"/widget/v1/article/{{}}/{saved.article.id}/"
        with workspace_scope(cast.workspace.id):
            rows = Article.objects.filter(id=saved.article.id)
            rows.update(published_revision=saved.revision)
    mine, theirs = cast.acme.widget_key, cast.other.widget_key
    shown = client.get(urls["public"].format(mine))
    assert shown.json()["title"] == "Keys" and "giraffe" in shown.json()["html"]
    assert "bad()" not in shown.json()["html"]
    for audience, key in (
        ("signed_in", mine), ("internal", mine), ("public", theirs), ("public", "wk_nobody"),
    ):  # fmt: skip
        assert client.get(urls[audience].format(key)).status_code == 404
    archive(cast.workspace.id, "public")
    assert client.get(urls["public"].format(mine)).status_code == 404
