import functools

import pytest

from chatbot.answering.contract import ANSWER, ESCALATE, SMALLTALK, Decision
from learning.judging import Outcome
from learning.matching import Span
from learning.metrics import Estimate
from learning.questions import Question
from learning.scoring import printed, table
from learning.tests.conftest import decision

GOLD = Question("1", "q", spans=(Span("returns", 31, 38),), answers=("30 days",))
ELSEWHERE = Question("2", "q", spans=(Span("other", 0, 5),), answers=("Berlin",))


def outcomes() -> list[Outcome]:
    """Right and answered; wrong and answered; right if shown; unanswerable and answered; hello."""
    return [
        Outcome(GOLD, decision(ANSWER, confidence=0.9), 10.0),
        Outcome(ELSEWHERE, decision(ANSWER, confidence=0.8), 20.0),
        Outcome(GOLD, decision(ESCALATE, confidence=0.4), 30.0),
        Outcome(Question("4", "q", answerable=False), decision(ANSWER, confidence=0.6), 40.0),
        Outcome(Question("5", "hello"), Decision(SMALLTALK, "greeting", 0.99), 50.0),
    ]


@functools.cache
def whole_table() -> dict[str, Estimate]:
    return table(outcomes())


@pytest.mark.parametrize(
    ("metric", "value", "count"),
    [
        ("recall@1", 2 / 3, 3),
        ("recall@5", 1.0, 3),
        ("MRR", (1 + 1 / 2 + 1) / 3, 3),
        ("exact match", 2 / 3, 3),
        ("F1", 2 / 3, 3),
        ("span F1", 2 * (2 * 7 / (39 + 7)) / 3, 3),
        ("right", 2 / 3, 3),
        ("coverage", 3 / 5, 5),
        ("risk", 2 / 3, 3),
        ("false answers", 1.0, 1),
        ("AURC", (0 + 1 / 2 + 2 / 3 + 2 / 4) / 4, 4),
        ("ECE", (0.1 + 0.8 + 0.6 + 0.6) / 4, 4),
        ("latency p50 ms", 30.0, 5),
        ("latency p95 ms", 48.0, 5),
    ],
)
def test_the_table_worked_by_hand(metric: str, value: float, count: int) -> None:
    found = whole_table()[metric]
    assert found.value == pytest.approx(value) and found.count == count


def test_questions_without_labels_leave_a_dash_not_a_zero() -> None:
    lines = printed(table([Outcome(Question("1", "q"), decision(ANSWER, confidence=0.9), 10.0)]))
    by_name = {line[:16].strip(): line.split() for line in lines}
    assert by_name["recall@5"] == ["recall@5", "-", "-", "0"]
    assert by_name["coverage"] == ["coverage", "1.000", "-", "1"]
