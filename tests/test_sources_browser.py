"""Sources and uploads in a real browser; the test plays the knowledge worker."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from accounts.scope import workspace_scope
from knowledge.models import Article, Source
from knowledge.tests import sites
from knowledge.tests.sites import HOST, Answer, Site, html
from knowledge.tests.test_site_sources import run
from knowledge.tests.worker import work
from tests.browser import NewPage
from tests.cast import Cast
from tests.live import Live
from tests.test_console_browser import accessible, opened, worker

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("worker")]
assert worker  # the fixture: an embedder that needs no model


@pytest.fixture
def site() -> Iterator[Site]:
    with sites.served() as found:
        found.pages["/"] = html("Help", "A badger digs", "/returns", "/nowhere")
        found.pages["/returns"] = html("Returns", "A giraffe comes back")
        yield found


def test_a_site_is_added_watched_and_its_problems_seen(
    web: Live, new_page: NewPage, cast: Cast, site: Site, page_errors: list[str]
) -> None:
    page = opened(new_page, web, cast.alice, "sources/")
    page.get_by_role("link", name="Add a web site").click()
    page.get_by_label("Name").fill("Help centre")
    page.get_by_label("Address").fill("http://10.0.0.1:99/")
    page.get_by_role("button", name="Add and read").click()
    expect(page.get_by_text("only the ports 80 and 443")).to_be_visible()
    page_errors.clear()  # the browser reports the refusal as well
    page.get_by_label("Address").fill(f"http://{HOST}/")
    accessible(page)
    page.get_by_role("button", name="Add and read").click()
    expect(page.get_by_text("being read", exact=True)).to_be_visible()
    with workspace_scope(cast.workspace.id):
        source = Source.objects.get(kind="site")
    run(cast, source, site)
    expect(page.get_by_text("the server says 404")).to_be_visible()
    expect(page.get_by_role("button", name="Read now")).to_be_visible()
    accessible(page)
    site.pages["/returns"] = Answer("Not here any more", 410)
    page.get_by_role("button", name="Read now").press("Enter")
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    run(cast, source, site)
    expect(page.get_by_text("the server says 410")).to_be_visible()
    assert answering(cast) == ["Help"]
    page.get_by_role("link", name="Sources", exact=True).click()
    page.get_by_role("link", name="Help centre").press("Enter")
    page.get_by_text("Delete this source").click()
    page.get_by_role("button", name="Delete, archive its articles").press("Enter")
    expect(page.get_by_text("being deleted", exact=True)).to_be_visible()
    work(cast.workspace.id)
    assert answering(cast) == []
    page.get_by_role("link", name="Sources", exact=True).click()
    expect(page.get_by_role("link", name="Add a web site")).to_be_visible()
    expect(page.get_by_role("link", name="Help centre")).to_have_count(0)
    accessible(page)


def answering(cast: Cast) -> list[str]:
    """The titles of what answers."""
    with workspace_scope(cast.workspace.id):
        rows = Article.objects.filter(archived_at=None, published_revision__isnull=False)
        return list(rows.values_list("published_revision__title", flat=True))


def test_many_files_each_with_its_own_message(
    web: Live,
    new_page: NewPage,
    cast: Cast,
    tmp_path: Path,
    page_errors: list[str],
) -> None:
    (tmp_path / "terms.md").write_text("# Terms\n\nA lemur.")
    (tmp_path / "faq.csv").write_text("question,answer\nWhere?,Here\nWhen?,")
    (tmp_path / "scan.pdf").write_bytes(b"%PDF nothing")
    (tmp_path / "empty.txt").write_text("")
    page = opened(new_page, web, cast.alice, "uploads/")
    page.get_by_label("Files").set_input_files(sorted(tmp_path.iterdir()))
    page.get_by_role("button", name="Upload").click()
    expect(page.get_by_text("empty.txt is empty.")).to_be_visible()
    page_errors.clear()
    expect(page.locator("#uploads tbody tr")).to_have_count(3)
    work(cast.workspace.id)
    expect(page.get_by_text("has no answer")).to_be_visible()
    expect(page.get_by_text("is no readable PDF")).to_be_visible()
    expect(page.get_by_text("imported", exact=True)).to_have_count(2)
    accessible(page)
