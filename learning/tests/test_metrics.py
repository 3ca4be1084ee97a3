import math
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from learning import metrics
from learning.metrics import Metric, estimates

SCORED = st.lists(st.tuples(st.sampled_from([0.1, 0.4, 0.4, 0.9]), st.booleans()), min_size=1)


def _columns(rows: list[tuple[float, bool]]) -> tuple[metrics.Floats, metrics.Bools]:
    return (
        np.array([confidence for confidence, _ in rows], dtype=np.float64),
        np.array([right for _, right in rows], dtype=np.bool_),
    )


def test_recall_and_mrr_worked_by_hand() -> None:
    ranks = np.array([1.0, 3.0, 20.0, math.inf])
    assert metrics.recall_at(ranks, 1) == 0.25
    assert metrics.recall_at(ranks, 5) == 0.5
    assert metrics.recall_at(ranks, 20) == 0.75
    assert metrics.mean_reciprocal_rank(ranks) == pytest.approx((1 + 1 / 3 + 1 / 20) / 4)


def test_coverage_and_risk_worked_by_hand() -> None:
    answered = np.array([True, True, True, False])
    right = np.array([True, False, True, False])
    assert metrics.coverage(answered) == 0.75
    assert metrics.selective_risk(answered, right) == pytest.approx(1 / 3)


def test_risk_coverage_worked_by_hand() -> None:
    confidence = np.array([0.2, 0.9, 0.8, 0.5])
    right = np.array([False, True, False, True])
    # In order right, wrong, right, wrong: 0, 1/2, 1/3, 2/4.
    curve = metrics.risk_coverage_curve(confidence, right)
    assert curve == pytest.approx([0, 1 / 2, 1 / 3, 1 / 2])
    assert metrics.area_under_risk_coverage(confidence, right) == pytest.approx(1 / 3)


def test_equal_confidence_shares_its_errors() -> None:
    curve = metrics.risk_coverage_curve(np.array([0.5, 0.5]), np.array([True, False]))
    assert list(curve) == [0.5, 0.5]


def test_calibration_error_worked_by_hand() -> None:
    confidence = np.array([0.9, 0.8, 0.2, 0.1])
    right = np.array([True, True, False, True])
    # Two bins: mean .85 against 2/2, mean .15 against 1/2: (.15 + .35) / 2.
    found = metrics.expected_calibration_error(confidence, right, bins=2)
    assert found == pytest.approx(0.25)


def test_calibrated_confidence_has_little_error_and_shifted_confidence_has_its_shift() -> None:
    rng = np.random.default_rng(1)
    truth = rng.uniform(0.2, 0.8, 30_000)
    right = rng.uniform(size=truth.size) < truth
    assert metrics.expected_calibration_error(truth, right) < 0.02
    assert metrics.expected_calibration_error(truth + 0.2, right) == pytest.approx(0.2, abs=0.02)


def test_a_percentile_lies_between_values() -> None:
    assert metrics.percentile(np.array([10.0, 20.0, 40.0]), 0.75) == 30.0


def test_no_questions_give_nan_not_zero() -> None:
    none, nothing = np.array([], dtype=np.float64), np.array([], dtype=np.bool_)
    assert math.isnan(metrics.recall_at(none, 5))
    assert math.isnan(metrics.selective_risk(np.array([False]), np.array([True])))
    assert math.isnan(metrics.area_under_risk_coverage(none, nothing))
    assert math.isnan(metrics.expected_calibration_error(none, nothing))
    assert math.isnan(metrics.percentile(none, 0.5))


@given(SCORED, st.randoms(use_true_random=False))
def test_the_order_of_the_rows_changes_nothing(
    rows: list[tuple[float, bool]], shuffler: Random
) -> None:
    shuffled = list(rows)
    shuffler.shuffle(shuffled)
    for metric in (metrics.area_under_risk_coverage, metrics.expected_calibration_error):
        assert metric(*_columns(rows)) == pytest.approx(metric(*_columns(shuffled)))


@given(SCORED)
def test_ranking_right_answers_first_is_best(rows: list[tuple[float, bool]]) -> None:
    confidence, right = _columns(rows)
    found = metrics.area_under_risk_coverage(confidence, right)
    best = metrics.area_under_risk_coverage(right.astype(np.float64), right)
    worst = metrics.area_under_risk_coverage(-right.astype(np.float64), right)
    assert best - 1e-9 <= found <= worst + 1e-9


@given(SCORED)
def test_calibration_error_is_a_share(rows: list[tuple[float, bool]]) -> None:
    assert 0.0 <= metrics.expected_calibration_error(*_columns(rows)) <= 1.0


def _share(values: metrics.Floats) -> dict[str, Metric]:
    everybody = np.ones(values.size, dtype=np.bool_)
    return {"share": Metric(lambda rows: float(values[rows].mean()), everybody)}


def test_the_interval_of_a_share_is_that_of_the_normal_approximation() -> None:
    values = np.array([1.0] * 60 + [0.0] * 140)
    found = estimates(_share(values), range(200))["share"]
    error = 1.96 * math.sqrt(0.3 * 0.7 / 200)
    assert found.value == 0.3 and found.count == 200
    assert found.low == pytest.approx(0.3 - error, abs=0.015)
    assert found.high == pytest.approx(0.3 + error, abs=0.015)


def test_questions_of_one_page_count_as_one_observation() -> None:
    values = np.repeat([1.0, 0.0, 0.0, 1.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0], 20)
    alone = estimates(_share(values), range(200))["share"]
    clustered = estimates(_share(values), [i // 20 for i in range(200)])["share"]
    assert clustered.high - clustered.low > 3 * (alone.high - alone.low)


def test_one_group_has_no_interval() -> None:
    found = estimates(_share(np.array([1.0, 0.0])), ["page", "page"])["share"]
    assert found.value == 0.5 and math.isnan(found.low) and math.isnan(found.high)


def test_a_metric_counts_only_the_questions_it_is_defined_for() -> None:
    answered = np.array([True, False, False, False])
    among = np.array([True, True, False, False])
    metric = Metric(lambda rows: metrics.coverage(answered[rows]), among)
    found = estimates({"m": metric}, range(4))["m"]
    assert found.value == 0.5 and found.count == 2
