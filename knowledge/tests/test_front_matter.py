"""Front matter: what it gives, and that what is wrong with it costs nothing else."""

import pytest

from knowledge.parsing import front
from knowledge.parsing.formats import markdown

WHOLE = """---
title: "Keys: lost ones"
tags: [Billing, 'late fees', Billing]
language: de
audience: signed-in
url: https://example.com/keys
authors:
  - Erin
---
# A heading

Text.
"""


def test_title_tags_language_readers_and_address_are_read() -> None:
    found = markdown(WHOLE.encode())
    assert (found.title, found.tags) == ("Keys: lost ones", ("Billing", "late fees"))
    assert found.fields == {
        "lang": "de",
        "audience": "signed_in",
        "url": "https://example.com/keys",
    }
    assert found.text == "# A heading\n\nText.\n" and found.notes == ()


@pytest.mark.parametrize("said", ["tags: a, b", "tags:\n- a\n- b", "keywords:\n  - a\n  - 'b'"])
def test_tags_are_written_in_many_ways(said: str) -> None:
    assert front.split(f"---\n{said}\n---\nText.")[0].tags == ["a", "b"]


@pytest.mark.parametrize(
    ("said", "note", "fields"),
    [
        ("lang: German!", "names a language", {}),
        ("audience: publik", "members alone", {"audience": "internal"}),
        ("url: javascript:x", "names an address", {}),
        ("what is this\ntitle: x", "line 2 of its front matter", {"title": "x"}),
    ],
)
def test_what_cannot_be_used_is_told_and_opens_nothing(
    said: str, note: str, fields: dict[str, str]
) -> None:
    found, text = front.split(f"---\n{said}\n---\nText.")
    assert note in found.notes[0] and found.fields == fields and text == "Text."


def test_text_between_rules_and_front_matter_without_end_stay_text() -> None:
    for text in ("---\n\nA text.\n\n---\n\nMore.", "---\ntitle: x\n\nNo end."):
        assert front.split(text)[1] == text
    assert "has no end" in front.split("---\ntitle: x\n\nNo end.")[0].notes[0]
