"""A version passes with statistical support, or not at all."""

import numpy as np

from learning.gate import Paired, evaluation


def paired(before: list[float], after: list[float], *, groups: int = 0) -> Paired:
    """groups: how many there are; each question its own if not given."""
    count = len(before)
    names = np.array([str(at % groups) if groups else str(at) for at in range(count)])
    return Paired("right", np.array(before), np.array(after), names)


def test_a_gain_with_support_passes() -> None:
    better = paired([0.0] * 60 + [1.0] * 60, [1.0] * 20 + [0.0] * 40 + [1.0] * 60)
    found = evaluation([better], keeps=[better])
    assert found["passed"]
    (figure,) = found["figures"]
    assert figure["before"] == 0.5 and figure["after"] == round(80 / 120, 4)
    assert 0 < figure["low"] < 20 / 120 < figure["high"] and figure["questions"] == 120


def test_chance_does_not_pass() -> None:
    luck = paired([0.0] * 60 + [1.0] * 60, [1.0] * 3 + [0.0] * 57 + [1.0] * 58 + [0.0] * 2)
    assert not evaluation([luck], keeps=[])["passed"]


def test_a_gain_in_one_measure_does_not_buy_a_loss_in_what_is_right() -> None:
    gain = paired([0.5] * 100, [0.9] * 100)
    loss = paired([1.0] * 100, [1.0] * 90 + [0.0] * 10)
    assert evaluation([gain], keeps=[])["passed"]
    assert not evaluation([gain], keeps=[loss])["passed"]


def test_questions_of_one_group_count_as_one() -> None:
    before, after = [0.0] * 100, [1.0] * 10 + [0.0] * 90
    assert evaluation([paired(before, after)], keeps=[])["passed"]
    grouped = Paired(
        "right", np.array(before), np.array(after), np.array(["a"] * 10 + ["b"] * 45 + ["c"] * 45)
    )
    assert not evaluation([grouped], keeps=[])["passed"]


def test_a_gain_does_not_buy_what_the_shipped_questions_lose() -> None:
    gain = paired([0.5] * 100, [0.9] * 100)
    chance = paired([1.0] * 60, [1.0] * 58 + [0.0] * 2)
    lost = paired([1.0] * 60, [1.0] * 50 + [0.0] * 10)
    assert evaluation([gain], keeps=[], shipped=[chance])["passed"]
    found = evaluation([gain], keeps=[], shipped=[lost])
    assert not found["passed"] and len(found["figures"]) == 1
