"""What parsing yields, on both sides of the pipe.

ParseError: the file or row cannot be used; the message is one line for the person importing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

LONGEST_TEXT = 5_000_000  # characters
LONGEST_ID = 300
LONGEST_TITLE = 500
LONGEST_URL = 1_000
AUDIENCES = ("public", "signed_in", "internal")


class ParseError(Exception):
    """Cannot be read; the message says why."""


@dataclass(frozen=True)
class Document:
    """An article as found in a source. text_format: markdown or text. tags: as they stand there."""

    doc_id: str
    title: str
    text: str
    text_format: str = "markdown"
    url: str = ""
    lang: str = "en"
    audience: str = "public"
    tags: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()  # what the file says that could not be used


@dataclass(frozen=True)
class Broken:
    """A file or row that could not be used. doc_id: None when not even that is known."""

    doc_id: str | None
    place: str
    reason: str


@dataclass(frozen=True)
class WebPage:
    """A page as a site shows it. lang: empty where it doesn't say. links: absolute.

    canonical: the address that it names as its own, or empty. indexed: False where it does not
    want to be; then there is no text.
    """

    title: str
    text: str
    lang: str
    canonical: str
    links: list[str]
    indexed: bool


@dataclass(frozen=True)
class Sitemap:
    """Addresses of pages, or of further sitemaps."""

    pages: list[str]
    sitemaps: list[str]


def with_facts(document: Document, given: Mapping[str, str]) -> Document:
    """The document with the url, lang, audience and text_format that are given."""
    return replace(
        document,
        url=given.get("url", document.url),
        lang=given.get("lang", document.lang),
        audience=given.get("audience", document.audience),
        text_format=given.get("text_format", document.text_format),
    )


def checked(document: Document) -> Document:
    """The document, or ParseError where the database could not keep it as it is."""
    for name in ("doc_id", "title", "text", "url", "lang"):
        _storable(name, getattr(document, name))
    if not document.doc_id.strip():
        raise ParseError("doc_id is empty")
    if len(document.doc_id) > LONGEST_ID:
        raise ParseError(f"doc_id is longer than {LONGEST_ID} characters")
    if not document.text.strip():
        raise ParseError("has no text")
    if len(document.text) > LONGEST_TEXT:
        raise ParseError(f"text is longer than {LONGEST_TEXT:,} characters")
    if document.url and (
        urlsplit(document.url).scheme not in {"http", "https"} or len(document.url) > LONGEST_URL
    ):
        raise ParseError("url is not an http or https address of at most 1,000 characters")
    if document.audience not in AUDIENCES:
        raise ParseError(f"audience is none of {', '.join(AUDIENCES)}")
    if len(document.lang) > 12:
        raise ParseError("lang is longer than 12 characters")
    return document


def _storable(name: str, value: str) -> None:
    if "\0" in value:
        raise ParseError(f"{name} contains a NUL character")
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        raise ParseError(f"{name} contains half of a surrogate pair") from None
