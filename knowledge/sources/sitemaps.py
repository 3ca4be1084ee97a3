"""The addresses that a site's sitemaps name: the one that was given, else those of robots.txt."""

from urllib.parse import urlsplit

from accounts.scope import workspace_scope
from knowledge.fetching.errors import FetchError
from knowledge.fetching.places import joined, place_of
from knowledge.parsing.document import ParseError, Sitemap
from knowledge.sources import runs
from knowledge.sources.runs import SourceFailed
from knowledge.sources.visiting import Visit

MOST_SITEMAPS = 50
LARGEST = 50_000_000  # bytes


def addresses(visit: Visit, *, most: int) -> list[str]:
    """In canonical form, in order, one more than `most` at most. Raises SourceFailed.

    A sitemap below another one that cannot be read makes the run incomplete.
    """
    first = _first(visit)
    waiting, seen = list(first), set(first)
    found: dict[str, None] = {}
    while waiting and len(found) <= most:
        url = waiting.pop(0)
        try:
            sitemap = _read(visit, url)
        except (FetchError, ParseError) as error:
            if url in first:
                raise SourceFailed(f"{url}: {error}") from None
            with workspace_scope(visit.source.workspace_id):
                runs.note(visit.source, incomplete=True)
            continue
        found |= dict.fromkeys(one for one in (joined(url, page) for page in sitemap.pages) if one)
        further = [one for one in (joined(url, page) for page in sitemap.sitemaps) if one]
        for one in further:
            if one not in seen and len(seen) < MOST_SITEMAPS:
                seen.add(one)
                waiting.append(one)
    return list(found)[: most + 1]


def _first(visit: Visit) -> list[str]:
    start = visit.source.location
    rules = visit.rules(start)
    if urlsplit(start).path.lower().endswith((".xml", ".xml.gz", ".txt")):
        return [start]
    named = [one for one in (joined(start, url) for url in rules.sitemaps) if one]
    return named or [f"{place_of(start).origin}/sitemap.xml"]


def _read(visit: Visit, url: str) -> Sitemap:
    place = place_of(url)
    visit.tools.wait(place.host, visit.rules(url).delay_s)
    answer = visit.follow(url, largest=LARGEST)
    if answer.status != 200:
        raise FetchError(f"the server says {answer.status}")
    return visit.reader.sitemap(visit.file("sitemap", answer.body))
