"""What common words add to the best passages that the rarer ones have found."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

import numpy as np

from knowledge import common_lists
from knowledge.lexical import Cursor, Found, Ranked
from knowledge.postings import Floats


def completed(
    cursor: Cursor, workspace_id: UUID, found: Found, views: Sequence[Sequence[str]], *, depth: int
) -> Found:
    """The `depth` best of each view, by all of its terms; scores are exact.

    Each passage is looked up in the lists of the terms that were left unread (a binary search).
    """
    if not found.unread:
        cut = [Ranked(one.places[:depth], one.scores[:depth]) for one in found.views]
        return replace(found, views=cut)
    segments = {segment for one in found.views for segment, _ in one.places}
    lists = common_lists.lists_of(cursor, workspace_id, segments, found.unread)
    table = found.statistics.table()
    ranked = []
    for one, view in zip(found.views, views, strict=True):
        common = {term: n for term, n in Counter(view).items() if term in found.unread}
        weights = {term: n * found.idf[term] for term, n in common.items()}
        scores = one.scores + _extra(one, weights, lists, table)
        order = np.argsort(-scores, kind="stable")[:depth]
        ranked.append(Ranked([one.places[at] for at in order.tolist()], scores[order]))
    return replace(found, views=ranked)


def _extra(
    ranked: Ranked,
    weights: dict[str, float],
    lists: dict[common_lists.Key, common_lists.Values],
    table: Floats,
) -> Floats:
    """What the terms of `weights` are worth in each place."""
    extra = np.zeros(len(ranked.places))
    members: dict[UUID, list[int]] = defaultdict(list)
    for place, (segment, _) in enumerate(ranked.places):
        members[segment].append(place)
    for segment, places in members.items():
        here = np.array(places)
        wanted = np.array([ranked.places[place][1] for place in places], dtype=np.uint32)
        for term, weight in weights.items():
            values = lists[segment, term]
            if not len(values):
                continue
            at = np.minimum(np.searchsorted(values, wanted << np.uint32(16)), len(values) - 1)
            hit = values[at] >> np.uint32(16) == wanted
            extra[here[hit]] += weight * table[values[at[hit]] & np.uint32(0xFFFF)]
    return extra
