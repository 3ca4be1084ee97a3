"""The figures are those of SQuAD 2.0: no answer is right where there is none."""

from benchmarks.reading_quality import Read, doc2dial_table, squad2_table


def test_a_perfect_margin_tells_what_has_no_answer() -> None:
    found = [
        Read(f"p{number}", number % 2 == 0, 5.0 if number % 2 == 0 else -5.0, 0.8)
        for number in range(40)
    ]
    table = squad2_table(found)
    assert table["unanswerable recognised"].value == 1.0
    assert abs(table["F1"].value - 0.9) < 1e-9  # half .8, half 1
    assert table["F1 of answerable, answered"].count == 20


def test_a_margin_that_says_nothing_costs_what_is_not_answered() -> None:
    found = [Read(f"p{number}", number % 4 == 0, float(number % 3), 0.5) for number in range(48)]
    table = squad2_table(found)
    assert table["F1"].value <= 0.76  # three of four without an answer


def test_words_in_the_right_page_are_averaged() -> None:
    found = [Read("a", True, 1.0, 1.0), Read("b", True, 1.0, 0.0)]
    assert doc2dial_table(found)["span F1 in the right page"].value == 0.5
