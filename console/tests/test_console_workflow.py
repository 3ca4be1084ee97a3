"""Drafts, reviews, schedules, tags, translations and pictures as an editor uses them."""

import io
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from PIL import Image
from pytest_django import Settings

from accounts.models import Member
from accounts.scope import workspace_scope
from accounts.workspaces import change_settings
from console.tests.pages import ARTICLE, BASE, article, last_action, log_in, member, newest, state
from knowledge.models import Article, Tag
from tests.cast import Cast, make_member

ARTICLES = f"{BASE}articles/"


@pytest.fixture
def erin(cast: Cast) -> Member:
    return member(cast, "editor")


@pytest.fixture
def editor(client: Client, erin: Member) -> Client:
    return log_in(client, erin)


@pytest.fixture
def frank(cast: Cast) -> Client:
    return log_in(Client(), make_member(cast.acme, "frank", role="editor"))


@pytest.fixture
def reviewed(cast: Cast) -> None:
    change_settings(cast.workspace.id, actor="command", review_required=True)


def only(cast: Cast) -> Article:
    with workspace_scope(cast.workspace.id):
        return Article.objects.select_related("draft_revision").get()


def test_a_draft_goes_through_its_review(
    editor: Client, frank: Client, cast: Cast, reviewed: None
) -> None:
    page = editor.get(f"{ARTICLES}new/").text
    assert "Save and publish" not in page and "Save and send for review" in page
    refused = editor.post(f"{ARTICLES}new/", ARTICLE | {"do": "publish"})
    assert refused.status_code == 400 and "A lost key costs" in refused.text
    assert "Somebody else has to publish it" in refused.text
    given = ARTICLE | {"do": "review", "note": "please look"}
    path = editor.post(f"{ARTICLES}new/", given)["Location"]
    assert "Publish this draft" not in editor.get(path).text
    assert editor.post(f"{path}draft/publish/", {"seen": "1"}).status_code == 403
    theirs = frank.get(path).text
    assert "please look" in theirs and "Publish this draft" in theirs
    frank.post(f"{path}draft/send-back/", {"seen": "1", "note": "name the <price>"})
    assert "name the &lt;price&gt;" in editor.get(path).text
    editor.post(path, ARTICLE | {"base": "1", "text": "Twelve.", "do": "draft"})
    editor.post(f"{path}draft/submit/")
    stale = frank.post(f"{path}draft/publish/", {"seen": "1", "note": "fine <so>"}, follow=True)
    assert "fine &lt;so&gt;</textarea>" in stale.text  # what was typed is not lost
    assert "The draft was changed meanwhile" in stale.text and only(cast).draft_state == "review"
    done = frank.post(f"{path}draft/publish/", {"seen": "2"}, follow=True)
    assert "answers questions as soon as" in done.text and only(cast).state == "indexing"
    assert last_action(cast)[1] == "article.draft_published"


def test_the_list_shows_what_waits_for_whom(editor: Client, cast: Cast) -> None:
    editor.post(f"{ARTICLES}new/", ARTICLE | {"do": "draft"})
    one = only(cast)
    assert editor.get(ARTICLES, {"state": "draft"}).text.count(str(one.id)) > 0
    assert str(one.id) not in editor.get(ARTICLES, {"state": "review"}).text
    editor.post(f"{ARTICLES}{one.id}/draft/submit/")
    assert str(one.id) in editor.get(ARTICLES, {"state": "review"}).text


def test_nobody_sends_back_without_a_word(editor: Client, cast: Cast) -> None:
    path = editor.post(f"{ARTICLES}new/", ARTICLE | {"do": "review"})["Location"]
    before = state(cast)
    answer = editor.post(f"{path}draft/send-back/", {"seen": "1", "note": " "}, follow=True)
    assert "Say what is to be changed" in answer.text and state(cast) == before


def test_a_schedule_is_kept_in_the_workspaces_clocks_and_shown(editor: Client, cast: Cast) -> None:
    change_settings(cast.workspace.id, actor="command", time_zone="Asia/Tokyo")
    path = editor.post(f"{ARTICLES}new/", ARTICLE | {"do": "draft"})["Location"]
    wall = (timezone.now() + timedelta(days=9)).strftime("%Y-%m-%dT09:30")
    editor.post(f"{path}schedule/publish/", {"at": wall})
    at = only(cast).publish_at
    assert at is not None and (at.hour, at.minute) == (0, 30)  # nine hours earlier
    assert f'value="{wall}"' in editor.get(path).text and "Asia/Tokyo" in editor.get(path).text
    assert "publishes" in editor.get(ARTICLES, {"state": "scheduled"}).text
    editor.post(f"{path}schedule/publish/", {"cancel": "yes", "at": wall})
    assert only(cast).publish_at is None


