"""Bounds by hand, and a threshold that keeps its word over many draws."""

import numpy as np
import pytest

from inference.learn_then_test import fewest, threshold, upper_bound


def test_the_upper_bound_by_hand() -> None:
    # With none wrong of n the bound at 90% is 1 - 0.1 ** (1 / n).
    assert upper_bound(0, 22) == pytest.approx(1 - 0.1 ** (1 / 22))
    # Of one answer wrong out of two: P(X ≤ 1) = 1 - p² = .1.
    assert upper_bound(1, 2) == pytest.approx(0.9**0.5)
    assert upper_bound(5, 5) == 1.0
    assert upper_bound(0, 0) == 1.0
    # Published one-sided 95% bound of 10 in 100 (Clopper and Pearson).
    assert upper_bound(10, 100, 0.95) == pytest.approx(0.1637, abs=5e-4)


def test_how_many_answers_show_a_risk() -> None:
    assert (fewest(0.05), fewest(0.02)) == (45, 114)
    assert upper_bound(0, 45) <= 0.05 < upper_bound(0, 44)


def draw(rng: np.random.Generator, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Right with exactly the probability that the score says."""
    scores = rng.uniform(size=count)
    return scores, (rng.uniform(size=count) < scores).astype(np.float64)


def test_the_risk_is_kept_in_nine_of_ten_draws() -> None:
    """Above a threshold t the true share of wrong answers is (1 - t) / 2."""
    rng = np.random.default_rng(5)
    broken = 0
    for _ in range(400):
        at = threshold(*draw(rng, 600), 0.1)
        broken += at is not None and (1 - at) / 2 > 0.1
    assert broken <= 40 + 2 * 6  # 10%, and two standard deviations


def test_where_no_threshold_keeps_it_there_is_none() -> None:
    rng = np.random.default_rng(6)
    scores, _ = draw(rng, 500)
    assert threshold(scores, np.zeros(500), 0.1) is None
    assert threshold(scores[:40], np.ones(40), 0.05) is None  # too few to show 5%
    assert threshold(scores, np.ones(500), 0.05) == pytest.approx(scores.min(), abs=0.05)


def test_answers_of_equal_score_stand_or_fall_together() -> None:
    """All have one score: the most confident ones cannot be told from the wrong ones."""
    right = np.array([1.0] * 200 + [0.0] * 200)
    assert threshold(np.full(400, 0.8), right, 0.1) is None
