"""Posting lists of common words, kept by each process.

A segment's lists never change, and a segment's id never comes back, so what was read once stays
true. Only common words come here: few lists, asked for by almost every question, and long. Whoever
asks has just found the segments' ids behind row-level security.
"""

from collections import OrderedDict
from collections.abc import Collection
from threading import Lock
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from knowledge.lexical import Cursor

MOST_BYTES = 64_000_000
Values = NDArray[np.uint32]
Key = tuple[UUID, str]

_READ = """
SELECT segment_id, term, postings FROM knowledge_posting
WHERE workspace_id = %s AND term = ANY(%s) AND segment_id = ANY(%s)
"""
_NONE: Values = np.empty(0, dtype=np.uint32)


class _Lists:
    """The lists used last, MOST_BYTES of them. For threads."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Key, Values] = OrderedDict()
        self._lock = Lock()
        self._size = 0

    def known(self, wanted: Collection[Key]) -> dict[Key, Values]:
        with self._lock:
            found = {key: self._kept[key] for key in wanted if key in self._kept}
            for key in found:
                self._kept.move_to_end(key)
        return found

    def keep(self, read: dict[Key, Values]) -> None:
        with self._lock:
            for key, values in read.items():
                if key not in self._kept:
                    self._kept[key] = values
                    self._size += values.nbytes + 100
            while self._size > MOST_BYTES:
                _, gone = self._kept.popitem(last=False)
                self._size -= gone.nbytes + 100


_lists = _Lists()


def lists_of(
    cursor: Cursor, workspace_id: UUID, segments: Collection[UUID], terms: Collection[str]
) -> dict[Key, Values]:
    """The list of each term in each segment, sorted by ordinal; empty where it has none."""
    wanted = [(segment, term) for segment in segments for term in terms]
    found = _lists.known(wanted)
    missing = [key for key in wanted if key not in found]
    if missing:
        places, words = {one for one, _ in missing}, {one for _, one in missing}
        cursor.execute(_READ, [workspace_id, list(words), list(places)])
        read: dict[Key, Values] = dict.fromkeys(missing, _NONE)
        for segment, term, data in cursor.fetchall():
            if (segment, term) in read:
                read[segment, term] = np.frombuffer(bytes(data), dtype=np.uint32)
        _lists.keep(read)
        found |= read
    return found
