"""One step of a web site: find where to begin, visit pages in turn, and at the end retire.

Polite: robots.txt, at most one request a second to a host, conditional requests, limits on depth
and number. A page's article is known by its canonical address. Redirects are pages of their own:
the target is visited for itself if it belongs to the site.
"""

import time
from urllib.parse import urlsplit

from accounts.scope import workspace_scope
from knowledge.fetching import web
from knowledge.fetching.errors import FetchError, Refused
from knowledge.fetching.places import joined, place_of
from knowledge.models import Article, Source, SourcePage
from knowledge.parsing.document import Broken, Document, ParseError
from knowledge.sources import pages, runs, sitemaps
from knowledge.sources.pages import Kept
from knowledge.sources.runs import Ended, SourceFailed
from knowledge.sources.settings import SiteSettings
from knowledge.sources.visiting import Tools, Visit, visiting

MOST_TRIES = 3
MOST_FAILURES = 20  # one after the other: then the site is down
SUFFIXES = {
    "text/html": ".html",
    "application/xhtml+xml": ".html",
    "text/markdown": ".md",
    "text/plain": ".txt",
    "application/pdf": ".pdf",
}
ACCEPT = "text/html,application/xhtml+xml,text/markdown,text/plain,application/pdf;q=0.8"


def advance(source: Source, tools: Tools) -> Ended | None:
    """Visit pages until the step's time is over; Ended when none waits. Raises SourceFailed."""
    settings = SiteSettings.from_json(source.settings)
    until = time.monotonic() + tools.step_s
    with visiting(source, tools) as visit:
        if "seeded" not in source.progress:
            _begin(visit, settings)
        while time.monotonic() < until:
            with workspace_scope(source.workspace_id):
                page = pages.next_waiting(source)
            if page is None:
                return _end(source)
            _visit(visit, settings, page)
    return None


def in_site(source: Source, settings: SiteSettings, address: str) -> bool:
    """Whether an address belongs to the site: its host, with or without www, below its path."""
    host, start = (urlsplit(one).hostname or "" for one in (address, source.location))
    if host.removeprefix("www.") != start.removeprefix("www."):
        return False
    return address == source.location or urlsplit(address).path.startswith(settings.inside)


def _begin(visit: Visit, settings: SiteSettings) -> None:
    source = visit.source
    if settings.follow == "sitemap":
        found = sitemaps.addresses(visit, most=settings.most_pages)
        wanted = [one for one in found if in_site(source, settings, one)]
        if not wanted:
            raise SourceFailed("The sitemap names no page of this site.")
    else:
        visit.rules(source.location)
        wanted = [source.location]
    with workspace_scope(source.workspace_id):
        runs.note(source, seeded=True)
        pages.remember(source, wanted, depth=0, most=settings.most_pages)


def _visit(visit: Visit, settings: SiteSettings, page: SourcePage) -> None:
    """Ask for one page and write down what became of it."""
    source, address = visit.source, page.address
    if not visit.rules(address).allow(place_of(address).target):
        with workspace_scope(source.workspace_id):
            pages.skip(source, page, "robots.txt does not allow it")
        return
    try:
        with workspace_scope(source.workspace_id):
            headers = {"Accept": ACCEPT} | _conditions(page)
        response = visit.get(address, headers=headers)
    except Refused as error:
        with workspace_scope(source.workspace_id):
            pages.failed(source, page, str(error))
        return
    except FetchError as error:
        _not_had(visit, settings, page, str(error))
        return
    if response.status == 429 or response.status >= 500:
        visit.slow_down(address, response.headers.get("retry-after", ""))
        _not_had(visit, settings, page, f"the server says {response.status}")
        return
    if source.progress.get("failing"):
        with workspace_scope(source.workspace_id):
            runs.note(source, failing=0)
    _had(visit, settings, page, response)


def _conditions(page: SourcePage) -> dict[str, str]:
    """Only while the article is as the page made it: else the page is wanted again."""
    if not page.doc_id or not Article.objects.filter(external_id=page.doc_id).exists():
        return {}
    given = {"If-None-Match": page.etag, "If-Modified-Since": page.last_modified}
    return {name: value for name, value in given.items() if value and value.isascii()}


def _not_had(visit: Visit, settings: SiteSettings, page: SourcePage, reason: str) -> None:
    """Once more later, else the page failed; what it led to before is visited all the same."""
    source = visit.source
    failing = source.progress.get("failing", 0) + 1
    with workspace_scope(source.workspace_id):
        runs.note(source, failing=failing)
        if page.tries + 1 < MOST_TRIES:
            pages.try_again(page, reason)
        else:
            pages.failed(source, page, reason)
            _lead_on(visit, settings, page, page.links)
    if failing >= MOST_FAILURES:
        raise SourceFailed(f"The site does not answer: {reason}.")


