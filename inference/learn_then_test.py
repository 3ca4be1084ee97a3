"""The lowest confidence to answer at such that the share of wrong answers stays below a risk.

Learn-then-Test with exact binomial bounds and fixed-sequence testing (Angelopoulos et al., arXiv
2110.01052), from the most confident answers down. The statement holds with the confidence asked
for, over draws of labelled questions like those to come. Each label counts as independent; where
questions come in groups that stand or fall together, name the groups, and the bound is taken at
the effective sample size (Korn and Graubard 1998), which makes it approximate.
"""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

CONFIDENCE = 0.9
STEP = 10  # answers between two tests
_STEPS = 100  # of Newton's method, which needs about ten
_NEAR = 1e-14
_SMALL = 1e-18


def upper_bound(wrong: int, count: int, confidence: float = CONFIDENCE) -> float:
    """Clopper and Pearson's one-sided upper bound of a share; 1 where nothing is known.

    By Newton's method on the logarithm of the chance of at most so many. As a function of the share
    it is the survival function of a beta distribution, so it is concave: from the second step on
    each one comes nearer from above.
    """
    if wrong >= count:
        return 1.0
    wanted, share = math.log(1.0 - confidence), wrong / count
    for _ in range(_STEPS):
        chance, last = _at_most(wrong, count, share)
        slope = (count - wrong) / (1.0 - share) * last / chance
        step = (math.log(chance) - wanted) / slope if slope else 1.0
        if share + step >= 1.0:
            step = (1.0 - share) / 2
        share += step
        if abs(step) <= _NEAR * share:
            break
    return share


def is_above(wrong: int, count: int, risk: float, confidence: float = CONFIDENCE) -> bool:
    """Whether the upper bound is above the risk, without computing it."""
    return wrong >= count or _at_most(wrong, count, risk)[0] > 1.0 - confidence


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
    groups: NDArray[Any] | None = None,
) -> float | None:
    """scores, right: (N,), right of 0 and 1; groups: (N,) names. None: no threshold keeps the risk.

    The lowest score down to which every test passed. The first test stands where twice the answers
    lie that could show the risk without one wrong, or as many where there are not twice as many.
    Where a test stands depends on nothing but the number of answers, so the sequence is fixed;
    answers of equal score are tested together.
    """
    order = np.argsort(-scores, kind="stable")
    ordered = scores[order]
    wrong = np.cumsum(1.0 - right[order])
    effect = np.ones(len(order)) if groups is None else design_effect(scores, right, groups)[order]
    kept: float | None = None
    enough = fewest(risk, confidence)
    first = max(2 * enough, len(order) // 20) if len(order) >= 2 * enough else enough
    for count in range(first, len(order) + 1, STEP):
        last = int(np.searchsorted(-ordered, -ordered[count - 1], side="right"))
        shrunk = float(effect[last - 1])
        seen, missed = int(last / shrunk), math.ceil(float(wrong[last - 1]) / shrunk)
        if is_above(missed, seen, risk, confidence):
            break
        kept = float(ordered[last - 1])
    return kept


def passing_threshold(
    scores: NDArray[np.float64],
    risk: float,
    *,
    confidence: float = CONFIDENCE,
    groups: NDArray[Any] | None = None,
) -> float | None:
    """The lowest of the scores of wrong ones at which no larger share of them passes than risk.

    scores: (N,) of wrong ones alone, passed at or above it; groups: (N,) names. None: nothing keeps
    the risk. Tested from the highest score down, so the sequence is fixed; counted at the effective
    sample size, by how alike those of one group are in passing at the quantile of the risk.
    """
    ordered = np.sort(scores)[::-1]
    effect = 1.0
    if groups is not None and len(scores):
        passes = (scores >= np.quantile(scores, 1.0 - risk)).astype(float)
        sizes = np.unique(groups, return_counts=True)[1]
        shared = float((sizes**2).sum()) / len(scores)
        effect = 1.0 + (shared - 1.0) * intraclass_correlation(passes, groups)
    seen, kept = int(len(scores) / effect), None
    for score in ordered:
        passed = int(np.searchsorted(-ordered, -score, side="right"))
        if is_above(math.ceil(passed / effect), seen, risk, confidence):
            break
        kept = float(score)
    return kept


def design_effect(
    scores: NDArray[np.float64], right: NDArray[np.float64], groups: NDArray[Any]
) -> NDArray[np.float64]:
    """(N,) at each answer: how many answers, from the most confident down to it, count as one.

    1 + (m - 1) r (Kish 1965): m, the answers that an answer shares its group with, itself included,
    and r, how alike answers of one group are beyond their scores.
    """
    alike = intraclass_correlation(right - scores, groups)
    order = np.argsort(-scores, kind="stable")
    _, number = np.unique(groups[order], return_inverse=True)
    counts = np.zeros(int(number.max()) + 1 if len(number) else 0)
    squares, effect = 0.0, np.ones(len(order))
    for at, group in enumerate(number):
        squares += 2 * counts[group] + 1
        counts[group] += 1
        effect[at] = 1.0 + (squares / (at + 1) - 1.0) * alike
    found = np.empty(len(order))
    found[order] = effect
    return found


def intraclass_correlation(values: NDArray[np.float64], groups: NDArray[Any]) -> float:
    """In [0, 1], by analysis of variance (Fisher 1925); 0 where each stands alone or all together.

    values: (N,); groups: (N,) names.
    """
    _, number = np.unique(groups, return_inverse=True)
    counts = np.bincount(number)
    several = len(counts)
    if several < 2 or len(values) == several:
        return 0.0
    means = np.bincount(number, weights=values) / counts
    between = float((counts * (means - values.mean()) ** 2).sum()) / (several - 1)
    within = float(((values - means[number]) ** 2).sum()) / (len(values) - several)
    typical = (len(values) - float((counts**2).sum()) / len(values)) / (several - 1)
    total = between + (typical - 1.0) * within
    return min(1.0, max(0.0, (between - within) / total)) if total > 0 else 0.0


def _at_most(wrong: int, count: int, share: float) -> tuple[float, float]:
    """P(X ≤ wrong) and P(X = wrong) of a binomial X with 0 ≤ wrong < count and 0 ≤ share < 1.

    Summed from the largest term of its tail outwards, until the rest is too small to count.
    """
    if share <= 0.0:
        return 1.0, float(wrong == 0)
    odds = share / (1.0 - share)
    last = math.exp(
        math.lgamma(count + 1)
        - math.lgamma(wrong + 1)
        - math.lgamma(count - wrong + 1)
        + wrong * math.log(share)
        + (count - wrong) * math.log1p(-share)
    )
    if wrong >= count * share:
        return 1.0 - _sum_up(wrong, count, odds, last), last
    term = total = 1.0
    for k in range(wrong, 0, -1):
        term *= k / ((count - k + 1) * odds)
        total += term
        if term < _SMALL * total:
            break
    return last * total, last


def _sum_up(wrong: int, count: int, odds: float, last: float) -> float:
    """P(X > wrong), where `last` is P(X = wrong)."""
    term, total = 1.0, 0.0
    for k in range(wrong + 1, count + 1):
        term *= (count - k + 1) * odds / k
        total += term
        if term < _SMALL * total:
            break
    return last * total
