import math
from collections import Counter
from uuid import UUID, uuid4

import numpy as np
import pytest

from knowledge import lexical, postings
from knowledge.completing import completed

LIMIT = 20


def test_bm25_of_a_worked_example() -> None:
    """Two passages of 2 and 4 terms; `a` once in the first: idf ln 2, norm 0.9 of length 2."""
    statistics = postings.Statistics(passages=2, mean_length=3.0)
    idf = float(statistics.idf(np.array([1.0]))[0])
    assert idf == pytest.approx(math.log(2))
    assert statistics.saturation(1, 2) == pytest.approx(2.2 / (1 + 1.2 * (0.25 + 0.75 * 2 / 3)))


def test_scores_equal_the_formula_over_segments_with_dead_passages() -> None:
    rng = np.random.default_rng(1)
    words = [f"w{i}" for i in range(50)]
    documents = [
        rng.choice(words[: rng.integers(1, 51)], rng.integers(0, 31)).tolist() for _ in range(700)
    ]
    dead = {3, 10, 400, 650}
    question = ["w1", "w30", "w49", "w30", "unknown"]
    segments, rows = [], []
    for first, last in ((0, 300), (300, 700)):
        lists = postings.build(documents[first:last])
        segment_id = uuid4()
        length = sum(len(documents[i]) for i in range(first, last) if i not in dead)
        buried = np.array([i - first for i in sorted(dead) if first <= i < last])
        segments.append(lexical.Segment(segment_id, last - first, length, buried))
        rows += [
            (term, segment_id, len(data) // 4, 0, data)
            for term, data in zip(lists.terms, lists.postings, strict=True)
            if term in question
        ]
    found = lexical.scored(rows, segments, [question], LIMIT).views[0]
    starts: dict[UUID, int] = {segments[0].id: 0, segments[1].id: 300}
    got = [starts[segment] + ordinal for segment, ordinal in found.places]
    expected = _exact(documents, dead, question)
    assert got == [number for _, number in expected]
    assert found.scores == pytest.approx([score for score, _ in expected])


def _exact(
    documents: list[list[str]], dead: set[int], question: list[str]
) -> list[tuple[float, int]]:
    living = [i for i in range(len(documents)) if i not in dead]
    mean = sum(len(documents[i]) for i in living) / len(living)
    scores = dict.fromkeys(living, 0.0)
    for term, times in Counter(question).items():
        frequency = sum(term in documents[i] for i in living)
        idf = math.log(1 + (len(living) - frequency + 0.5) / (frequency + 0.5))
        for i in living:
            count = documents[i].count(term)
            norm = 1.2 * (0.25 + 0.75 * len(documents[i]) / mean)
            scores[i] += times * idf * count * 2.2 / (count + norm)
    return sorted(((score, i) for i, score in scores.items()), key=lambda one: (-one[0], one[1]))[
        :LIMIT
    ]


def test_merging_leaves_out_the_dead_and_renumbers() -> None:
    lists = postings.build([["a", "b", "a"], ["b", "c"], []])
    rows = [
        (term, segment, data)
        for segment in (0, 1)
        for term, data in zip(lists.terms, lists.postings, strict=True)
    ]
    merged = postings.merge(rows, [np.array([True, False, True]), np.array([True, True, True])])
    assert merged.lengths.tolist() == [3, 0, 3, 2, 0]
    ordinals = {
        term: (np.frombuffer(data, dtype=np.uint32) >> 16).tolist()
        for term, data in zip(merged.terms, merged.postings, strict=True)
    }
    assert ordinals == {"a": [0, 2], "b": [0, 2, 3], "c": [3]}


def test_the_best_of_many_are_those_of_a_full_sort() -> None:
    scores = np.random.default_rng(0).random(150_001)
    best = postings.Best(150)
    for base in range(0, len(scores), 65_536):
        best.offer(scores[base : base + 65_536], base)
    slots, _ = best.result()
    assert slots.tolist() == np.argsort(-scores)[:150].tolist()


class Cursor:
    """Answers the one statement that lists of common words are read by, and counts it."""

    def __init__(self, rows: list[tuple[UUID, str, bytes]]) -> None:
        self.rows, self.asked = rows, 0

    def execute(self, sql: str, params: object = None, /) -> None:
        self.asked += 1

    def fetchall(self) -> list[tuple[UUID, str, bytes]]:
        return self.rows


def test_common_words_are_added_from_lists_that_are_read_once() -> None:
    """As if all terms had been read at once."""
    rng = np.random.default_rng(4)
    words = ["the", "of", "rare"]
    documents = [rng.choice(words, size=rng.integers(1, 9)).tolist() for _ in range(300)]
    lists, segment = postings.build(documents), uuid4()
    total = int(lists.lengths.sum(dtype=np.int64))
    rows = [
        (term, segment, len(data) // 4, 0, data)
        for term, data in zip(lists.terms, lists.postings, strict=True)
    ]
    segments = [lexical.Segment(segment, 300, total, np.empty(0, np.int64))]
    question = ["rare", "the", "the", "of"]
    whole = lexical.scored(rows, segments, [question], 40).views[0]
    read = [row if row[0] == "rare" else (*row[:4], None) for row in rows]
    found = lexical.scored(read, segments, [question], 300)
    cursor = Cursor([(segment, row[0], row[4]) for row in rows])
    for _ in range(2):
        got = completed(cursor, uuid4(), found, [question], depth=40).views[0]
        assert got.places == whole.places
        assert got.scores == pytest.approx(whole.scores)
    assert cursor.asked == 1
