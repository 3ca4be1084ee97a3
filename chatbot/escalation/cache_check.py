"""May a kept answer answer a new question? The checks that look at texts and models alone.

- The two ask the same: their vectors are near enough, and no number, code or denial sets them
  apart (chatbot.escalation.likeness).
- Each kept sentence passes the check that it passed at first, against the passages as they are
  published now and the new question.
- The reader, asked the new question, finds the answer in those passages about as surely as it
  does for the first one.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chatbot.answering.contract import Citation
from chatbot.answering.scripts import readable
from chatbot.escalation import facts
from chatbot.escalation.redaction import found
from chatbot.escalation.verification import Unsupported, Verifier

if TYPE_CHECKING:
    from inference.reader import Reader

MOST_CHARACTERS = 600  # a longer question tells a story, and its end may not be in its vector


@dataclass(frozen=True)
class Kept:
    """What an entry says: the question it answered, and sentences that cite by number."""

    question: str
    sentences: tuple[str, ...]


def is_impersonal(question: str) -> bool:
    """Whether others may ask it too: short, readable, without personal details or own numbers."""
    if len(question) > MOST_CHARACTERS or not readable(question) or found(question):
        return False
    digits = (sum(map(str.isdigit, word)) for word in question.split())
    return all(count < facts.OWN_DIGITS for count in digits)


def verified(
    kept: Kept,
    rows: Sequence[Mapping[str, Any]],
    question: str,
    *,
    about: tuple[str, Collection[str]],
) -> tuple[str, tuple[Citation, ...]] | None:
    """Text and citations, None where a sentence does not pass. about: (workspace's slug, hosts)."""
    slug, hosts = about
    verifier = Verifier(rows, question, hosts=hosts)
    try:
        said = [verifier.check(sentence).text for sentence in kept.sentences]
    except Unsupported:
        return None
    return " ".join(said), verifier.citations(slug)


def gain(reader: "Reader", first: str, question: str, rows: Sequence[Mapping[str, Any]]) -> float:
    """How much better, in logits, the best of these passages answers the question than the first.

    Large models are asked what the reader is not sure of, so its margin for the first question is
    low as a rule: against an absolute bound most of these answers would never be given again.
    Cost: two runs a passage.
    """
    return _margin(reader, question, rows) - _margin(reader, first, rows)


def _margin(reader: "Reader", question: str, rows: Sequence[Mapping[str, Any]]) -> float:
    from inference.reader import ReaderPassage

    passages = [ReaderPassage(r["title"], tuple(r["heading_path"]), r["text"]) for r in rows]
    return max(one.span_score - one.no_answer_score for one in reader.read(question, passages))
