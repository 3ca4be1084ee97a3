"""A web site as a source: found, read, read again, retired; politely, and to the end."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from accounts.scope import workspace_scope
from knowledge.models import Article, PageState, Source, SourcePage, SourceState
from knowledge.retrieval import Filters, View, search
from knowledge.sources import keeping, steps
from knowledge.sources.keeping import Wanted
from knowledge.sources.settings import SiteSettings
from knowledge.tests import sites
from knowledge.tests.sites import HOST, Answer, Site, html
from knowledge.tests.worker import claimed, work
from outbox.models import JobState, OutboxJob
from tests.cast import Cast

pytestmark = pytest.mark.usefixtures("fake_model")
START = f"http://{HOST}/"


@pytest.fixture
def site() -> Iterator[Site]:
    with sites.served() as found:
        found.pages = {
            "/": html("Help", "Ask a badger", "/returns", "/shipping#top", "/private/x"),
            "/returns": html("Returns", "Bring the giraffe back", "/", "/deep"),
            "/shipping": html("Shipping", "A walrus carries it", "https://else.example/"),
            "/deep": html("Deep", "An ocelot pays", "/deeper"),
            "/deeper": html("Deeper", "A lemur sleeps"),
            "/robots.txt": Answer("User-agent: *\nDisallow: /private", kind="text/plain"),
        }
        yield found


def add(cast: Cast, **more: Any) -> Source:
    address, every = more.pop("address", START), more.pop("every_hours", 0)
    wanted = Wanted("site", "Help", address, SiteSettings(**more), every)
    return keeping.add(cast.alice, wanted)


def again(cast: Cast, source: Source, site: Site) -> Source:
    site.asked.clear()
    assert keeping.run_now(cast.alice, source.id)
    return run(cast, source, site)


def step(cast: Cast, site: Site, step_s: float = 60.0) -> bool:
    """One step of whatever waits; False if nothing does."""
    with workspace_scope(cast.workspace.id):
        job = OutboxJob.objects.filter(state=JobState.READY, kind="sync_source").first()
    if job is None:
        return False
    steps.step(claimed(cast.workspace.id, job.id), site.tools(step_s))
    return True


def run(cast: Cast, source: Source, site: Site, step_s: float = 60.0) -> Source:
    while step(cast, site, step_s):
        pass
    work(cast.workspace.id)
    return row(cast, source)


def row(cast: Cast, source: Source) -> Source:
    with workspace_scope(cast.workspace.id):
        return Source.objects.get(id=source.id)


def found(cast: Cast, words: str) -> list[str]:
    views = [View(words, None)]
    return [one.doc_id for one in search(cast.workspace.id, views=views, filters=Filters())]


def problems(cast: Cast) -> dict[str, tuple[str, str]]:
    with workspace_scope(cast.workspace.id):
        rows = SourcePage.objects.exclude(state=PageState.DONE)
        return {page.address: (page.state, page.problem) for page in rows}


def test_a_crawl_makes_each_page_an_article_that_is_found(cast: Cast, site: Site) -> None:
    source = run(cast, add(cast), site)
    assert (source.state, source.message) == (SourceState.IDLE, "")
    assert source.counts == {"new": 5, "skipped": 1}
    assert found(cast, "giraffe") == [f"{START}returns"]
    with workspace_scope(cast.workspace.id):
        article = Article.objects.get(external_id=f"{START}returns")
        text = article.revisions.get().text
    assert (article.title, article.lang, article.url) == ("Returns", "en", f"{START}returns")
    assert "giraffe" in text and "Imprint" not in text and "/deep" not in text
    assert problems(cast) == {f"{START}private/x": ("skipped", "robots.txt does not allow it")}
    assert "/private/x" not in site.paths and len(site.paths) == len(set(site.paths)) == 5


def test_the_second_run_asks_conditionally_and_changes_what_changed(cast: Cast, site: Site) -> None:
    for path in ("/", "/shipping"):
        site.pages[path].headers["ETag"] = f'"{path}"'
    source = run(cast, add(cast), site)
    site.pages["/returns"] = html("Returns", "Bring the zebra back", "/deep")
    del site.pages["/deeper"]
    source = again(cast, source, site)
    assert source.counts == {"unchanged": 3, "changed": 1, "skipped": 1, "retired": 1}
    asked = dict(site.asked)
    assert asked["/shipping"]["if-none-match"] == '"/shipping"'
    assert (found(cast, "giraffe"), found(cast, "zebra")) == ([], [f"{START}returns"])
    assert found(cast, "lemur") == []
    site.pages["/deeper"] = html("Deeper", "A lemur sleeps")
    assert again(cast, source, site).counts["new"] == 1
    assert found(cast, "lemur") == [f"{START}deeper"]


def test_a_page_that_nothing_leads_to_any_more_is_retired(cast: Cast, site: Site) -> None:
    source = run(cast, add(cast), site)
    site.pages["/returns"] = html("Returns", "Bring the giraffe back")
    source = again(cast, source, site)
    assert source.counts["retired"] == 2 and found(cast, "ocelot") == []
    assert problems(cast)[f"{START}deep"] == ("gone", "is not there any more")


def test_a_server_that_fails_retires_nothing(cast: Cast, site: Site) -> None:
    source = run(cast, add(cast), site)
    site.pages["/returns"] = Answer("down", 503)
    source = again(cast, source, site)
    assert site.paths.count("/returns") == 3 and ("help.shop.example", 2.0) in site.waits
    assert "retired" not in source.counts and source.counts["failed"] == 1
    assert found(cast, "giraffe") and found(cast, "ocelot")  # what it led to is visited, too
    site.pages = {"/": Answer("down", 500)}
    source = again(cast, source, site)
    assert "No page could be read" in source.message and found(cast, "ocelot")


def test_robots_that_cannot_be_read_close_the_site(cast: Cast, site: Site) -> None:
    site.pages["/robots.txt"] = Answer("", 500)
    source = run(cast, add(cast), site)
    assert "nothing of the site may be read" in source.message and site.paths == []


def test_crawl_delay_and_one_second_are_kept(cast: Cast, site: Site) -> None:
    site.pages["/robots.txt"] = Answer("User-agent: *\nCrawl-delay: 7", kind="text/plain")
    run(cast, add(cast), site)
    assert set(site.waits) == {(HOST, 7.0)} and len(site.waits) == 6


def test_limits_on_depth_number_and_path(cast: Cast, site: Site) -> None:
    source = run(cast, add(cast, deepest=1), site)
    assert sorted(site.paths) == ["/", "/returns", "/shipping"]
    site.asked.clear()
    wanted = Wanted("site", "Help", START, SiteSettings(most_pages=2))
    keeping.change(cast.alice, source.id, wanted)
    source = again(cast, source, site)
    assert len(site.paths) == 2 and "more pages than the limit" in source.message
    assert found(cast, "walrus")  # it lies beyond the limit, and may be there all the same


def test_a_path_keeps_the_crawl_inside(cast: Cast, site: Site) -> None:
    run(cast, add(cast, inside="/ret"), site)
    assert sorted(site.paths) == ["/", "/returns"]


def test_a_canonical_address_is_the_articles_and_twins_are_told(cast: Cast, site: Site) -> None:
    head = '<link rel="canonical" href="/one">'
    site.pages = {
        "/": html("Help", "A badger", "/a", "/b", "/c"),
        "/a": html("One", "A giraffe", head=head),
        "/b": html("One", "A giraffe", head=head),
        "/c": html("Not me", "A newt", head='<meta name="robots" content="noindex">'),
    }
    run(cast, add(cast), site)
    assert found(cast, "giraffe") == [f"{START}one"] and found(cast, "newt") == []
    assert problems(cast) == {
        f"{START}b": ("skipped", f"is the same page as {START}a"),
        f"{START}c": ("skipped", "asks not to be indexed"),
    }


def test_a_redirect_is_visited_for_itself_within_the_site_alone(cast: Cast, site: Site) -> None:
    site.pages["/returns"] = Answer(status=301, headers={"Location": "/back"})
    site.pages["/shipping"] = Answer(status=302, headers={"Location": "http://169.254.169.254/"})
    site.pages["/back"] = html("Back", "A giraffe")
    run(cast, add(cast), site)
    assert found(cast, "giraffe") == [f"{START}back"]
    assert problems(cast)[f"{START}shipping"] == ("skipped", "leads to http://169.254.169.254/")
    assert {address for address, _ in site.connected} == {sites.PUBLIC_IP}


def test_a_site_in_a_private_network_is_never_connected_to(cast: Cast, site: Site) -> None:
    site.names[HOST] = ["10.0.0.7"]
    source = run(cast, add(cast), site)
    assert "the server's address is not public" in source.message
    assert site.connected == [] and source.state == SourceState.IDLE


def test_a_sitemap_of_sitemaps_is_read(cast: Cast, site: Site) -> None:
    entry = "<url><loc>http://help.shop.example{}</loc></url>"
    site.pages["/robots.txt"] = Answer(f"Sitemap: {START}all.xml", kind="text/plain")
    site.pages["/all.xml"] = Answer(
        f"<sitemapindex><sitemap><loc>{START}some.xml</loc></sitemap></sitemapindex>"
    )
    urls = "".join(entry.format(path) for path in ("/returns", "/shipping", "/nowhere"))
    site.pages["/some.xml"] = Answer(
        f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{urls}'
        "<url><loc>https://else.example/</loc></url></urlset>"
    )
    source = run(cast, add(cast, follow="sitemap"), site)
    assert source.counts == {"new": 2}
    assert problems(cast) == {f"{START}nowhere": ("gone", "the server says 404")}
    site.pages["/some.xml"] = Answer(f"<urlset>{entry.format('/returns')}</urlset>")
    assert again(cast, source, site).counts == {"unchanged": 1, "retired": 1}
    assert found(cast, "walrus") == []


@pytest.mark.parametrize(
    ("sitemap", "said"),
    [
        ("<!DOCTYPE a [<!ENTITY b 'c'>]><urlset><url><loc>&b;</loc></url></urlset>", "entities"),
        ("<urlset><url>", "no readable XML"),
        ("<html></html>", "is no sitemap"),
        ("words", "is no sitemap"),
        ("<urlset></urlset>", "names no page of this site"),
    ],
)
def test_a_broken_sitemap_ends_the_run_and_retires_nothing(
    cast: Cast, site: Site, sitemap: str, said: str
) -> None:
    site.pages["/s.xml"] = Answer(f"<urlset><url><loc>{START}returns</loc></url></urlset>")
    source = run(cast, add(cast, follow="sitemap", address=f"{START}s.xml"), site)
    site.pages["/s.xml"] = Answer(sitemap)
    assert said in again(cast, source, site).message
    assert found(cast, "giraffe")


def test_pages_that_cannot_be_read_are_told_and_the_rest_go_on(cast: Cast, site: Site) -> None:
    site.pages["/returns"] = Answer(b"\x89PNG", kind="image/png")
    site.pages["/shipping"] = Answer("<html><body></body></html>")
    site.pages["/"] = html("Help", "A badger", "/returns", "/shipping", "/terms", "/locked")
    site.pages["/terms"] = Answer("# Terms\n\nA lemur.", kind="text/markdown")
    site.pages["/locked"] = Answer("", 403)
    source = run(cast, add(cast), site)
    assert source.counts == {"new": 2, "failed": 3} and found(cast, "lemur") == [f"{START}terms"]
    said = {address: problem for address, (_, problem) in problems(cast).items()}
    assert said[f"{START}returns"] == "is no page of text (image/png)"
    assert said[f"{START}shipping"] == "has no text"
    assert said[f"{START}locked"] == "the server says 403"


def test_a_run_that_is_killed_goes_on_where_it_was(cast: Cast, site: Site) -> None:
    source = add(cast)
    answers = dict(site.pages)
    del site.pages["/robots.txt"]

    class Killed(BaseException):
        pass

    def waits(host: str, wait_s: float) -> None:
        if len(site.paths) == 2:
            raise Killed

    with workspace_scope(cast.workspace.id):
        job = OutboxJob.objects.get(kind="sync_source")
    tools = replace(site.tools(), wait=waits)
    with pytest.raises(Killed):
        steps.step(claimed(cast.workspace.id, job.id), tools)
    with workspace_scope(cast.workspace.id):
        OutboxJob.objects.filter(id=job.id).update(locked_until=None)
    site.pages = answers
    source = run(cast, source, site)
    assert source.counts["new"] == 5 and len(site.paths) == len(set(site.paths))


def test_a_run_in_many_steps_is_the_same_run(cast: Cast, site: Site) -> None:
    source = run(cast, add(cast), site, step_s=0.01)
    with workspace_scope(cast.workspace.id):
        assert OutboxJob.objects.filter(kind="sync_source").count() > 2
    assert source.counts == {"new": 5, "skipped": 1}


def test_a_paused_run_ends_and_a_late_step_changes_nothing(cast: Cast, site: Site) -> None:
    source = add(cast)
    step(cast, site, step_s=0.0)
    keeping.pause(cast.alice, source.id)
    keeping.pause(cast.alice, source.id)
    source = run(cast, source, site)
    assert (source.state, source.counts) == (SourceState.PAUSED, {})
    assert not keeping.run_now(cast.alice, source.id)
    keeping.go_on(cast.alice, source.id)
    assert run(cast, source, site).counts["new"] == 5


def test_an_article_that_was_archived_by_hand_stays_so_until_its_page_changes(
    cast: Cast, site: Site
) -> None:
    from knowledge import articles

    source = run(cast, add(cast), site)
    articles.archive(cast.workspace.id, f"{START}returns")
    source = again(cast, source, site)
    assert found(cast, "giraffe") == [] and source.counts["unchanged"] == 5
    site.pages["/returns"] = html("Returns", "Bring the zebra back", "/deep")
    again(cast, source, site)
    assert found(cast, "zebra") == [f"{START}returns"]


def test_a_schedule_begins_the_next_run_once(cast: Cast, site: Site) -> None:
    source = run(cast, add(cast, every_hours=24), site)
    assert source.next_at is not None
    wanted = Wanted("site", "Help", START, SiteSettings(), 6)
    keeping.change(cast.alice, source.id, wanted)
    with workspace_scope(cast.workspace.id):
        due = list(OutboxJob.objects.filter(kind="run_source").order_by("created_at"))
        OutboxJob.objects.filter(kind="run_source").update(available_at=source.created_at)
    assert len(due) == 2  # the first one's appointment is off
    from knowledge import tasks

    tasks.run_source(claimed(cast.workspace.id, due[0].id))
    assert row(cast, source).state == SourceState.IDLE
    tasks.run_source(claimed(cast.workspace.id, due[1].id))
    assert row(cast, source).state == SourceState.RUNNING
    site.asked.clear()
    assert run(cast, source, site).counts["unchanged"] == 5
