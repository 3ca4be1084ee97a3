import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.passages import MOST_CHARACTERS, cut, sentences

ARTICLE = """# Guide

Intro.

## Reset a password

To reset it, do this:

1. Open **Settings**.
2. Click *Reset*.

```sh
# not a heading
reset --now
```

## Prices

| plan | price |
|------|-------|
| free | 0     |

Underlined
----------

Last words.
"""


def test_headings_make_the_path_and_offsets_give_the_text() -> None:
    found = cut(ARTICLE)
    paths = [one.heading_path for one in found]
    assert paths == [
        ("Guide",),
        ("Guide", "Reset a password"),
        ("Guide", "Prices"),
        ("Guide", "Underlined"),
    ]
    reset = ARTICLE[found[1].start : found[1].end]
    assert reset.startswith("## Reset a password") and reset.endswith("```")


def test_a_hash_means_nothing_in_plain_text() -> None:
    assert [one.heading_path for one in cut("# one\n\ntwo", markdown=False)] == [()]


def test_long_paragraphs_are_cut_between_sentences() -> None:
    text = " ".join(f"This is sentence number {i}, e.g. a plain one." for i in range(100))
    found = cut(text)
    assert len(found) > 3
    assert all(text[one.start : one.end].endswith(".") for one in found)
    assert all(text[one.start : one.end].startswith("This") for one in found)


def test_a_word_of_five_thousand_letters_is_cut_all_the_same() -> None:
    found = cut("x" * 5_000)
    assert [one.end - one.start for one in found][:4] == [MOST_CHARACTERS] * 4


def test_abbreviations_and_numbers_end_no_sentence() -> None:
    text = "See Dr. Smith, e.g. on v. 2.5 today. Then pay $3.50 at once! Why? Ok."
    parts = [text[start:end] for start, end in sentences(text, 0, len(text))]
    assert parts[0].endswith("today.")
    assert parts[1:] == ["Then pay $3.50 at once!", "Why?", "Ok."]


MARKS = st.sampled_from(
    [
        "# h",
        "## Заголовок",
        "- item",
        "1. step",
        "```",
        "| a | b |",
        "word. Next",
        "",
        "==",
        "  in",
        "слово",
    ]
)


@given(st.lists(st.one_of(MARKS, st.text(max_size=80)), max_size=60).map("\n".join), st.booleans())
@settings(max_examples=150, deadline=None)
def test_every_word_is_in_one_passage(text: str, markdown: bool) -> None:
    covered = bytearray(len(text))
    last = 0
    for one in cut(text, markdown=markdown):
        assert last <= one.start < one.end <= len(text)
        assert one.end - one.start <= MOST_CHARACTERS
        last = one.end
        covered[one.start : one.end] = b"\1" * (one.end - one.start)
    assert all(covered[match.start()] for match in re.finditer(r"\w", text))


@pytest.mark.parametrize("text", ["", "\n\n", "---", "***\n\n***"])
def test_a_text_without_words_has_no_passage(text: str) -> None:
    assert cut(text) == []
