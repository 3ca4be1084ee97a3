"""Questions of like meaning, by their vectors.

Source: Butina 1999, doi:10.1021/ci9803381: the question with the most neighbours takes them all
and leads the group; then the next one among the rest.
"""

import numpy as np
from numpy.typing import NDArray

# Cosine of questions that mean the same. Of the 3,300 pairs of different questions about our own
# documentation, none is as near with the embedder that ships.
NEAR = 0.65
BLOCK = 512

Vectors = NDArray[np.float32]


def groups(vectors: Vectors, weights: NDArray[np.int64], *, near: float = NEAR) -> list[list[int]]:
    """Rows of `vectors` (N, D; unit length) that belong together, the most central first.

    weights: how often each was asked. Groups come by weight, ties by the lowest row.
    Cost: N² products, in blocks; N ≤ 3,000 takes well under a second.
    """
    neighbours = _neighbours(vectors, near)
    left = np.ones(len(vectors), dtype=bool)
    reach = np.array([weights[found].sum() for found in neighbours], dtype=np.int64)
    found: list[list[int]] = []
    while left.any():
        leader = int(np.argmax(np.where(left, reach, -1)))
        members = neighbours[leader][left[neighbours[leader]]]
        left[members] = False
        for member in members:
            reach[neighbours[member]] -= weights[member]
        found.append(_central_first(vectors, weights, members))
    return sorted(found, key=lambda rows: (-int(weights[rows].sum()), min(rows)))


def has_near(vectors: Vectors, others: Vectors, *, near: float = NEAR) -> NDArray[np.bool_]:
    """For each row, whether one of the others is near."""
    if not len(others):
        return np.zeros(len(vectors), dtype=bool)
    return np.asarray((vectors @ others.T).max(axis=1) >= near)


def _neighbours(vectors: Vectors, near: float) -> list[NDArray[np.intp]]:
    """Of each row, itself included."""
    found: list[NDArray[np.intp]] = []
    for start in range(0, len(vectors), BLOCK):
        rows = vectors[start : start + BLOCK] @ vectors.T >= near
        for number, row in enumerate(rows, start=start):
            row[number] = True
            found.append(np.flatnonzero(row))
    return found


def _central_first(
    vectors: Vectors, weights: NDArray[np.int64], members: NDArray[np.intp]
) -> list[int]:
    """By mean similarity to all that was asked in the group."""
    inside = vectors[members]
    closeness = inside @ (inside * weights[members, None]).sum(axis=0)
    return [int(members[at]) for at in np.argsort(-closeness, kind="stable")]
