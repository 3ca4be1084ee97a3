"""A score that tells the truth keeps the risk; one that lies does not."""

import numpy as np

from benchmarks.risk_guarantee import Observed, splits, wilson


def observed(count: int, *, honest: bool) -> Observed:
    rng = np.random.default_rng(2)
    scores = rng.uniform(size=count)
    right = (rng.uniform(size=count) < (scores if honest else 0.5)).astype(np.float64)
    return Observed(scores, right, np.array([str(number % 50) for number in range(count)]))


def test_an_honest_score_exceeds_the_risk_seldom_and_answers_what_it_can() -> None:
    for by_group in (False, True):
        kept = splits(
            observed(4_000, honest=True), 0.2, count=30, confidence=0.95, by_group=by_group
        )
        assert kept.found > 20 and kept.exceeded <= 8
        assert 0.05 < kept.coverage < 0.5


def test_a_score_that_says_nothing_answers_nothing() -> None:
    kept = splits(observed(800, honest=False), 0.2, count=20, confidence=0.95, by_group=False)
    assert (kept.found, kept.exceeded, kept.coverage) == (0, 0, 0.0)


def test_the_interval_of_a_share_by_hand() -> None:
    low, high = wilson(0, 100)
    assert low == 0.0 and abs(high - 0.037) < 0.001
