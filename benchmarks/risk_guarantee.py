"""Does the dial keep its word? Random splits of observed answers into calibration and test.

    python -m benchmarks.risk_guarantee FEATURES… [--models models] [--splits 1000]

FEATURES: files of `manage.py evaluate --features-out` (tuning.observe writes them in its work
folder), of which the half of the groups is used that the regression was not fitted on. In each
split half of the answers, or of their groups, sets the threshold by Learn-then-Test with the
confidence asked for (of groups, at the effective sample size), and the rest shows the realised
risk. Printed for each risk: in how many
splits a threshold was found, in what share of all splits the realised risk exceeded the set one,
and the mean coverage. Intervals of shares: Wilson's 95%. At the end the expected calibration
error with a bootstrap interval over groups.
"""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from inference.calibration import Calibration
from inference.learn_then_test import threshold
from learning.metrics import Metric, estimates, expected_calibration_error
from tuning.fit_calibration import in_first_half
from tuning.reading_examples import rows

RISKS = (0.05, 0.1, 0.15, 0.2, 0.3)


@dataclass(frozen=True)
class Observed:
    """scores, right: (N,); groups: (N,) names."""

    scores: NDArray[np.float64]
    right: NDArray[np.float64]
    groups: NDArray[np.str_]


def load(paths: Sequence[Path], calibration: Calibration) -> Observed:
    found = [row for path in paths for row in rows(path) if row["features"]]
    groups = np.array([str(row.get("group") or row["id"]) for row in found])
    kept = ~in_first_half(groups.tolist())
    scores = np.array([calibration.confidence(row["features"]) for row in found])
    right = np.array([float(row["correct"]) for row in found])
    return Observed(scores[kept], right[kept], groups[kept])


@dataclass(frozen=True)
class Kept:
    """Over all splits: how many found a threshold and exceeded the risk, and mean coverage."""

    found: int
    exceeded: int
    coverage: float


def splits(
    observed: Observed, risk: float, *, count: int, confidence: float, by_group: bool
) -> Kept:
    rng = np.random.default_rng(11)
    names, number = np.unique(observed.groups, return_inverse=True)
    found = exceeded = 0
    coverages = []
    for _ in range(count):
        if by_group:
            first = (rng.permutation(len(names)) < len(names) / 2)[number]
        else:
            first = rng.permutation(len(number)) < len(number) / 2
        at = threshold(
            observed.scores[first],
            observed.right[first],
            risk,
            confidence=confidence,
            groups=observed.groups[first] if by_group else None,
        )
        answered = observed.scores[~first] >= (np.inf if at is None else at)
        coverages.append(float(answered.mean()))
        found += at is not None
        wrong = 1.0 - observed.right[~first][answered]
        exceeded += bool(wrong.size and wrong.mean() > risk)
    return Kept(found, exceeded, float(np.mean(coverages)))


def wilson(hits: int, count: int) -> tuple[float, float]:
    """95% interval of a share (Wilson 1927)."""
    z, share = 1.96, hits / count
    middle = (share + z * z / (2 * count)) / (1 + z * z / count)
    reach = z * np.sqrt(share * (1 - share) / count + z * z / (4 * count**2)) / (1 + z * z / count)
    return max(0.0, float(middle - reach)), min(1.0, float(middle + reach))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("features", type=Path, nargs="+")
    parser.add_argument("--models", type=Path, default=Path("models"))
    parser.add_argument("--splits", type=int, default=1_000)
    parser.add_argument("--confidence", type=float, default=0.95)
    given = parser.parse_args()
    observed = load(given.features, Calibration(given.models / "calibration"))
    print(f"python -m benchmarks.risk_guarantee, {len(given.features)} files,", *sys.argv[-2:])
    print(f"{len(observed.right)} answers in {len(set(observed.groups))} groups")
    for by_group in (False, True):
        for risk in RISKS:
            kept = splits(
                observed, risk, count=given.splits, confidence=given.confidence, by_group=by_group
            )
            low, high = wilson(kept.exceeded, given.splits)
            print(
                f"split by {'group ' if by_group else 'answer'}  risk {risk:.2f}  "
                f"threshold in {kept.found / given.splits:.3f}  "
                f"exceeded in {kept.exceeded / given.splits:.3f} [{low:.3f}, {high:.3f}]  "
                f"coverage {kept.coverage:.3f}",
                flush=True,
            )
    right = observed.right.astype(np.bool_)
    metric = Metric(
        lambda at: expected_calibration_error(observed.scores[at], right[at]),
        np.ones(len(right), dtype=np.bool_),
    )
    ece = estimates({"ECE": metric}, observed.groups.tolist())["ECE"]
    print(f"ECE {ece.value:.3f} [{ece.low:.3f}, {ece.high:.3f}]")


if __name__ == "__main__":
    main()
