"""A sentence is shown only if the passage that it cites says it."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatbot.escalation.sentences import SentenceCutter, sentences_of
from chatbot.escalation.verification import Refused, Unsupported, Verifier

RETURNS = (
    "You can return most products within 14 days of delivery. Returns are free of charge in "
    "Germany, but we do not pay for returns from Switzerland. Opened software cannot be returned. "
    "Start the return at https://shop.example.org/returns or write to returns@example.org."
)
SHIPPING = (
    "Standard shipping takes three to five working days and costs 4.90 EUR. Orders above 1,000 EUR "
    "are shipped for free. If the tracking page shows error E-104, call our team."
)
RUSSIAN = "Вернуть товар можно в течение 14 дней после получения. Вскрытые программы не возвращаем."


def passage(title: str, text: str, number: int) -> dict[str, Any]:
    return {
        "passage_id": str(number),
        "article_id": f"00000000-0000-7000-8000-00000000000{number}",
        "title": title,
        "heading_path": ("In short",),
        "url": "",
        "text": text,
    }


EVIDENCE = [
    passage("How do I return a product?", RETURNS, 1),
    passage("How long does shipping take?", SHIPPING, 2),
    passage("Как вернуть товар?", RUSSIAN, 3),
]
HOSTS = {"shop.example.org"}
QUESTION = "Can I return order 4711-2026-88123 (opened 30 days ago) to ACME, and what does it cost?"


@pytest.mark.parametrize("unseen", ["\0", "\x1b[2J", "\ud800", "\u202e", "\u2066", "\x85"])
def test_what_nobody_sees_does_not_pass(unseen: str) -> None:
    """The first ones would fail in the database, after the sentence was shown as a draft."""
    with pytest.raises(Unsupported, match="markup"):
        Verifier(EVIDENCE, QUESTION).check(
            f"You can return most products{unseen} within 14 days [1]."
        )


@pytest.mark.parametrize(
    "sentence",
    [
        "You can return most products within 14 days of delivery [1].",
        "Most products can be returned within fourteen days of delivery [1].",
        "Returns are free of charge in Germany [1].",
        "Opened software cannot be returned. [1]",
        "Write to returns@example.org or start the return at https://shop.example.org/returns [1].",
        "Standard shipping takes 3 to 5 working days and costs 4,90 EUR [2].",
        "Orders above 1000 EUR are shipped for free [2].",
        "If the tracking page shows E-104, call the team [2].",
        "Order 4711-2026-88123: you can return most products within 14 days of delivery [1].",
        "Returns are free in Germany, and shipping costs 4.90 EUR [1][2].",
        "Товар можно вернуть в течение 14 дней после получения [3].",
    ],
)
def test_a_supported_sentence_passes(sentence: str) -> None:
    checked = Verifier(EVIDENCE, QUESTION, hosts=HOSTS).check(sentence)
    assert checked.support >= checked.threshold


@pytest.mark.parametrize(
    "sentence",
    [
        "You can return order 4711-2026-88123 within 14 days of delivery [1].",
        "The parcel takes three days or five until it is with you [2].",
    ],
)
def test_a_true_sentence_that_strays_from_the_words_is_turned_away(sentence: str) -> None:
    """What it costs that few false ones pass: then a person answers."""
    with pytest.raises(Unsupported, match="support"):
        Verifier(EVIDENCE, QUESTION, hosts=HOSTS).check(sentence)


@pytest.mark.parametrize(
    ("sentence", "why"),
    [
        ("You can return most products within 14 days of delivery.", "uncited"),
        ("You can return most products within 14 days of delivery [4].", "unknown_citation"),
        ("You can return most products within 14 days of delivery [0].", "unknown_citation"),
        ("You can return most products within 30 days of delivery [1].", "number"),
        ("You can return most products within thirty days of delivery [1].", "number"),
        ("Orders above 100 EUR are shipped for free [2].", "number"),
        ("Standard shipping takes three to five working days and costs 4.90 EUR [1].", "number"),
        ("Start the return at https://shop.example.net/returns [1].", "foreign_link"),
        ("Start the return at shop.evil.example [1].", "address"),
        ("Write to refunds@example.org to start the return [1].", "address"),
        ("Returns are free of charge in Austria [1].", "name"),
        ("If the tracking page shows error E-105, call our team [2].", "number"),
        ("Write to [EMAIL_7] to start the return [1].", "placeholder"),
        ("Our shop gives every customer a birthday present [1].", "support"),
        ("Yes, you can [1].", "support"),
        ("You cannot return most products within 14 days of delivery [1].", "negation"),
        ("Opened software can be returned [1].", "negation"),
        ("We pay for returns from Switzerland [1].", "negation"),
        ("Вскрытые программы возвращаем [3].", "negation"),
        ("Товар можно вернуть в течение 30 дней после получения [3].", "number"),
    ],
)
def test_an_unsupported_sentence_fails(sentence: str, why: str) -> None:
    with pytest.raises(Unsupported) as caught:
        Verifier(EVIDENCE, QUESTION, hosts=HOSTS).check(sentence)
    assert caught.value.why == why


def test_the_models_own_refusal_is_known() -> None:
    with pytest.raises(Refused):
        Verifier(EVIDENCE, QUESTION, hosts=HOSTS).check("NO_SUPPORTED_ANSWER")


def test_citations_are_numbered_as_the_answer_uses_them() -> None:
    verifier = Verifier(EVIDENCE, QUESTION, hosts=HOSTS)
    first = verifier.check("Orders above 1,000 EUR are shipped for free [2].")
    second = verifier.check("Returns are free of charge in Germany [1, 2].")
    assert first.text == "Orders above 1,000 EUR are shipped for free [1]."
    assert second.text == "Returns are free of charge in Germany [2][1]."
    citations = verifier.citations("acme")
    assert [(citation.number, citation.title) for citation in citations] == [
        (1, "How long does shipping take?"),
        (2, "How do I return a product?"),
    ]
    assert citations[0].quote == "Orders above 1,000 EUR are shipped for free."
    assert citations[0].url.startswith("/help/acme/00000000-0000-7000-8000-000000000002/")


ANSWER = (
    "You can return it within 14 days [1]. Keep the receipt. [2] See e.g. the form at "
    "https://a.example/x.html, please [1][2]! Ask Dr. No [3].\n\n- Write to [EMAIL_1] [2].\n"
    "1. Open Settings [4].\n2. Choose v2.5 [1, 3].\n[PHONE_1] works too [2]"
)


@given(st.lists(st.integers(min_value=1, max_value=40), min_size=1, max_size=80))
def test_sentences_do_not_depend_on_how_the_stream_was_cut(sizes: list[int]) -> None:
    cutter, found, at = SentenceCutter(), [], 0
    for size in sizes:
        found += cutter.feed(ANSWER[at : at + size])
        at += size
    found += cutter.feed(ANSWER[at:])
    assert [*found, cutter.rest()] == sentences_of(ANSWER)


def test_a_sentence_keeps_its_citations() -> None:
    assert sentences_of(ANSWER) == [
        "You can return it within 14 days [1].",
        "Keep the receipt. [2]",
        "See e.g. the form at https://a.example/x.html, please [1][2]!",
        "Ask Dr. No [3].",
        "Write to [EMAIL_1] [2].",
        "Open Settings [4].",
        "Choose v2.5 [1, 3].",
        "[PHONE_1] works too [2]",
    ]
