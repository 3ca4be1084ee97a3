"""A web page to its article and its links; a sitemap to its addresses. Runs in the child.

Where a page marks its main content (main, role=main, one article), that is taken with its lists
and tables; only elsewhere trafilatura guesses: on short help pages it takes menus for text.
"""

import gzip
import io
import re
from urllib.parse import urljoin

from bs4 import BeautifulSoup, Tag

from knowledge.parsing.document import ParseError, Sitemap, WebPage
from knowledge.parsing.formats import DROPPED, as_markdown

LEAST_TEXT = 40  # characters of a main part that is believed
MOST_LINKS = 1_000
MOST_ADDRESSES = 50_000  # of one sitemap, as its standard says
LARGEST_SITEMAP = 50_000_000  # bytes, unpacked
PERMALINKS = "a.headerlink, a.anchor, a.anchorjs-link, a.hash-link, a.permalink"
NOT_SHOWN = "[hidden], [aria-hidden=true], .visually-hidden, .sr-only"


def web_page(data: bytes, url: str, charset: str) -> WebPage:
    """Raises ParseError where there is no text."""
    page = BeautifulSoup(data, "lxml", from_encoding=charset or None)
    base = page.find("base", href=True)
    start = urljoin(url, str(base["href"])) if isinstance(base, Tag) else url
    orders = _orders(page)
    links = [] if "nofollow" in orders else _links(page, start)
    found = WebPage(
        title=_title(page),
        text="",
        lang=_lang(page),
        canonical=_canonical(page, start),
        links=links,
        indexed="noindex" not in orders,
    )
    if not found.indexed:
        return found
    text = _text(page, data, url, start)
    if not text.strip():
        raise ParseError("has no text")
    return WebPage(**{**found.__dict__, "text": text})


def _orders(page: BeautifulSoup) -> set[str]:
    """What the page says to robots."""
    tags = page.find_all("meta", attrs={"name": re.compile(r"^robots$", re.I)})
    words = {word for tag in tags for word in re.split(r"[,\s]+", str(tag.get("content")).lower())}
    return words | ({"noindex", "nofollow"} if "none" in words else set())


def _title(page: BeautifulSoup) -> str:
    heads = page.find_all("h1")
    if len(heads) == 1:
        for mark in heads[0].select(PERMALINKS):
            mark.decompose()
        if title := " ".join(heads[0].get_text(" ", strip=True).split()):
            return title
    return " ".join(page.title.get_text(" ", strip=True).split()) if page.title else ""


def _lang(page: BeautifulSoup) -> str:
    root = page.find("html")
    lang = str(root.get("lang") or "") if isinstance(root, Tag) else ""
    found = re.match(r"[A-Za-z]{2,3}(?=$|[-_])", lang)
    return found[0].lower() if found else ""


def _canonical(page: BeautifulSoup, start: str) -> str:
    link = page.find("link", rel="canonical", href=True)
    return urljoin(start, str(link["href"])) if isinstance(link, Tag) else ""


def _links(page: BeautifulSoup, start: str) -> list[str]:
    found: dict[str, None] = {}
    for link in page.find_all("a", href=True):
        if "nofollow" not in (link.get("rel") or []):
            found[_absolute(start, str(link["href"]))] = None
            if len(found) == MOST_LINKS:
                break
    return [link for link in found if link]


def _absolute(start: str, link: str) -> str:
    try:
        return urljoin(start, link.strip())
    except ValueError:
        return ""


def _text(page: BeautifulSoup, data: bytes, url: str, start: str) -> str:
    for element in page.find_all(DROPPED.split()):
        if element.name != "header" or element.find_parent(("main", "article")) is None:
            element.decompose()
    for element in page.select(f"{PERMALINKS}, {NOT_SHOWN}"):
        element.decompose()
    for link in page.find_all("a", href=True):
        link["href"] = _absolute(start, str(link["href"]))
    marked = _marked(page)
    if marked is not None and len(marked.get_text(strip=True)) >= LEAST_TEXT:
        return as_markdown(str(marked))
    return _guessed(data, url) or as_markdown(str(marked or page.body or page))


def _marked(page: BeautifulSoup) -> Tag | None:
    for found in (page.find_all("main"), page.select("[role=main]"), page.find_all("article")):
        if len(found) == 1:
            return found[0]
    return None


def _guessed(data: bytes, url: str) -> str:
    import trafilatura

    text = trafilatura.extract(
        data,
        url=url,
        output_format="markdown",
        include_comments=False,
        include_formatting=True,
        include_links=True,
        include_tables=True,
        favor_precision=True,
    )
    return f"{text}\n" if text else ""


def sitemap(data: bytes) -> Sitemap:
    """XML with pages or further sitemaps, packed or not, or plain lines."""
    if data[:2] == b"\x1f\x8b":
        with gzip.open(io.BytesIO(data)) as packed:
            data = packed.read(LARGEST_SITEMAP + 1)
    if len(data) > LARGEST_SITEMAP:
        raise ParseError(f"is larger than {LARGEST_SITEMAP:,} bytes")
    if not data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        lines = data.decode("utf-8", errors="replace").split()
        pages = [line for line in lines if line.startswith(("http://", "https://"))]
        if not pages:
            raise ParseError("is no sitemap")
        return Sitemap(pages[:MOST_ADDRESSES], [])
    return _of_xml(data)


def _of_xml(data: bytes) -> Sitemap:
    from xml.etree.ElementTree import ParseError as XmlError

    from defusedxml import ElementTree
    from defusedxml.common import DefusedXmlException

    try:
        root = ElementTree.fromstring(data, forbid_dtd=True)
    except DefusedXmlException:
        raise ParseError("is XML with entities or a DTD: refused") from None
    except XmlError:
        raise ParseError("is no readable XML") from None
    kind = root.tag.rpartition("}")[2]
    if kind not in {"urlset", "sitemapindex"}:
        raise ParseError("is no sitemap")
    places = [
        (inner.text or "").strip()
        for entry in root
        for inner in entry
        if inner.tag.rpartition("}")[2] == "loc" and inner.text
    ][:MOST_ADDRESSES]
    return Sitemap(places, []) if kind == "urlset" else Sitemap([], places)
