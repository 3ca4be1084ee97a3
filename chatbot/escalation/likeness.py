"""How a sentence and the passages that it cites resemble each other, as numbers.

Words first, which cost well under a millisecond; then what the reader makes of the two, at one run
for each passage and query. inference.support weighs them; benchmarks.support_quality observes the
same numbers for the sentences that the weights are fitted to.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from chatbot.escalation import facts
from chatbot.escalation.sentences import sentences_of
from chatbot.escalation.words import STOP_TERMS
from knowledge.analysis import terms

if TYPE_CHECKING:  # it loads onnxruntime, which the web process must not
    from inference.reader import Reading

Row = Mapping[str, Any]  # of Evidence.as_json()


@dataclass(frozen=True)
class Rarity:
    """How much a word tells, by the sentences of all the passages that were sent."""

    weights: Mapping[str, float]
    unknown: float

    def of(self, words: set[str]) -> float:
        return sum(self.weights.get(word, self.unknown) for word in words)


def rarity(evidence: Sequence[Row]) -> Rarity:
    """Inverse document frequency, a sentence being a document."""
    sentences = [words for row in evidence for words in _sentences(row)]
    counts = Counter(word for words in sentences for word in words)
    total = len(sentences) + 1
    return Rarity(
        {word: math.log(1.0 + total / count) for word, count in counts.items()},
        math.log(1.0 + total),
    )


def of_words(body: str, question: str, cited: Sequence[Row], rare: Rarity) -> dict[str, float]:
    """body: the sentence without its citations; cited: the passages it cites, at least one."""
    said = _content(body)
    words = set(said)
    there = {word for row in cited for word in _content(_whole(row))}
    sentences = [words_of for row in cited for words_of in _sentences(row)]
    nearest = {word for row in cited for word in _nearest(words, _sentences(row))}
    pairs = [nearest, *(one | two for one, two in pairwise(sentences))]
    return {
        "share": _share(words, there),
        "rare_share": rare.of(words & there) / rare.of(words) if words else 0.0,
        "asked_share": _share(words, there | set(_content(question))),
        "nearest": _share(words, nearest),
        "nearest_back": _share(nearest, words),
        "nearest_two": max(_share(words, one) for one in pairs),
        "in_order": _in_order(said, [_content(_whole(row)) for row in cited]),
        "run": _in_runs(said, [_content(_whole(row)) for row in cited]),
        "foreign": math.log1p(len(words - there)),
        "length": math.log1p(len(words)),
    }


def of_reading(asked: "Sequence[Reading]", said: "Sequence[Reading]") -> dict[str, float]:
    """asked, said: the question, and the sentence, read in each of the cited passages."""
    return {"asked_margin": max(map(_margin, asked)), "said_margin": max(map(_margin, said))}


def _margin(reading: "Reading") -> float:
    return reading.span_score - reading.no_answer_score


def _content(text: str) -> tuple[str, ...]:
    """Index terms that carry meaning, in order; numbers however they are written."""
    found = terms(facts.with_canonical_numbers(text))
    return tuple(term for term in found if term not in STOP_TERMS)


def _sentences(row: Row) -> list[set[str]]:
    """Their words; at least one, be it empty."""
    return [set(_content(text)) for text in sentences_of(row["text"])] or [set()]


def _nearest(words: set[str], sentences: Sequence[set[str]]) -> set[str]:
    """The sentence that shares most of the words, the shortest of several."""
    return max(sentences, key=lambda one: (len(one & words), -len(one)))


def _whole(row: Row) -> str:
    return "\n".join([row["title"], *row["heading_path"], row["text"]])


def _share(words: set[str], of: set[str]) -> float:
    return len(words & of) / len(words) if words else 0.0


def _in_order(said: Sequence[str], passages: Sequence[Sequence[str]]) -> float:
    """The share of neighbouring words that stand side by side, in this order, in a passage."""
    pairs = list(pairwise(said))
    if not pairs:
        return float(bool(said) and any(said[0] in there for there in passages))
    known = {pair for there in passages for pair in pairwise(there)}
    return sum(pair in known for pair in pairs) / len(pairs)


def _in_runs(said: Sequence[str], passages: Sequence[Sequence[str]]) -> float:
    """The share of words in the longest run that stands so in each of the passages."""
    if not said:
        return 0.0
    return len({at for there in passages for at in _longest_run(said, there)}) / len(said)


def _longest_run(said: Sequence[str], there: Sequence[str]) -> range:
    """Where in `said` it stands. Cost: the product of the lengths."""
    best, ends, above = 0, 0, [0] * (len(there) + 1)
    for number, word in enumerate(said, start=1):
        row = [0] * (len(there) + 1)
        for at, other in enumerate(there, start=1):
            if word == other:
                row[at] = above[at - 1] + 1
        if max(row) > best:
            best, ends = max(row), number
        above = row
    return range(ends - best, ends)
