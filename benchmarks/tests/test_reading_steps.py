"""Comparing by turns: shares of the first way, over whole groups."""

import numpy as np

from benchmarks.reading_steps import Turn, _compared, _draws, _values


def test_a_way_that_takes_half_is_half_whatever_groups_are_drawn() -> None:
    draws = _draws(["a", "a", "b", "c"])
    first = np.array([10.0, 20.0, 30.0, 40.0])
    assert (
        _compared("ms", first / 2, first, (draws, None)) == "ms 12.500 (0.500 times [0.500, 0.500])"
    )


def test_only_what_counts_is_compared() -> None:
    draws = _draws(["a", "b", "c"])
    only = np.array([True, True, False])
    said = _compared("right", np.array([1.0, 1.0, 0.0]), np.array([1.0, 1.0, 1.0]), (draws, only))
    assert said.startswith("right 1.000 (1.000 times")


def test_whole_groups_are_drawn() -> None:
    for drawn in _draws(["a", "a", "b"])[:50]:
        assert (drawn == 0).sum() == (drawn == 1).sum()


def test_truth_counts_as_one() -> None:
    turns = [Turn(1.0, 2, right, False, 0.5) for right in (True, False)]
    assert _values(turns, "right").tolist() == [1.0, 0.0]
