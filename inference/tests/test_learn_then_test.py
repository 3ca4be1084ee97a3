"""Bounds by hand, and a threshold that keeps its word over many draws."""

import math

import numpy as np
import pytest

from inference.learn_then_test import (
    design_effect,
    fewest,
    intraclass_correlation,
    is_above,
    lower_bound,
    threshold,
    upper_bound,
)


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


def test_intraclass_correlation_and_design_effect_by_hand() -> None:
    groups = np.array(["a", "a", "b", "b"])
    # Within a group alike, between them not: 1. The other way round: below nothing, so 0.
    assert intraclass_correlation(np.array([1.0, 1.0, 0.0, 0.0]), groups) == 1.0
    assert intraclass_correlation(np.array([1.0, 0.0, 1.0, 0.0]), groups) == 0.0
    # Mean squares 1 between (groups' means 1 and 0 of two each) and .5 within: (1 - .5) / (1 + .5).
    values = np.array([1.5, 0.5, 0.5, -0.5])
    assert intraclass_correlation(values, groups) == pytest.approx(0.5 / 1.5)
    assert intraclass_correlation(values, np.array(list("abcd"))) == 0.0
    # Two answers of a group that are alike count as one; the first of each counts alone.
    scores, right = np.array([0.9, 0.8, 0.7, 0.6]), np.array([1.9, 1.8, 0.7, 0.6])
    effect = design_effect(scores, right, groups)
    assert effect == pytest.approx([1.0, 2.0, 5 / 3, 2.0])


def draw_groups(rng: np.random.Generator, count: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Groups of ten that share half of their luck: right as often as the score says."""
    groups = np.repeat(np.arange(count), 10)
    scores = rng.uniform(size=len(groups))
    luck = np.where(rng.uniform(size=len(groups)) < 0.5, rng.uniform(size=count)[groups],
                    rng.uniform(size=len(groups)))  # fmt: skip
    return scores, (luck < scores).astype(np.float64), groups.astype(str)


def test_the_risk_is_kept_where_questions_come_in_groups() -> None:
    rng = np.random.default_rng(8)
    broken = {"each for itself": 0, "by group": 0}
    for _ in range(200):
        scores, right, groups = draw_groups(rng, 60)
        for name, given in (("each for itself", None), ("by group", groups)):
            at = threshold(scores, right, 0.1, groups=given)
            broken[name] += at is not None and (1 - at) / 2 > 0.1
    assert broken["by group"] <= 20 + 2 * 4.3  # 10%, and two standard deviations
    assert broken["by group"] < broken["each for itself"]


def test_groups_of_one_change_nothing() -> None:
    rng = np.random.default_rng(9)
    scores, right = draw(rng, 500)
    alone = np.arange(500).astype(str)
    assert threshold(scores, right, 0.1, groups=alone) == threshold(scores, right, 0.1)


def halved(wrong: int, count: int, confidence: float) -> float:
    """The bound by its definition, with all terms of the sum and by halving."""
    low, high = wrong / count, 1.0
    for _ in range(60):
        share = (low + high) / 2
        chance = sum(
            math.comb(count, k) * share**k * (1 - share) ** (count - k) for k in range(wrong + 1)
        )
        low, high = (share, high) if chance > 1 - confidence else (low, share)
    return high


@pytest.mark.parametrize("confidence", [0.8, 0.9, 0.975])
def test_a_bound_is_the_share_at_which_its_count_is_as_unlikely_as_asked(
    confidence: float,
) -> None:
    for count in (1, 2, 7, 40, 90):
        for wrong in range(0, count, max(count // 7, 1)):
            found = upper_bound(wrong, count, confidence)
            assert found == pytest.approx(halved(wrong, count, confidence), abs=1e-12)
            for risk in (0.01, 0.2, found * 0.999, min(found * 1.001, 0.999)):
                assert is_above(wrong, count, risk, confidence) == (found > risk)


def test_bounds_of_very_many_answers_are_near_their_share() -> None:
    assert upper_bound(100_000, 400_000) == pytest.approx(0.25088, abs=1e-5)
    assert lower_bound(100_000, 400_000) == pytest.approx(0.24912, abs=1e-5)
    assert upper_bound(0, 10**6) == pytest.approx(2.302585e-6, rel=1e-5)
