"""Is a trained version better than what answers now? Paired on the same questions.

A difference counts when the 95% interval of its bootstrap (whole groups drawn) lies on one side of
nothing. A version passes if it is not worse in what is right, on the workspace's questions and on
the shipped ones, and better in at least one measure.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

DRAWS = 2_000
MOST_LOST = 0.02  # of the share right: what the lower bound may lie below nothing
MOST_UNLEARNED = 0.05  # of the questions that ship, in the mean: they are few
Values = NDArray[np.float64]


@dataclass(frozen=True)
class Paired:
    """before, after: (N,) of the same questions, higher is better; groups: (N,) names."""

    measure: str
    before: Values
    after: Values
    groups: NDArray[Any]

    def figure(self) -> dict[str, Any]:
        """As learning.versions.register takes it; low and high bound the mean difference."""
        low, high = self.interval
        return {
            "measure": self.measure,
            "before": round(float(self.before.mean()), 4),
            "after": round(float(self.after.mean()), 4),
            "low": round(low, 4),
            "high": round(high, 4),
            "questions": len(self.before),
        }

    @property
    def interval(self) -> tuple[float, float]:
        _, number = np.unique(self.groups, return_inverse=True)
        total = np.bincount(number, weights=self.after - self.before)
        count = np.bincount(number)
        drawn = np.random.default_rng(0).integers(len(count), size=(DRAWS, len(count)))
        means = total[drawn].sum(axis=1) / count[drawn].sum(axis=1)
        low, high = np.quantile(means, [0.025, 0.975])
        return float(low), float(high)

    @property
    def gains(self) -> bool:
        return self.interval[0] > 0

    @property
    def keeps(self) -> bool:
        return self.interval[0] >= -MOST_LOST

    @property
    def unlearned(self) -> bool:
        """Worse with support, or so much worse in the mean that no more questions are needed."""
        lost = float((self.before - self.after).mean())
        return self.interval[1] < 0 or lost > MOST_UNLEARNED


def evaluation(
    gains: Sequence[Paired],
    *,
    keeps: Sequence[Paired],
    shipped: Sequence[Paired] = (),
    notes: Sequence[str] = (),
) -> dict[str, Any]:
    """gains: one of these must be better. keeps: none may be worse. shipped: nor unlearned."""
    passed = any(one.gains for one in gains) and all(one.keeps for one in keeps)
    passed = passed and not any(one.unlearned for one in shipped)
    seen = {one.measure: one for one in (*gains, *keeps, *shipped)}
    return {
        "passed": passed,
        "figures": [one.figure() for one in seen.values()],
        "notes": list(notes),
    }
