"""Word by word, and both texts can be read from the pieces."""

from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.diffing import MOST_WORDS, Piece, diff


def side(pieces: list[Piece], kind: str) -> str:
    return "".join(one.text for one in pieces if one.kind in {"same", kind})


def test_only_the_words_that_changed_are_marked() -> None:
    assert diff("A lost key costs ten.", "A lost key costs twelve euros.") == [
        Piece("same", "A lost key costs "),
        Piece("del", "ten"),
        Piece("ins", "twelve euros"),
        Piece("same", "."),
    ]


def test_changed_words_in_a_row_are_one_change() -> None:
    assert diff("one two three", "four five three") == [
        Piece("del", "one two"),
        Piece("ins", "four five"),
        Piece("same", " three"),
    ]


def test_lines_far_from_a_change_are_counted_and_not_shown() -> None:
    before = "".join(f"line {i}\n" for i in range(100))
    pieces = diff(before, before.replace("line 50\n", "row 50\n"))
    assert [one.lines for one in pieces if one.kind == "skip"] == [48, 47]
    assert Piece("del", "line") in pieces and Piece("ins", "row") in pieces


def test_equal_texts_are_one_skip_and_empty_ones_nothing() -> None:
    assert diff("a\nb\nc\n", "a\nb\nc\n") == [Piece("skip", lines=3)]
    assert diff("", "") == []
    assert diff("", "new") == [Piece("ins", "new")]


def test_a_place_that_is_too_long_is_replaced_as_a_whole() -> None:
    pieces = diff("a " * MOST_WORDS, "b " * MOST_WORDS)
    assert [one.kind for one in pieces] == ["del", "ins"]


@given(st.text("ab \n.", max_size=60), st.text("ab \n.", max_size=60))
@settings(max_examples=300, deadline=None)
def test_both_texts_can_be_read_from_the_pieces(before: str, after: str) -> None:
    pieces = diff(before, after)
    if not any(one.kind == "skip" for one in pieces):
        assert side(pieces, "del") == before and side(pieces, "ins") == after


def test_many_changed_lines_are_compared_one_by_one() -> None:
    before, after = ("\n".join(f"Step {n} of {of}." for n in range(400)) for of in (1, 2))
    pieces = diff(before, after)
    assert [one.text for one in pieces if one.kind == "del"] == ["1"] * 400
    assert side(pieces, "del") == before and side(pieces, "ins") == after