@pytest.mark.parametrize("at", ["", "soon", "2001-01-01T10:00", "99999-01-01T10:00"])
def test_a_moment_that_makes_no_sense_is_refused(editor: Client, cast: Cast, at: str) -> None:
    path = editor.post(f"{ARTICLES}new/", ARTICLE | {"do": "draft"})["Location"]
    before = state(cast)
    answer = editor.post(f"{path}schedule/publish/", {"at": at}, follow=True)
    assert 'class="notice error"' in answer.text and state(cast) == before
    assert editor.post(f"{path}schedule/explode/", {"at": at}).status_code == 404


def test_tags_are_written_suggested_filtered_renamed_and_merged(editor: Client, cast: Cast) -> None:
    path = editor.post(f"{ARTICLES}new/", ARTICLE | {"tags": "Billing, late fees"})["Location"]
    assert 'value="billing, late fees"' in editor.get(path).text
    found = editor.get(f"{ARTICLES}tags/suggest/", {"tags": "x, BI"}).text
    assert 'data-tag="billing"' in found and "<html" not in found
    assert only(cast).title in editor.get(ARTICLES, {"tag": "Billing"}).text
    with workspace_scope(cast.workspace.id):
        ids = {one.name: one.id for one in Tag.objects.all()}
    rename = f"{ARTICLES}tags/{ids['late fees']}/rename/"
    bad = editor.post(rename, {"name": "a,b"})
    assert bad.status_code == 400 and 'value="a,b"' in bad.text
    asked = editor.post(rename, {"name": "billing"})
    assert asked.status_code == 409 and "Merge both?" in asked.text
    assert editor.post(rename, {"name": "billing", "merge": "yes"}).status_code == 302
    assert "late fees" not in editor.get(f"{ARTICLES}tags/").text
    delete = f"{ARTICLES}tags/{ids['billing']}/delete/"
    asked = editor.post(delete)
    assert asked.status_code == 409
    assert "Take the tag billing off 1 article and delete it?" in asked.text
    assert "No article has a tag yet" not in editor.get(f"{ARTICLES}tags/").text
    assert editor.post(delete, {"sure": "yes"}).status_code == 302
    assert editor.post(delete, {"sure": "yes"}).status_code == 404
    assert "No article has a tag yet" in editor.get(f"{ARTICLES}tags/").text
    wrong = editor.post(f"{ARTICLES}new/", ARTICLE | {"tags": "x" * 41})
    assert wrong.status_code == 400 and "A lost key costs" in wrong.text


def test_a_translation_is_begun_from_its_original(editor: Client, cast: Cast) -> None:
    path = editor.post(f"{ARTICLES}new/", ARTICLE)["Location"]
    one = only(cast)
    begun = editor.get(f"{ARTICLES}new/", {"translation_of": str(one.id), "lang": "ru"}).text
    assert "A lost key costs" in begun and 'value="ru"' in begun
    given = ARTICLE | {
        "doc_id": "0198c0de-0000-7000-8000-000000000002",
        "translation_of": str(one.id),
        "lang": "ru",
        "title": "Ключи",
    }
    same = editor.post(f"{ARTICLES}new/", given | {"lang": "en"})
    assert same.status_code == 400 and only(cast).id == one.id
    assert editor.post(f"{ARTICLES}new/", given).status_code == 302
    shown = editor.get(f"{path}translations/").text
    assert "Ключи" in shown and "original" in shown and "older than" not in shown
    editor.post(path, ARTICLE | {"base": "1", "text": "Twelve."})
    assert "older than the original" in editor.get(f"{path}translations/").text
    missing = {"translation_of": str(cast.workspace.id)}
    assert editor.get(f"{ARTICLES}new/", missing).status_code == 404
    assert editor.get(f"{ARTICLES}new/", {"translation_of": "x"}).status_code == 404


def test_an_article_that_is_there_is_linked_and_unlinked(editor: Client, cast: Cast) -> None:
    path = editor.post(f"{ARTICLES}new/", ARTICLE)["Location"]
    other = article(cast, doc_id="other")
    with workspace_scope(cast.workspace.id):
        Article.objects.filter(id=other.id).update(lang="de")
    assert "The A" in editor.get(f"{path}translations/", {"q": "other"}).text
    editor.post(f"{path}translations/link/", {"other": str(other.id)})
    assert "The A" in editor.get(f"{path}translations/").text
    assert editor.post(f"{path}translations/link/", {"other": "x"}).status_code == 404
    editor.post(f"{path}translations/unlink/")
    assert "not translated" in editor.get(f"{path}translations/").text


