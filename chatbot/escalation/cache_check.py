"""May a kept answer answer a new question? The checks that look at texts alone.

- The two ask the same: in the same words, or their vectors are near enough and no number, code or
  denial sets them apart (chatbot.escalation.differing).
- Each kept sentence passes the check that it passed at first, against the passages as they are
  published now and the new question.

What the reader says of it is chatbot.escalation.cache_reading.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chatbot.answering.contract import Citation
from chatbot.answering.scripts import readable
from chatbot.escalation import facts
from chatbot.escalation.redaction import found
from chatbot.escalation.verification import Unsupported, Verifier

MOST_CHARACTERS = 600  # a longer question tells a story, and its end may not be in its vector


@dataclass(frozen=True)
class Kept:
    """What an entry says: the question it answered, and sentences that cite by number."""

    question: str
    sentences: tuple[str, ...]


def words_of(question: str) -> str:
    """By which the same question is known: case, spaces and marks at its end make no other."""
    return " ".join(question.casefold().split()).rstrip(" .?!…")


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
