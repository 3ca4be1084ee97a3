"""Markdown as words alone."""

import pytest

from knowledge.plain_text import plain_text


@pytest.mark.parametrize(
    ("markdown", "words"),
    [
        ("Press **Reset** and *wait*.", "Press Reset and wait."),
        ("See [our page](https://acme.example/a_b) for more.", "See our page for more."),
        ("# Returns\n\n1. Pack it\n2. Send it", "Returns\nPack it\nSend it"),
        ("Use `a_b` or\n\n```\ncode here\n```", "Use a_b or\ncode here"),
        ("![The back of it](x.png) shows it", "The back of it shows it"),
        ("one\ntwo  \nthree", "one two three"),
        ("| a | b |\n|---|---|\n| 1 | 2 |", "a\nb\n1\n2"),
        ("a <b>bold</b> &amp; 2 * 3 * 4", "a bold & 2 * 3 * 4"),
        ("<p>Whole <i>blocks</i> &lt;3</p>", "Whole blocks <3"),
        ("~~old~~ new", "old new"),
        ("5 \\* 4", "5 * 4"),
        ("", ""),
    ],
)
def test_a_reader_s_words_are_left_and_the_marks_are_not(markdown: str, words: str) -> None:
    assert " ".join(plain_text(markdown).split()) == " ".join(words.split())
    if "<" not in markdown:
        assert plain_text(markdown) == words
