"""Confidence for one workspace: the shipped logistic regression, moved as far as its answers say.

Maximum a posteriori with a Gaussian around the shipped weights: with few observed answers it stays
near them, with many it follows the data. How tightly it is held is chosen by cross-validation over
groups.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inference.learn_then_test import fewest, threshold
from tuning.fit_calibration import standardised

HELD = (1.0, 5.0, 20.0, 100.0, 1e6)  # precision around the shipped weights; the last one keeps them
FOLDS = 5
NEWTON_STEPS = 25
Values = NDArray[np.float64]


@dataclass(frozen=True)
class Answers:
    """features: (N, F) in the order of the shipped names; right: (N,) of 0, 1; groups: (N,)."""

    features: Values
    right: Values
    groups: NDArray[Any]


def load(rows: Sequence[Mapping[str, Any]], shipped: Mapping[str, Any]) -> Answers:
    """rows: of learning.evaluation.features_row. A feature that is missing: KeyError."""
    names = shipped["features"]
    return Answers(
        np.array([[float(row["features"][name]) for name in names] for row in rows]),
        np.array([float(row["correct"]) for row in rows]),
        np.array([str(row["group"]) for row in rows]),
    )


def continued(answers: Answers, shipped: Mapping[str, Any]) -> tuple[dict[str, Any], Values]:
    """The contents of calibration.json without the models, and (N,) cross-fitted confidences.

    A threshold is the one that the cross-fitted confidences show to keep the risk; where there
    are too few answers to show it, the shipped one stays.
    """
    table = _standard(answers.features, shipped)
    start = np.array([*shipped["weights"], shipped["bias"]])
    held = min(HELD, key=lambda one: (round(_left_out_loss(table, answers, start, one), 5), -one))
    found = _fitted(table, answers.right, start, held)
    confidence = _cross_fitted(table, answers, start, held)
    thresholds = {
        risk: _threshold(confidence, answers.right, float(risk), at)
        for risk, at in shipped["thresholds"].items()
    }
    weights = [round(float(value), 6) for value in found]
    return {
        **{
            name: shipped[name]
            for name in ("features", "low", "high", "mean", "scale", "scope")
            if name in shipped
        },
        "weights": weights[:-1],
        "bias": weights[-1],
        "thresholds": thresholds,
    }, confidence


def confidence_of(answers: Answers, calibration: Mapping[str, Any]) -> Values:
    """(N,) as inference.calibration gives it."""
    weights = np.array([*calibration["weights"], calibration["bias"]])
    return _sigmoid(_standard(answers.features, calibration) @ weights)


def _threshold(confidence: Values, right: Values, risk: float, shipped: Any) -> float | None:
    if len(right) < 2 * fewest(risk):
        return None if shipped is None else float(shipped)
    found = threshold(confidence, right, risk)
    return None if found is None else float(np.floor(found * 1e5) / 1e5)


def _standard(features: Values, calibration: Mapping[str, Any]) -> Values:
    """(N, F + 1) with a column of ones for the bias."""
    standard = standardised(features, calibration)
    return np.hstack([standard, np.ones((len(standard), 1))])


def _sigmoid(values: Values) -> Values:
    result: Values = 1.0 / (1.0 + np.exp(-np.clip(values, -30.0, 30.0)))
    return result


def _fitted(table: Values, right: Values, start: Values, held: float) -> Values:
    """Newton's method on log loss + held / 2 · |weights - start|²; the bias is held a tenth."""
    precision = np.full(len(start), held)
    precision[-1] = held / 10
    weights = start.copy()
    for _ in range(NEWTON_STEPS):
        share = _sigmoid(table @ weights)
        gradient = table.T @ (share - right) + precision * (weights - start)
        curvature = (table * (share * (1 - share))[:, None]).T @ table + np.diag(precision)
        step = np.linalg.solve(curvature, gradient)
        at = _penalised(table, right, weights, start, precision)
        size = 1.0  # halved where a whole step of Newton's leads uphill
        while size > 1e-3:
            if _penalised(table, right, weights - size * step, start, precision) <= at:
                break
            size /= 2
        weights = weights - size * step
        if float(np.abs(step).max()) < 1e-8:
            break
    return weights


def _penalised(
    table: Values, right: Values, weights: Values, start: Values, precision: Values
) -> float:
    away = float((precision * (weights - start) ** 2).sum()) / 2
    return float(log_loss(_sigmoid(table @ weights), right).sum()) + away


def _cross_fitted(table: Values, answers: Answers, start: Values, held: float) -> Values:
    names = sorted(set(answers.groups.tolist()))
    places = np.random.default_rng(11).permutation(len(names))
    fold = {name: int(place) % FOLDS for name, place in zip(names, places, strict=True)}
    of_answer = np.array([fold[name] for name in answers.groups.tolist()])
    found = np.zeros(len(of_answer))
    for number in range(FOLDS):
        out = of_answer == number
        weights = _fitted(table[~out], answers.right[~out], start, held)
        found[out] = _sigmoid(table[out] @ weights)
    return found


def _left_out_loss(table: Values, answers: Answers, start: Values, held: float) -> float:
    return float(log_loss(_cross_fitted(table, answers, start, held), answers.right).mean())


def log_loss(confidence: Values, right: Values) -> Values:
    """(N,) nats."""
    clipped = np.clip(confidence, 1e-6, 1 - 1e-6)
    result: Values = -(right * np.log(clipped) + (1 - right) * np.log(1 - clipped))
    return result
