"""Sources in the console: add, run, pause, delete, and see how each page went."""

from collections.abc import Iterator

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.scope import workspace_scope
from console.tests.pages import BASE, SITE, article, last_action, log_in, member, source, state
from knowledge.models import Article, PageState, Source, SourcePage, SourceState, Upload
from knowledge.tests import sites
from knowledge.tests.conftest import FakeEmbedder
from knowledge.tests.sites import HOST, Site, html
from knowledge.tests.test_site_sources import run
from knowledge.tests.worker import work
from tests.cast import Cast


@pytest.fixture
def editor(client: Client, cast: Cast) -> Client:
    return log_in(client, member(cast, "editor"))


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    from knowledge import embedding

    fake = FakeEmbedder()
    monkeypatch.setattr(embedding, "embedder", lambda: fake)
    with sites.served() as found:
        found.pages["/"] = html("Help", "A badger", "/nowhere")
        yield found


def row(cast: Cast) -> Source:
    with workspace_scope(cast.workspace.id):
        return Source.objects.get(kind="site")


def test_a_site_is_added_read_and_shown_with_its_problems(
    editor: Client, cast: Cast, site: Site
) -> None:
    given = SITE | {"address": f"http://{HOST}"}
    answer = editor.post(f"{BASE}sources/new/site/", given)
    added = row(cast)
    assert answer["Location"] == f"{BASE}sources/{added.id}/"
    assert (added.location, added.state) == (f"http://{HOST}/", SourceState.RUNNING)
    assert 'hx-trigger="every 2s"' in editor.get(answer["Location"]).text
    run(cast, added, site)
    page = editor.get(answer["Location"]).text
    assert "hx-trigger" not in page and "the server says 404" in page and "new 1" in page
    assert "/nowhere" not in editor.get(f"{answer['Location']}?state=done").text
    assert "Help" in editor.get(f"{BASE}sources/").text


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"address": "file:///etc/passwd"}, "only http and https addresses are read"),
        ({"address": "http://a.example:8080/"}, "only the ports 80 and 443 are asked"),
        ({"address": "http://u:p@a.example/"}, "the address holds a name or a password"),
        ({"name": ""}, "This field is required"),
        ({"name": "uploads"}, "There is a source of this name already."),
        ({"most_pages": "0"}, "greater than or equal to 1"),
        ({"most_pages": "1000000"}, "less than or equal to"),
        ({"inside": "help"}, "The path begins with a slash."),
        ({"follow": "dns"}, "not one of the available choices"),
        ({"every_hours": "3"}, "not one of the available choices"),
        ({"lang": "english!"}, "Enter a valid value"),
    ],
)
def test_what_cannot_be_kept_is_said_and_what_was_typed_stays(
    editor: Client, cast: Cast, given: dict[str, str], said: str
) -> None:
    before = state(cast)
    answer = editor.post(f"{BASE}sources/new/site/", SITE | {"lang": "ru"} | given)
    assert answer.status_code == 400 and said in answer.text
    assert 'value="100"' in answer.text or "most_pages" in given
    assert state(cast) == before


def test_settings_are_changed_once(editor: Client, cast: Cast) -> None:
    there = f"{BASE}sources/{source(cast).id}/"
    for _ in range(2):
        assert editor.post(there, SITE | {"most_pages": "7"}).status_code == 302
    changed = row(cast)
    assert (changed.name, changed.settings["most_pages"], changed.every_hours) == ("Help", 7, 24)
    assert changed.next_at is not None and last_action(cast)[1] == "source.changed"
    assert 'value="7"' in editor.get(there).text


def test_a_source_is_run_paused_and_goes_on(editor: Client, cast: Cast) -> None:
    there = f"{BASE}sources/{source(cast).id}/"
    for action, wanted in (
        ("run", SourceState.RUNNING),
        ("run", SourceState.RUNNING),
        ("pause", SourceState.PAUSED),
        ("run", SourceState.PAUSED),
        ("go-on", SourceState.RUNNING),
    ):
        assert editor.post(f"{there}{action}/").status_code == 302
        assert row(cast).state == wanted
    assert editor.post(f"{there}dance/").status_code == 404


@pytest.mark.parametrize("action", ["delete", "delete-all"])
def test_a_source_is_deleted_with_or_without_its_articles(
    editor: Client, cast: Cast, action: str
) -> None:
    one, mine = source(cast), article(cast)
    with workspace_scope(cast.workspace.id):
        Article.objects.filter(id=mine.id).update(source=one)
        SourcePage.objects.create(
            workspace=cast.workspace, source=one, address="https://a.example/", state="done"
        )
    for _ in range(2):
        editor.post(f"{BASE}sources/{one.id}/{action}/")
    for _ in range(3):
        with workspace_scope(cast.workspace.id):
            from outbox.models import OutboxJob

            OutboxJob.objects.filter(kind="index_revision").delete()
        work(cast.workspace.id)
    with workspace_scope(cast.workspace.id):
        assert not Source.objects.filter(id=one.id).exists()
        assert not SourcePage.objects.exists()
        kept = Article.objects.select_related("source").get(id=mine.id)
    assert kept.source.kind == "console"
    assert (kept.archived_at is not None) == (action == "delete-all")


def test_what_was_written_by_hand_is_no_source_to_delete(editor: Client, cast: Cast) -> None:
    article(cast)
    with workspace_scope(cast.workspace.id):
        by_hand = Source.objects.get(kind="api")
    page = editor.post(f"{BASE}sources/{by_hand.id}/delete-all/", follow=True)
    assert "has no source to delete" in page.text
    assert editor.post(f"{BASE}sources/{by_hand.id}/run/").status_code == 404
    assert editor.post(f"{BASE}sources/{by_hand.id}/", SITE).status_code == 404
    with workspace_scope(cast.workspace.id):
        assert Source.objects.get(kind="api").state == SourceState.IDLE


def test_many_pages_come_in_pages(editor: Client, cast: Cast) -> None:
    one = source(cast)
    with workspace_scope(cast.workspace.id):
        SourcePage.objects.bulk_create(
            SourcePage(
                workspace=cast.workspace,
                source=one,
                address=f"https://a.example/{number:03}",
                state=PageState.DONE,
            )
            for number in range(60)
        )
    there = f"{BASE}sources/{one.id}/"
    assert "/024" in editor.get(there).text and "/025" not in editor.get(there).text
    assert "/059" in editor.get(f"{there}?page=3").text
    assert editor.get(f"{there}?page=99999999&state=x").status_code == 200


def test_one_file_after_the_other_each_with_its_own_answer(editor: Client, cast: Cast) -> None:
    def send(name: str, data: bytes) -> tuple[int, str]:
        file = SimpleUploadedFile(name, data)
        answer = editor.post(f"{BASE}uploads/one/", {"file": file})
        return answer.status_code, answer.json()["problem"]

    assert send("a.md", b"# A\n\nb") == (200, "")
    assert send("a.png", b"x") == (400, "a.png is of no format that can be imported.")
    assert send("b.md", b"") == (400, "b.md is empty.")
    assert send("big.md", b"x" * 20_000_001)[1] == "big.md is larger than 20 MB."
    assert editor.post(f"{BASE}uploads/one/").status_code == 400
    with workspace_scope(cast.workspace.id):
        assert list(Upload.objects.values_list("name", flat=True)) == ["a.md"]
