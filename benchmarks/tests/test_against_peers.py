"""What the comparison with peers counts as found, as right and as lost."""

import numpy as np
import pytest

from benchmarks.against_peers import Result, judged, relative_loss
from benchmarks.peers.protocol import Passage
from learning.matching import Span
from learning.questions import Question

PASSAGES = [
    Passage("help", 0, 20, "Help", (), "Parcels take a week."),
    Passage("help", 22, 47, "Help", (), "Refunds take two weeks ok."),
]
REFUNDS = Question("1", "How long?", spans=(Span("help", 35, 44),), answers=("two weeks",))


def test_a_passage_counts_where_a_gold_span_overlaps_it() -> None:
    scores = judged([{"ranked": [0, 1], "place": None}], [REFUNDS], PASSAGES)
    assert scores["recall@1"].tolist() == [0.0]
    assert scores["recall@5"].tolist() == [1.0]


def test_who_chooses_no_words_has_no_score_for_words() -> None:
    scores = judged([{"ranked": [1], "place": None}], [REFUNDS], PASSAGES)
    assert set(scores) == {"recall@1", "recall@5"}


def test_words_are_right_from_half_of_the_gold_answer_on() -> None:
    right = {"ranked": [1], "place": [1, 13, 22]}
    wrong = {"ranked": [1], "place": [1, 0, 7]}
    scores = judged([right, wrong], [REFUNDS, REFUNDS], PASSAGES)
    assert scores["F1"].tolist() == [1.0, 0.0]
    assert scores["right"].tolist() == [1.0, 0.0]


def test_the_database_counts_among_the_core_seconds() -> None:
    result = Result("x", 1, 4.0, 1.0, {"recall@1": np.ones(8)})
    assert result.answers_per_core_s == pytest.approx(2.0)


def test_the_loss_is_relative_and_paired() -> None:
    asked = [Question(str(number), "?") for number in range(10)]
    ours, theirs = np.array([1.0] * 4 + [0.0] * 6), np.array([1.0] * 5 + [0.0] * 5)
    assert relative_loss("F1", ours, theirs, asked).startswith("F1 lost +20.0% [")
    assert relative_loss("F1", ours, ours, asked) == "F1 lost +0.0% [+0.0, +0.0]"
