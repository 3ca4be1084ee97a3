import math

import pytest

from chatbot.answering.contract import ANSWER, ESCALATE, SMALLTALK, Decision
from learning.judging import Candidate, Outcome, candidate, is_right
from learning.matching import Span
from learning.questions import Question
from learning.tests.conftest import ARTICLE, decision

SHOWN = Candidate(words="30 days", text=ARTICLE[:39], place=Span("returns", 0, 39))


def asked(**fields: object) -> Question:
    return Question(id="a", question="How long?", **fields)  # type: ignore[arg-type] # by the tests


@pytest.mark.parametrize(
    ("question", "right"),
    [
        (asked(answers=("30 days",)), True),
        (asked(answers=("within thirty days", "30 days or so")), True),  # F1 = 2*2/(2+4)
        (asked(answers=("return a blouse",)), True),  # stands in the text shown
        (asked(answers=("blouse trousers",)), False),
        (asked(answers=("a week",)), False),
        (asked(answers=("30 days",), answerable=False), False),
        (asked(spans=(Span("returns", 31, 38),)), True),  # held by what is shown
        (asked(spans=(Span("returns", 20, 60),)), False),  # F1 = 2*19/(39+40)
        (asked(spans=(Span("returns", 10, 50),)), True),  # F1 = 2*29/(39+40)
        (asked(spans=(Span("other", 31, 38),)), False),
        (asked(spans=(Span("other", 31, 38),), answers=("blouse",)), False),
        (asked(spans=(Span("other", 31, 38),), answers=("30 days",)), True),
        (asked(), False),
    ],
)
def test_what_makes_an_answer_right(question: Question, right: bool) -> None:
    assert is_right(SHOWN, question) is right


def test_an_escalation_is_judged_by_what_would_have_been_shown() -> None:
    outcome = Outcome(asked(answers=("30 days",)), decision(ESCALATE, confidence=0.1), 5.0)
    assert outcome.right and not outcome.answered and outcome.weighed
    assert candidate(outcome.decision) == SHOWN


def test_small_talk_holds_no_candidate() -> None:
    outcome = Outcome(asked(answers=("x",)), Decision(SMALLTALK, "greeting", 0.99), 5.0)
    assert outcome.candidate is None and not outcome.right and not outcome.weighed


def test_the_rank_is_that_of_the_first_passage_that_overlaps_the_gold_span() -> None:
    found = decision(ANSWER, confidence=0.9)
    assert Outcome(asked(spans=(Span("other", 39, 80),)), found, 5.0).rank == 2
    assert Outcome(asked(spans=(Span("other", 40, 80),)), found, 5.0).rank == math.inf
    assert Outcome(asked(doc_id="other"), found, 5.0).rank == 2
    assert Outcome(asked(doc_id="nowhere"), found, 5.0).rank == math.inf
