"""Scales that move outliers change nothing but how well bytes hold what is multiplied."""

import numpy as np

from tuning.smoothing import best_scales


def byte_product(flow: np.ndarray, weight: np.ndarray, scales: np.ndarray) -> np.ndarray:
    """Worked apart from the module: 255 steps for all of the flow, 254 for each column."""
    divided, heavier = flow / scales, weight * scales[:, None]
    step = (divided.max() - divided.min()) / 255
    columns = np.abs(heavier).max(axis=0) / 127
    rounded: np.ndarray = (np.round(divided / step) * step) @ (
        np.round(heavier / columns) * columns
    )
    return rounded


def test_one_loud_channel_costs_the_others_less() -> None:
    rng = np.random.default_rng(3)
    flow = rng.normal(size=(40, 16)).astype(np.float32)
    flow[:, 5] *= 30
    weight = rng.normal(size=(16, 8)).astype(np.float32)
    scales = best_scales([flow], weight)
    exact = flow @ weight
    assert scales[5] == scales.max() > 2
    assert np.allclose((flow / scales) @ (weight * scales[:, None]), exact, atol=1e-3)
    plain = np.abs(byte_product(flow, weight, np.ones(16)) - exact).mean()
    assert np.abs(byte_product(flow, weight, scales) - exact).mean() < 0.7 * plain
