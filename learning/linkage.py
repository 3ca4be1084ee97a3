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


def join(vectors: Vectors, means: Vectors) -> NDArray[np.intp]:
    """(N,) the number of the nearest group for each vector, -1 where none is near.

    vectors: (N, D) of unit length; means: (G, D).
    """
    if not len(means) or not len(vectors):
        return np.full(len(vectors), -1, np.intp)
    near = vectors @ means.T
    best = near.argmax(axis=1)
    return np.where(near[np.arange(len(vectors)), best] >= SAME_MEANING, best, -1)


def agglomerate(vectors: Vectors) -> NDArray[np.intp]:
    """(N,) group numbers from 0, in the order of each group's first vector. N is some hundreds.

    Cost: N² for each of at most N merges.
    """
    count = len(vectors)
    near = vectors @ vectors.T
    np.fill_diagonal(near, _NEVER)
    sizes = np.ones(count)
    labels = np.arange(count)
    while count:
        one, other = divmod(int(near.argmax()), count)
        if near[one, other] < SAME_MEANING:
            break
        one, other = min(one, other), max(one, other)
        row = (sizes[one] * near[one] + sizes[other] * near[other]) / (sizes[one] + sizes[other])
        near[one], near[:, one], near[one, one] = row, row, _NEVER
        near[other], near[:, other] = _NEVER, _NEVER
        sizes[one] += sizes[other]
        labels[labels == other] = one
    return np.unique(labels, return_inverse=True)[1].astype(np.intp)
