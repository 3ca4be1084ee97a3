"""Does a text, or a place in an article, say what the gold answer says?

Words are compared as SQuAD does (Rajpurkar et al. 2016, arXiv 1606.05250): lower case, without
ASCII punctuation, without a, an and the. Places are half-open ranges of code points of an
article's text.
"""

import re
import string
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

_PUNCTUATION = str.maketrans("", "", string.punctuation)
_ARTICLE = re.compile(r"\b(?:a|an|the)\b")


@dataclass(frozen=True)
class Span:
    """A place in an article."""

    doc_id: str
    start: int
    end: int

    def overlap(self, other: "Span") -> int:
        """Code points in common; 0 for another article."""
        if self.doc_id != other.doc_id:
            return 0
        return max(0, min(self.end, other.end) - max(self.start, other.start))

    def holds(self, other: "Span") -> bool:
        """All of the other lies in this one."""
        return self.doc_id == other.doc_id and self.start <= other.start and other.end <= self.end


def normalised(text: str) -> list[str]:
    """The words that count."""
    return _ARTICLE.sub(" ", text.lower().translate(_PUNCTUATION)).split()


def exact_match(text: str, answers: Sequence[str]) -> bool:
    """The same words in the same order as one of the answers."""
    words = normalised(text)
    return any(words == normalised(answer) for answer in answers)


def token_f1(text: str, answers: Sequence[str]) -> float:
    """Harmonic mean of precision and recall of words, the best over the answers; 0 for none."""
    words = normalised(text)
    return max((_f1(words, normalised(answer)) for answer in answers), default=0.0)


def _f1(words: Sequence[str], gold: Sequence[str]) -> float:
    if not words or not gold:
        return float(words == gold)
    common = sum((Counter(words) & Counter(gold)).values())
    return 2 * common / (len(words) + len(gold))


def span_f1(span: Span, gold: Sequence[Span]) -> float:
    """Harmonic mean of precision and recall of code points, the best over the gold spans."""
    return max(
        (
            2 * span.overlap(one) / max(1, (span.end - span.start) + (one.end - one.start))
            for one in gold
        ),
        default=0.0,
    )


def says_one_of(text: str, answers: Sequence[str]) -> bool:
    """One of the answers stands in the text, word for word and whole words only."""
    words = normalised(text)
    return any(_stands_in(normalised(answer), words) for answer in answers)


def _stands_in(gold: Sequence[str], words: Sequence[str]) -> bool:
    size = len(gold)
    return size > 0 and any(words[at : at + size] == gold for at in range(len(words) - size + 1))
