"""Did tier 1 do with a golden question what its author expects?

Right: it answered, with the place or the words that were written down, or, where only an article
was named, from that article; or it did not answer what has no answer. A held-back answer is none.
"""

from chatbot.answering.contract import ANSWER, Decision
from learning.judging import candidate, is_right
from learning.models import GoldenState
from learning.questions import Question


def state_of(decision: Decision, question: Question) -> GoldenState:
    """question: with the places of today, see learning.places.as_of."""
    answered = decision.kind == ANSWER
    if question.answerable is False:
        return GoldenState.WRONG if answered else GoldenState.RIGHT
    if not expects(question):
        return GoldenState.OPEN
    if not answered:
        return GoldenState.UNANSWERED
    return GoldenState.RIGHT if _answers(decision, question) else GoldenState.WRONG


def expects(question: Question) -> bool:
    """It is known what is right, at least from which article."""
    return question.judgeable or question.doc_id is not None


def expected_articles(question: Question) -> set[str]:
    """The articles that the answer is expected from, by their ids of the import."""
    named = {question.doc_id} if question.doc_id else set()
    return named | {span.doc_id for span in question.spans}


def _answers(decision: Decision, question: Question) -> bool:
    found = candidate(decision)
    if found is None:
        return False
    if question.judgeable:
        return is_right(found, question)
    return found.place.doc_id == question.doc_id
