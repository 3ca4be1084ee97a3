"""What tier 1 made of a labelled question: where the gold passage was ranked, what was right.

Every decision that read something is judged by what it shows or would have shown, also where it
escalated: that is what a calibration is fitted on, and what risk at other coverages needs.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from chatbot.answering.contract import ANSWER, HANDOFF, SMALLTALK, Decision, Evidence
from learning.matching import Span, says_one_of, span_f1, token_f1
from learning.questions import Question

ENOUGH = 0.5  # F1 from which an answer says the same as the gold answer


@dataclass(frozen=True)
class Candidate:
    """The answer given, or the one that would have been.

    words: what the reader chose. text: what is shown, words and what belongs to them; place: where
    it stands.
    """

    words: str
    text: str
    place: Span


@dataclass(frozen=True)
class Outcome:
    """A question, its decision, and milliseconds from asked to decided."""

    question: Question
    decision: Decision
    total_ms: float

    @property
    def answered(self) -> bool:
        return self.decision.kind == ANSWER

    @property
    def weighed(self) -> bool:
        """Its confidence is that of an answer, not that of having understood a greeting."""
        return self.decision.kind not in {SMALLTALK, HANDOFF} or bool(self.decision.features)

    @property
    def candidate(self) -> Candidate | None:
        return candidate(self.decision)

    @property
    def rank(self) -> float:
        """Place of the first gold passage, from 1; infinite where it was not ranked."""
        places = enumerate(self.decision.evidence, start=1)
        return next((rank for rank, row in places if is_gold(row, self.question)), math.inf)

    @property
    def right(self) -> bool:
        found = self.candidate
        return found is not None and is_right(found, self.question)

    @property
    def ms(self) -> Mapping[str, float]:
        return {**self.decision.stages_ms, "total": round(self.total_ms, 2)}


def candidate(decision: Decision) -> Candidate | None:
    """None where nothing was read, or nothing found in what was read."""
    first = decision.evidence[0] if decision.evidence else None
    if first is None or first.answer_start is None or first.answer_end is None:
        return None
    place = Span(first.doc_id, first.answer_start, first.answer_end)
    inside = slice(max(0, place.start - first.start), max(0, place.end - first.start))
    text = decision.text or first.text[inside]
    words = decision.citations[0].quote if decision.citations else text
    return Candidate(words=words, text=text, place=place)


def is_gold(row: Evidence, question: Question) -> bool:
    """The passage overlaps a gold span; without spans, it is of the gold article."""
    if not question.spans:
        return row.doc_id == question.doc_id
    place = Span(row.doc_id, row.start, row.end)
    return any(place.overlap(span) > 0 for span in question.spans)


def is_right(found: Candidate, question: Question) -> bool:
    """To a question that has no answer, every answer is wrong. Else one of these makes it right:

    1. the words chosen, or the text shown, share at least half with a gold answer (token F1 of
       SQuAD ≥ .5);
    2. the text shown holds a whole gold span, or shares at least half with one (F1 of code
       points ≥ .5);
    3. a gold answer stands word for word in the text shown, and where gold spans are known, that
       text is of the same article as one of them.

    Holding the gold answer is enough, since a visitor reads the sentence or list that is shown,
    which is at most a few sentences long; a single word in common is not. 3 asks for the article,
    as a short answer such as a number stands in many sentences that say something else.
    """
    if question.answerable is False:
        return False
    if max(token_f1(text, question.answers) for text in (found.words, found.text)) >= ENOUGH:
        return True
    if span_f1(found.place, question.spans) >= ENOUGH:
        return True
    if any(found.place.holds(span) for span in question.spans):
        return True
    articles = {span.doc_id for span in question.spans} or {found.place.doc_id}
    return found.place.doc_id in articles and says_one_of(found.text, question.answers)