def _had(visit: Visit, settings: SiteSettings, page: SourcePage, response: web.Response) -> None:
    source = visit.source
    if response.status == 200:
        _read(visit, settings, page, response)
        return
    with workspace_scope(source.workspace_id):
        if response.status == 304 and page.doc_id:
            pages.unchanged(source, page)
            _lead_on(visit, settings, page, page.links)
        elif response.location:
            target = joined(page.address, response.location)
            pages.skip(source, page, f"leads to {target or 'an address that is not read'}")
            if target:
                _lead_on(visit, settings, page, [target], deeper=0)
        elif response.status in {404, 410}:
            pages.gone(source, page, f"the server says {response.status}")
        else:
            pages.failed(source, page, f"the server says {response.status}")


def _read(visit: Visit, settings: SiteSettings, page: SourcePage, response: web.Response) -> None:
    """A page of its own content: to the parser, then to its article."""
    source = visit.source
    suffix = SUFFIXES.get(response.kind)
    try:
        if suffix is None:
            raise ParseError(f"is no page of text ({response.kind[:50] or 'no type'})")
        if suffix == ".html":
            document, links, indexed = _web_page(visit, settings, page, response)
        else:
            document, links, indexed = _other(visit, settings, page, response, suffix), [], True
    except ParseError as error:
        with workspace_scope(source.workspace_id):
            pages.failed(source, page, str(error))
        return
    kept = Kept(response.headers.get("etag", ""), response.headers.get("last-modified", ""), links)
    with workspace_scope(source.workspace_id):
        if indexed:
            pages.save(source, page, document, kept)
        else:
            page.links = links
            pages.skip(source, page, "asks not to be indexed")
        _lead_on(visit, settings, page, links)


def _web_page(
    visit: Visit, settings: SiteSettings, page: SourcePage, response: web.Response
) -> tuple[Document, list[str], bool]:
    path = visit.file("page.html", response.body)
    charset = response.headers.get("content-type", "").partition("charset=")[2].strip(" \"';")
    found = visit.reader.web_page(path, url=page.address, charset=charset[:40])
    own = joined(page.address, found.canonical) if found.canonical else None
    if own is None or not in_site(visit.source, settings, own):
        own = page.address
    document = _document(settings, own, found.title, found.text, lang=found.lang)
    wanted = []
    if settings.follow == "links":
        links = (joined(page.address, link) for link in found.links)
        wanted = [one for one in links if one and in_site(visit.source, settings, one)]
    return document, list(dict.fromkeys(wanted)), found.indexed


def _other(
    visit: Visit,
    settings: SiteSettings,
    page: SourcePage,
    response: web.Response,
    suffix: str,
) -> Document:
    path = visit.file(f"page{suffix}", response.body)
    for one in list(visit.reader.file(path, page.address)):
        if isinstance(one, Broken):
            raise ParseError(one.reason)
        title = "" if one.title == "page" else one.title
        return _document(settings, page.address, title, one.text, text_format=one.text_format)
    raise ParseError("has no text")


def _document(
    settings: SiteSettings,
    address: str,
    title: str,
    text: str,
    *,
    lang: str = "",
    text_format: str = "markdown",
) -> Document:
    last = urlsplit(address).path.rstrip("/").rpartition("/")[2]
    return Document(
        doc_id=pages.identity(address),
        title=(title or last or address)[:500],
        text=text,
        text_format=text_format,
        url=address,
        lang=lang or settings.lang,
        audience=settings.audience,
    )


def _lead_on(
    visit: Visit, settings: SiteSettings, page: SourcePage, links: list[str], deeper: int = 1
) -> None:
    """Have the pages visited that this one leads to, as deep as the settings say."""
    depth = page.depth + deeper
    wanted = [one for one in links if in_site(visit.source, settings, one)]
    if wanted and depth <= settings.deepest:
        pages.remember(visit.source, wanted, depth=depth, most=settings.most_pages)


def _end(source: Source) -> Ended:
    """Everything was visited. Retire what was not come across, unless that may be a mistake."""
    if not any(source.counts.get(name) for name in ("new", "changed", "unchanged")):
        raise SourceFailed("No page could be read, so nothing was retired.")
    if source.progress.get("limited"):
        return Ended("There are more pages than the limit; nothing was retired that lies beyond.")
    if source.progress.get("incomplete"):
        return Ended("A sitemap could not be read, so nothing was retired that it may name.")
    while True:
        with workspace_scope(source.workspace_id):
            if pages.retire_unseen(source):
                return Ended()
