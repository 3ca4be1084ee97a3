"""The figures are those of SQuAD 2.0: no answer is right where there is none."""

import math
from collections.abc import Sequence

from benchmarks.reading_figures import (
    Read,
    differences,
    figures,
    help_metrics,
    page_metrics,
    squad2_metrics,
)
from benchmarks.reading_quality import in_page
from inference.reader import Reader, ReaderPassage, Reading

PAGE = """# Parcels

Parcels leave on the same day. They take two days. Islands take longer.

# Returns

Returns are free for thirty days.
"""


class Pointing(Reader):
    """Points at the first of some words that a passage holds, with their margin."""

    def __init__(self, margins: dict[str, float]) -> None:
        self.margins = margins

    def read(self, question: str, passages: Sequence[ReaderPassage]) -> list[Reading]:
        return [self._pointed(one.text) for one in passages]

    def _pointed(self, text: str) -> Reading:
        for words, margin in self.margins.items():
            if (start := text.find(words)) >= 0:
                return Reading(0.5, start, start + len(words), margin, 0.0)
        return Reading(0.5, None, None, -20.0, 0.0)


def test_a_perfect_margin_tells_what_has_no_answer() -> None:
    found = [
        Read(f"p{number}", number % 2 == 0, 5.0 if number % 2 == 0 else -5.0, 0.8)
        for number in range(40)
    ]
    table = figures(squad2_metrics, found)
    assert table["unanswerable recognised"].value == 1.0
    assert abs(table["F1"].value - 0.9) < 1e-9  # half .8, half 1
    assert table["F1 of answerable, answered"].count == 20


def test_a_margin_that_says_nothing_costs_what_is_not_answered() -> None:
    found = [Read(f"p{number}", number % 4 == 0, float(number % 3), 0.5) for number in range(48)]
    assert figures(squad2_metrics, found)["F1"].value <= 0.76  # three of four without an answer


def test_questions_of_one_half_alone_have_figures_too() -> None:
    found = [Read("b", answerable=True, margin=2.0, f1=1.0)] * 3
    assert figures(squad2_metrics, found)["F1"].value == 1.0


def test_words_in_the_right_page_are_averaged_over_what_can_be_answered() -> None:
    found = [Read("a", True, 1.0, 1.0), Read("b", True, 1.0, 0.0), Read("c", False, 1.0, 1.0)]
    one = figures(page_metrics, found)["F1"]
    assert (one.value, one.count) == (0.5, 2)


def test_what_is_shown_and_the_passage_that_was_known_have_figures_of_their_own() -> None:
    """The span is half of its sentence, and the other passage's span is the gold one."""
    reader = Pointing({"two days": 2.0, "thirty days": 1.0})
    margin, f1, shown, known = in_page(
        reader, "How long?", ("Shop", PAGE), ["They take two days.", "thirty days"]
    )
    assert margin == 2.0  # the better margin answers
    assert math.isclose(f1, 2 * 2 / (2 + 4))
    assert shown == 1.0  # the whole sentence, and no other one
    assert known == 1.0


def test_where_no_word_was_read_nothing_is_shown() -> None:
    assert in_page(Pointing({}), "How long?", ("Shop", PAGE), ["two days"])[1:] == (0.0, 0.0, 0.0)


def test_each_help_centre_has_its_own_figures() -> None:
    found = [
        Read("a", True, 2.0, 1.0, 0.5, 1.0, part="first"),
        Read("b", True, 2.0, 0.0, 0.5, 1.0, part="second"),
        Read("c", False, 1.0, 0.0, 0.0, 0.0, part="second"),
    ]
    table = figures(help_metrics, found)
    assert [table[f"{part}F1"].value for part in ("", "first, ", "second, ")] == [0.5, 1.0, 0.0]
    assert table["second, F1 of what is shown"].value == 0.5
    assert table["second, F1"].count == 1
    assert table["answerable told apart"].value == 1.0


def test_differences_are_paired() -> None:
    """A reader that is better by .1 at each question is so in every sample, whatever was drawn."""
    first = [Read(f"p{number}", True, 1.0, number / 40) for number in range(30)]
    better = [Read(one.group, True, 1.0, one.f1 + 0.1) for one in first]
    far = differences(page_metrics, better, first)["F1"]
    assert all(math.isclose(value, 0.1) for value in (far.value, far.low, far.high))
    own = figures(page_metrics, better)["F1"]
    assert own.high - own.low > 0.1


def test_differences_say_which_reader_tells_better_what_has_no_answer() -> None:
    first = [Read(f"p{number}", number % 2 == 0, 0.0, 0.8) for number in range(40)]
    better = [Read(one.group, one.answerable, float(one.answerable), 0.8) for one in first]
    assert differences(help_metrics, better, first)["answerable told apart"].value == 1.0
    assert differences(squad2_metrics, better, first)["F1"].value > 0
