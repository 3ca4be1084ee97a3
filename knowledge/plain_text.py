"""Markdown as words alone, for one line of a list or a summary: no marks, no addresses."""

from collections.abc import Iterable, Iterator
from html import unescape

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token

_parser = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
_BREAKS = {"softbreak", "hardbreak", "html_inline"}


def plain_text(markdown_text: str) -> str:
    """What a reader sees of it, its blocks on lines of their own. HTML tags are left out."""
    return "\n".join(filter(None, map(_words, _parser.parse(markdown_text))))


def _words(token: Token) -> str:
    if token.type in {"fence", "code_block"}:
        return token.content.strip()
    if token.type == "html_block":
        return " ".join(unescape(nh3.clean(token.content, tags=set())).split())
    if token.type != "inline":
        return ""
    return " ".join("".join(_pieces(token.children or [])).split())


def _pieces(children: Iterable[Token]) -> Iterator[str]:
    for one in children:
        if one.type in {"text", "code_inline", "text_special"}:
            yield one.content
        elif one.type == "image":
            yield one.content  # the words that stand for the picture
        elif one.type in _BREAKS:
            yield " "
