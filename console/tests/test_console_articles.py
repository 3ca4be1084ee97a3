"""Writing articles in the console."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from accounts.models import AuditEntry
from accounts.scope import workspace_scope
from console.tests.pages import ARTICLE, BASE, article, last_action, log_in, member, newest, state
from knowledge import articles, uploads
from knowledge.models import Article, Revision, Upload, UploadState
from tests.cast import Cast


@pytest.fixture
def editor(client: Client, cast: Cast) -> Client:
    return log_in(client, member(cast, "editor"))


def test_a_new_article_is_saved_once_however_often_it_is_sent(editor: Client, cast: Cast) -> None:
    answers = [editor.post(f"{BASE}articles/new/", ARTICLE) for _ in range(2)]
    with workspace_scope(cast.workspace.id):
        saved = Article.objects.get()
        assert AuditEntry.objects.filter(action="article.saved").count() == 1
    assert {answer["Location"] for answer in answers} == {f"{BASE}articles/{saved.id}/"}
    revision = newest(cast, saved.id)
    assert revision.text == "# Keys\n\nA lost key costs **ten**."
    assert last_action(cast) == (str(revision.author_id), "article.saved")
    assert "indexing" in editor.get(f"{BASE}articles/{saved.id}/").text


def test_an_edit_is_a_new_revision(editor: Client, cast: Cast) -> None:
    path = f"{BASE}articles/{article(cast).id}/"
    page = editor.get(path)
    assert "A giraffe." in page.text and 'name="base" value="1"' in page.text
    editor.post(path, ARTICLE | {"base": "1", "doc_id": "", "audience": "internal"})
    with workspace_scope(cast.workspace.id):
        one = Article.objects.get()
    assert (one.audience, newest(cast, one.id).number) == ("internal", 2)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"title": ""}, "This field is required"),
        ({"text": "  "}, "The article has no text."),
        ({"text": "a\0b"}, "Null characters"),
        ({"url": "javascript:alert(1)"}, "This is not an http or https address."),
        ({"lang": "english!"}, "Enter a valid value"),
        ({"audience": "all"}, "not one of the available choices"),
        ({"doc_id": "x"}, "Enter a valid UUID"),
        ({"base": "x"}, "Enter a whole number"),
        ({"text": "x" * 300_001}, "at most 300000 characters"),
    ],
)
def test_what_cannot_be_kept_is_said_and_nothing_is_saved(
    editor: Client, cast: Cast, given: dict[str, str], said: str
) -> None:
    before = state(cast)
    answer = editor.post(f"{BASE}articles/new/", ARTICLE | given)
    assert answer.status_code == 400 and said in answer.text
    assert state(cast) == before


def test_two_editors_do_not_overwrite_each_other(editor: Client, cast: Cast) -> None:
    path = f"{BASE}articles/{article(cast).id}/"
    editor.post(path, ARTICLE | {"base": "1"})
    before = state(cast)
    answer = editor.post(path, ARTICLE | {"base": "1", "text": "mine"})
    assert answer.status_code == 400 and "mine" in answer.text
    assert "Somebody else has changed this article" in answer.text
    assert state(cast) == before


def test_the_preview_is_safe_and_keeps_nothing(editor: Client, cast: Cast) -> None:
    before = state(cast)
    text = "# Hi\r\n\r\n<script>alert(1)</script>\r\n\r\n**bold**"
    answer = editor.post(f"{BASE}articles/preview/", {"text": text})
    assert "<strong>bold</strong>" in answer.text and "alert" not in answer.text
    assert state(cast) == before


def test_an_old_revision_is_shown_and_restored(editor: Client, cast: Cast) -> None:
    one = article(cast, "A giraffe.")
    article(cast, "A zebra.")
    path = f"{BASE}articles/{one.id}/revisions/"
    assert "zebra" in editor.get(path).text and "giraffe" in editor.get(f"{path}1/").text
    for _ in range(2):
        assert editor.post(f"{path}1/restore/").status_code == 302
    assert (newest(cast, one.id).text, newest(cast, one.id).number) == ("A giraffe.", 3)
    assert last_action(cast)[1] == "article.restored"
    assert editor.post(f"{path}9/restore/").status_code == 404
    assert editor.get(f"{path}9/").status_code == 404


def test_many_revisions_are_listed_a_page_at_a_time(editor: Client, cast: Cast) -> None:
    one = article(cast, "Text 1.")
    with workspace_scope(cast.workspace.id):
        Revision.objects.bulk_create(
            Revision(
                workspace=cast.workspace, article=one, number=number, title="The A",
                text=f"Text {number}.", content_hash=str(number),
            )
            for number in range(2, 61)
        )  # fmt: skip
    path = f"{BASE}articles/{one.id}/revisions/"
    first = editor.get(path).text
    assert "/revisions/60/" in first and "/revisions/35/" not in first and "?top=35" in first
    older = editor.get(f"{path}?top=35").text
    assert "/revisions/35/" in older and "/revisions/36/" not in older
    assert "?top=60" in older and "?top=10" in older
    shown = editor.get(f"{path}3/").text
    assert 'aria-current="true">3<' in shown and "Text" in shown and "revision 2" in shown
    assert "revision 60" in editor.get(f"{path}3/", {"with": "60"}).text
    for wrong in ("x", "-1", "99999999", "\u0663"):
        assert editor.get(path, {"top": wrong}).status_code == 200
    assert editor.get(f"{path}3/", {"with": "61"}).status_code == 404


def test_archive_and_bring_back(editor: Client, cast: Cast) -> None:
    one = article(cast)
    for action, archived in (("archive", True), ("bring-back", False)):
        for _ in range(2):
            assert editor.post(f"{BASE}articles/{one.id}/{action}/").status_code == 302
        with workspace_scope(cast.workspace.id):
            assert (Article.objects.get().archived_at is not None) == archived
    before = state(cast)
    assert editor.post(f"{BASE}articles/{one.id}/explode/").status_code == 404
    assert editor.get(f"{BASE}articles/{one.id}/archive/").status_code == 405
    assert editor.post(f"{BASE}articles/{uuid4()}/archive/").status_code == 404
    assert state(cast) == before


def test_the_list_searches_and_filters(editor: Client, cast: Cast) -> None:
    article(cast, doc_id="keys.md")
    article(cast, doc_id="gone.md")
    articles.archive(cast.workspace.id, "gone.md")
    path = f"{BASE}articles/"
    assert editor.get(path).text.count("/articles/0") == 2
    found = editor.get(path, {"q": "keys", "state": "indexing", "page": "x"})
    assert found.text.count("/articles/0") == 1 and 'value="keys"' in found.text
    rows = editor.get(path, {"state": "archived"}, headers={"HX-Request": "true"})
    assert rows.text.count("/articles/0") == 1 and "<html" not in rows.text
    assert editor.get(path, {"q": "\0nothing", "page": "-9"}).status_code == 200


def test_the_overview_counts_and_shows_last_changes(editor: Client, cast: Cast) -> None:
    empty = editor.get(BASE).text
    assert "There are no articles yet" in empty
    editor.post(f"{BASE}articles/new/", ARTICLE)
    page = editor.get(BASE).text
    assert "saved an article" in page and "Nothing is indexed yet" in page


def file(name: str, data: bytes = b"# Hi\n\nx") -> Any:
    return SimpleUploadedFile(name, data)


def test_an_upload_tells_how_long_it_still_takes(editor: Client, cast: Cast) -> None:
    editor.post(f"{BASE}uploads/", {"files": [file("a.zip")]})
    with workspace_scope(cast.workspace.id):
        Upload.objects.update(
            state="reading", files=10, read=6, started_at=timezone.now() - timedelta(seconds=174)
        )
    assert "6 of 10, about 2 minutes left" in editor.get(f"{BASE}uploads/status/").text


def test_an_upload_waits_for_the_worker_and_shows_its_end(editor: Client, cast: Cast) -> None:
    answer = editor.post(f"{BASE}uploads/", {"files": [file("a.md"), file("b.txt")]})
    assert answer.status_code == 302
    editor.post(f"{BASE}uploads/", {"files": [file("a.md")]})  # again: the same one waits
    status = editor.get(f"{BASE}uploads/status/").text
    assert status.count("waiting") == 2 and "hx-trigger" in status and "<html" not in status
    with workspace_scope(cast.workspace.id):
        assert not Article.objects.exists()  # the web process parses nothing
        Upload.objects.update(state=UploadState.FAILED, problems=["a.md: <b>broken</b>"])
    status = editor.get(f"{BASE}uploads/status/").text
    assert "&lt;b&gt;broken" in status and "every 2s" not in status


def test_a_refused_file_is_named_and_the_others_are_taken(editor: Client, cast: Cast) -> None:
    large = file("large.md", bytes(uploads.LARGEST + 1))
    answer = editor.post(f"{BASE}uploads/", {"files": [file("a.exe"), file("b.md"), large]})
    assert answer.status_code == 400
    assert "a.exe is of no format" in answer.text and "large.md is larger than 20 MB" in answer.text
    with workspace_scope(cast.workspace.id):
        assert [one.name for one in Upload.objects.all()] == ["b.md"]


def test_no_file_and_too_many_are_refused(editor: Client, cast: Cast) -> None:
    before = state(cast)
    assert editor.post(f"{BASE}uploads/").status_code == 400
    many = [file(f"{i}.md") for i in range(51)]
    assert "At most 50 files" in editor.post(f"{BASE}uploads/", {"files": many}).text
    assert state(cast) == before
