"""Hints at sentences that speak of the same and differ."""

import pytest

from learning.contradictions import Hint, hints

BASE = "You may return a blouse within 30 days. Bring the receipt to any of our shops."


@pytest.mark.parametrize(
    ("other", "kinds"),
    [
        ("You may return a blouse within 14 days.", ("numbers",)),
        ("You may return a blouse within fourteen days.", ()),  # not a number that it knows
        ("You may return a blouse within ten days.", ("numbers",)),
        ("You may not return a blouse within 30 days.", ("negation",)),
        ("You can't return a blouse within 60 days.", ("numbers", "negation")),
        ("You may return a blouse within 30 days.", ()),
        ("Our shop in Lisbon opens at 9.", ()),
        ("", ()),
    ],
)
def test_a_sentence_that_differs_is_pointed_out(other: str, kinds: tuple[str, ...]) -> None:
    assert [hint.kinds for hint in hints(BASE, other)] == ([kinds] if kinds else [])


def test_a_hint_names_both_sentences() -> None:
    (found,) = hints(BASE, f"Something else. You may return a blouse within 14 days. {BASE[40:]}")
    assert found == Hint(
        "You may return a blouse within 30 days.",
        "You may return a blouse within 14 days.",
        ("numbers",),
    )


def test_days_are_compared_and_thousands_are_one_number() -> None:
    monday, friday = (f"The shop in Lisbon opens again on {day}." for day in ("Monday", "Friday"))
    assert hints(monday, friday)[0].kinds == ("dates",)
    assert hints("It costs 1,000 euros a year.", "It costs 1000 euros a year.") == []


def test_it_reads_russian() -> None:
    (found,) = hints("Блузку можно вернуть за 30 дней.", "Блузку нельзя вернуть за 14 дней.")
    assert found.kinds == ("numbers", "negation")