def test_revisions_show_the_words_that_changed(editor: Client, cast: Cast) -> None:
    path = editor.post(f"{ARTICLES}new/", ARTICLE | {"text": "It costs <b>ten</b>."})["Location"]
    editor.post(path, ARTICLE | {"base": "1", "text": "It costs twelve."})
    shown = editor.get(f"{path}revisions/2/").text
    assert "<ins>" in shown and "twelve" in shown and "&lt;b&gt;ten&lt;/b&gt;" in shown
    assert editor.get(f"{path}revisions/2/", {"with": "2"}).status_code == 200
    assert editor.get(f"{path}revisions/2/", {"with": "9"}).status_code == 404
    assert "<ins>" not in editor.get(f"{path}revisions/1/").text


def picture(kind: str = "PNG") -> SimpleUploadedFile:
    out = io.BytesIO()
    Image.new("RGB", (8, 4), "red").save(out, format=kind)
    return SimpleUploadedFile("evil.html", out.getvalue(), content_type="text/html")


def test_a_picture_is_sent_and_its_path_comes_back(
    editor: Client, cast: Cast, settings: Settings, tmp_path: Path
) -> None:
    backend = settings.STORAGES["pictures"]["BACKEND"]
    place = {"BACKEND": backend, "OPTIONS": {"location": tmp_path}}
    settings.STORAGES = settings.STORAGES | {"pictures": place}
    answer = editor.post(f"{ARTICLES}pictures/", {"picture": picture()})
    path = answer.json()["path"]
    assert path.startswith("/help/acme/pictures/") and editor.get(path).status_code == 200
    assert Client().get(path).status_code == 404
    before = state(cast)
    bad = SimpleUploadedFile("a.png", b"<svg/>", content_type="image/png")
    answer = editor.post(f"{ARTICLES}pictures/", {"picture": bad})
    assert answer.status_code == 400 and "no picture" in answer.json()["problem"]
    assert editor.post(f"{ARTICLES}pictures/").status_code == 400
    assert state(cast) == before


def ids_of(cast: Cast, count: int) -> list[UUID]:
    return [article(cast, doc_id=f"a{i}").id for i in range(count)]


def test_many_are_changed_after_a_confirmation(editor: Client, cast: Cast) -> None:
    ids = ids_of(cast, 3)
    before = state(cast)
    chosen = {"action": "tag", "which": "checked", "id": [str(one) for one in ids[:2]]}
    asked = editor.post(f"{ARTICLES}bulk/", chosen)
    assert "This concerns 2 articles" in asked.text and state(cast) == before
    bad = editor.post(f"{ARTICLES}bulk/confirm/", chosen | {"value": "a,b"})
    assert bad.status_code == 400 and 'value="a,b"' in bad.text and state(cast) == before
    done = editor.post(f"{ARTICLES}bulk/confirm/", chosen | {"value": "Late"}, follow=True)
    assert "2 articles changed" in done.text and "hx-trigger" not in done.text
    assert len(state(cast)["labels"]) == 2
    every = {"action": "archive", "which": "all", "q": "a1"}
    assert "This concerns 1 article." in editor.post(f"{ARTICLES}bulk/", every).text
    editor.post(f"{ARTICLES}bulk/confirm/", every)
    with workspace_scope(cast.workspace.id):
        assert [one.external_id for one in Article.objects.exclude(archived_at=None)] == ["a1"]


def test_many_in_the_background_show_how_far_they_are_and_stop(editor: Client, cast: Cast) -> None:
    ids_of(cast, 101)
    chosen = {"action": "archive", "which": "all"}
    page = editor.post(f"{ARTICLES}bulk/confirm/", chosen, follow=True)
    path = page.redirect_chain[-1][0]
    assert "hx-trigger" in page.text and "<progress" in page.text
    assert "See how far it is" in editor.get(ARTICLES).text
    part = editor.get(path, headers={"HX-Request": "true"}).text
    assert "<html" not in part
    editor.post(f"{path}stop/")
    assert "stopped" in editor.get(path).text
    assert "hx-trigger" not in editor.get(path).text.split('id="bulk"')[1]


@pytest.mark.parametrize("given", [{"which": "checked", "action": "archive"}, {"which": "all"}])
def test_nothing_chosen_changes_nothing(editor: Client, cast: Cast, given: dict[str, str]) -> None:
    article(cast)
    before = state(cast)
    answer = editor.post(f"{ARTICLES}bulk/", given | {"id": "x", "q": "keep me"}, follow=True)
    assert 'class="notice error"' in answer.text and 'value="keep me"' in answer.text
    assert state(cast) == before


def test_whether_articles_are_reviewed_is_a_setting(client: Client, cast: Cast) -> None:
    log_in(client, cast.alice)
    for _ in range(2):
        assert client.post(f"{BASE}settings/", {"review_required": "on"}).status_code == 302
    assert state(cast)["review"] is True
    assert newest(cast, article(cast).id).number == 1
