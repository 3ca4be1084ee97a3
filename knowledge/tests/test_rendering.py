"""Articles are foreign text: nothing of them runs, and anchors match citations."""

from html.parser import HTMLParser
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.rendering import TAGS, begins_with, citation_url, render_article, render_html

ATTACKS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<a href='javascript:alert(1)'>x</a>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt&colon;alert(1))",
    "[x](data:text/html,<script>alert(1)</script>)",
    "![x](https://a.example/x.png\" onerror=\"alert(1))",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<div style='background:url(javascript:alert(1))' onclick=alert(1)>x</div>",
    "<form action=/x><input name=csrfmiddlewaretoken><button>go</button></form>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "<base href=https://evil.example/><meta http-equiv=refresh content=0>",
    "<h1 id=content>x</h1><a name=forms>y</a>",
    "`<script>alert(1)</script>`",
    "```\n</code><script>alert(1)</script>\n```",
]  # fmt: skip
MAY = {"href", "title", "rel", "src", "alt", "start", "id"}


class Checker(HTMLParser):
    """Fails on whatever is not on the list."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in TAGS
        for name, value in attrs:
            assert name in MAY
            if name in {"href", "src"}:
                assert str(value).startswith(("https://", "http://", "mailto:"))
            if name == "id":
                assert str(value).startswith("h-")


@pytest.mark.parametrize("attack", ATTACKS)
def test_nothing_of_an_article_runs(attack: str) -> None:
    for page in (render_html(attack), render_article(attack, "markdown")):
        Checker().feed(page)
    Checker().feed(render_article(attack, "text"))


@given(st.text(st.sampled_from("<>\"'=/ []()#`!&;:aosx\n\t-*|"), max_size=120))
@settings(max_examples=200, deadline=None)
def test_no_text_at_all_makes_more_than_the_list(text: str) -> None:
    Checker().feed(render_html(text))
    Checker().feed(render_article(text, "markdown"))


def test_markdown_is_rendered() -> None:
    page = render_html("**Open** [it](https://a.example/x).\n\n1. one\n2. two\n\n|a|\n|-|\n|b|")
    assert "<strong>Open</strong>" in page and "<ol>" in page and "<td>b</td>" in page
    assert 'href="https://a.example/x"' in page and 'rel="noopener nofollow"' in page


def test_plain_text_stays_plain() -> None:
    assert render_article("# a <b>\nc\n\nd", "text") == "<p># a &lt;b&gt;<br>c</p>\n<p>d</p>"


def test_a_citation_leads_to_the_heading_of_its_path() -> None:
    page = render_article(
        "# Guide\n\n## Größe & more\n\nx\n\n# Other\n\n## Größe & more", "markdown"
    )
    url = citation_url("acme", UUID(int=7), ["Guide", "Größe & more"])
    assert url.endswith("#h-guide-gr%C3%B6%C3%9Fe-more")
    assert 'id="h-guide-größe-more"' in page and 'id="h-other-größe-more"' in page
    assert citation_url("acme", UUID(int=7)).endswith(
        "/help/acme/00000000-0000-0000-0000-000000000007/"
    )


def test_a_page_knows_that_its_text_begins_with_the_title() -> None:
    page = render_article("# What's *new* & <b>where</b>?\n\nText.", "markdown")
    assert begins_with(page, "What's new & where?")
    assert not begins_with(page, "What is new?")
    assert not begins_with(render_article("Text.\n\n# Title", "markdown"), "Title")
