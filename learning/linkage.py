"""Questions of like meaning: average linkage by cosine, going on from the groups there are.

A question joins the group whose questions it is nearest to on average; what is near to no group is
joined among itself, nearest first (Sokal and Michener 1958). A group's mean of unit vectors says
all that is needed, as its product with a vector is the average cosine with its members.
"""

import numpy as np
from numpy.typing import NDArray

# Groups of questions that banking77, clinc150 and our own documentation's questions are labelled
# with, 60 to 990 questions at once: docs/decisions/0018. Higher splits topics, lower mixes them.
SAME_MEANING = 0.5
_NEVER = -2.0

Vectors = NDArray[np.float32]


def join(vectors: Vectors, means: Vectors, *, near: float = SAME_MEANING) -> NDArray[np.intp]:
    """(N,) the number of the nearest group for each vector, -1 where none is near.

    vectors: (N, D) of unit length; means: (G, D).
    """
    if not len(means) or not len(vectors):
        return np.full(len(vectors), -1, np.intp)
    cosines = vectors @ means.T
    best = cosines.argmax(axis=1)
    return np.where(cosines[np.arange(len(vectors)), best] >= near, best, -1)


def agglomerate(vectors: Vectors, *, near: float = SAME_MEANING) -> NDArray[np.intp]:
    """(N,) group numbers from 0, in the order of each group's first vector. N is some hundreds.

    Cost: N² for each of at most N merges.
    """
    count = len(vectors)
    cosines = vectors @ vectors.T
    np.fill_diagonal(cosines, _NEVER)
    sizes = np.ones(count)
    labels = np.arange(count)
    while count:
        one, other = divmod(int(cosines.argmax()), count)
        if cosines[one, other] < near:
            break
        one, other = min(one, other), max(one, other)
        row = (sizes[one] * cosines[one] + sizes[other] * cosines[other]) / (
            sizes[one] + sizes[other]
        )
        cosines[one], cosines[:, one], cosines[one, one] = row, row, _NEVER
        cosines[other], cosines[:, other] = _NEVER, _NEVER
        sizes[one] += sizes[other]
        labels[labels == other] = one
    return np.unique(labels, return_inverse=True)[1].astype(np.intp)
