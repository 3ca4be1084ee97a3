"""Article text to safe HTML, and the piece of an article that is shown as an answer.

Articles are foreign text: HTML in them passes an allow-list (nh3), links go to http, https and
mailto alone, images come over https or are pictures of ours (knowledge.pictures). Heading anchors
begin with `h-`, so that no id of an article can stand for something of the page around it.
"""

import re
from collections.abc import Sequence
from html import escape, unescape
from itertools import pairwise
from urllib.parse import quote, urlsplit
from uuid import UUID

import nh3
from django.utils.text import slugify
from markdown_it import MarkdownIt
from markdown_it.token import Token

from knowledge.extent import block_around
from knowledge.passages import plain_heading

__all__ = ["anchor", "begins_with", "block_around", "citation_url", "render_article", "render_html"]

TAGS = frozenset(
    {"a", "abbr", "b", "blockquote", "br", "code", "dd", "del", "dl", "dt", "em", "h1", "h2"}
    | {"h3", "h4", "h5", "h6", "hr", "i", "img", "kbd", "li", "mark", "ol", "p", "pre", "s"}
    | {"samp", "strong", "sub", "sup", "table", "tbody", "td", "th", "thead", "tr", "u", "ul"}
)
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_ATTRIBUTES = {
    "a": {"href", "title"},
    "img": {"src", "alt", "title"},
    "ol": {"start"},
    "abbr": {"title"},
}
_ANCHORED = {**_ATTRIBUTES, **{tag: {"id"} for tag in _HEADINGS}}
_ANCHOR_PREFIX = "h-"
OWN_PICTURE = re.compile(r"/help/[a-z0-9-]{1,60}/pictures/[0-9a-f]{64}\.(?:png|jpg|webp)")

_FIRST_HEADING = re.compile(r"\s*<h1[^>]*>(.*?)</h1>", re.DOTALL)

_parser = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])


def render_html(markdown_text: str) -> str:
    """Sanitised HTML of Markdown, without anchors; for answers."""
    return _clean(_parser.render(markdown_text), _ATTRIBUTES)


def render_article(text: str, text_format: str) -> str:
    """Sanitised HTML of a whole article; each heading carries the anchor of its path."""
    if text_format != "markdown":
        paragraphs = [part for part in text.split("\n\n") if part.strip()]
        return "\n".join(
            f"<p>{escape(part.strip()).replace(chr(10), '<br>')}</p>" for part in paragraphs
        )
    tokens = _parser.parse(text)
    _set_anchors(tokens)
    return _clean(_parser.renderer.render(tokens, _parser.options, {}), _ANCHORED)


def begins_with(page: str, title: str) -> bool:
    """Whether a rendered article's first heading says its title, so that no page says it twice."""
    found = _FIRST_HEADING.match(page)
    return found is not None and unescape(nh3.clean(found[1], tags=set())).strip() == title


def anchor(heading_path: Sequence[str]) -> str:
    """The id of the heading at the end of a path; empty for an article's beginning."""
    slug = slugify(" ".join(heading_path), allow_unicode=True)
    return f"{_ANCHOR_PREFIX}{slug}" if slug else ""


def citation_url(workspace_slug: str, article_id: UUID, heading_path: Sequence[str] = ()) -> str:
    """The path of an article's public page, down to a heading."""
    fragment = anchor(heading_path)
    return f"/help/{workspace_slug}/{article_id}/" + (f"#{quote(fragment)}" if fragment else "")


def _set_anchors(tokens: Sequence[Token]) -> None:
    """Give headings their ids; the first of several equal paths is the one that is linked to."""
    path: list[tuple[int, str]] = []
    used: set[str] = set()
    for token, inline in pairwise(tokens):
        if token.type == "heading_open":
            level = int(token.tag[1])
            path = [one for one in path if one[0] < level]
            path.append((level, plain_heading(inline.content)))
            name = anchor([title for _, title in path])
            if name and name not in used:
                token.attrSet("id", name)
                used.add(name)


def _clean(page: str, attributes: dict[str, set[str]]) -> str:
    return nh3.clean(
        page,
        tags=set(TAGS),
        clean_content_tags={"script", "style", "iframe", "template", "noscript"},
        attributes=attributes,
        attribute_filter=_safe_attribute,
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener nofollow",
    )


def _safe_attribute(tag: str, name: str, value: str) -> str | None:
    """Drop what leads nowhere from another page, or over an open wire."""
    if name == "href":
        return value if urlsplit(value).scheme in {"http", "https", "mailto"} else None
    if name == "src":
        own = OWN_PICTURE.fullmatch(value)
        return value if own or urlsplit(value).scheme == "https" else None
    if name == "id":
        return value if value.startswith(_ANCHOR_PREFIX) else None
    return value
