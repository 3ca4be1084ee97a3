"""The lowest confidence to answer at such that the share of wrong answers stays below a risk.

Learn-then-Test with exact binomial bounds and fixed-sequence testing (Angelopoulos et al., arXiv
2110.01052), from the most confident answers down. The statement holds with the confidence asked
for, over draws of labelled questions like those to come; each label counts as independent.
"""

import math

import numpy as np
from numpy.typing import NDArray

CONFIDENCE = 0.9
STEP = 10  # answers between two tests
_HALVINGS = 60  # of [0, 1], to the precision of a double


def upper_bound(wrong: int, count: int, confidence: float = CONFIDENCE) -> float:
    """Clopper and Pearson's one-sided upper bound of a share; 1 where nothing is known."""
    if wrong >= count:
        return 1.0
    low, high = wrong / count, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if _at_most(wrong, count, middle) > 1.0 - confidence:
            low = middle
        else:
            high = middle
    return high


def lower_bound(wrong: int, count: int, confidence: float = CONFIDENCE) -> float:
    """Clopper and Pearson's one-sided lower bound of a share; 0 where nothing is known."""
    return 1.0 - upper_bound(count - wrong, count, confidence) if count else 0.0


def fewest(risk: float, confidence: float = CONFIDENCE) -> int:
    """How many right answers without a wrong one show that the share of wrong ones is below risk.

    45 for 5% and 114 for 2%, at 90% confidence.
    """
    return math.ceil(math.log(1.0 - confidence) / math.log(1.0 - risk))


def threshold(
    scores: NDArray[np.float64],
    right: NDArray[np.float64],
    risk: float,
    *,
    confidence: float = CONFIDENCE,
) -> float | None:
    """scores, right: (N,), right of 0 and 1. None where no threshold keeps the risk.

    The lowest score down to which every test passed. The first test stands where twice the answers
    lie that could show the risk without one wrong, or as many where there are not twice as many.
    Where a test stands depends on nothing but the number of answers, so the sequence is fixed;
    answers of equal score are tested together.
    """
    order = np.argsort(-scores, kind="stable")
    ordered = scores[order]
    wrong = np.cumsum(1.0 - right[order])
    kept: float | None = None
    enough = fewest(risk, confidence)
    first = max(2 * enough, len(order) // 20) if len(order) >= 2 * enough else enough
    for count in range(first, len(order) + 1, STEP):
        last = int(np.searchsorted(-ordered, -ordered[count - 1], side="right"))
        if upper_bound(int(wrong[last - 1]), last, confidence) > risk:
            break
        kept = float(ordered[last - 1])
    return kept


def _at_most(wrong: int, count: int, share: float) -> float:
    """P(X ≤ wrong) of a binomial X, summed from logarithms."""
    if share <= 0.0:
        return 1.0
    if share >= 1.0:
        return float(wrong >= count)
    terms = [
        math.lgamma(count + 1)
        - math.lgamma(k + 1)
        - math.lgamma(count - k + 1)
        + k * math.log(share)
        + (count - k) * math.log1p(-share)
        for k in range(wrong + 1)
    ]
    most = max(terms)
    return math.exp(most) * sum(math.exp(term - most) for term in terms)
