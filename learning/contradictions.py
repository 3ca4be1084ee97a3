"""Two passages that say nearly the same: do they say different things? A hint, by simple rules.

Sentences are paired by the words that they share. A pair is pointed out where its numbers differ,
its days or months differ, or one of the two denies. Paraphrases ("a month", "four weeks") are not
seen through, and two numbers may both be right: a person decides.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from knowledge.passages import sentences

SHARED = 0.6  # of the words of two sentences (Dice), from which they speak of the same
FEWEST = 3  # words in common
NUMBERS, DATES, NEGATION = "numbers", "dates", "negation"
_TOKEN = re.compile(r"\d+(?:[.,:/]\d+)*|[^\W\d_]+(?:['’][^\W\d_]+)?")
_THOUSANDS = re.compile(r"(?<=\d)[,\u00a0\u202f](?=\d{3}\b)")
_WORDED = {
    word: str(value)
    for value, words in enumerate(
        ("zero ноль", "one один одна одно", "two два две", "three три", "four четыре", "five пять",
         "six шесть", "seven семь", "eight восемь", "nine девять", "ten десять",
         "eleven одиннадцать", "twelve двенадцать")
    )
    for word in words.split()
}  # fmt: skip
_MONTHS_AND_DAYS = """
january february march april june july august september october november december monday tuesday
wednesday thursday friday saturday sunday января февраля марта апреля мая июня июля августа сентября
октября ноября декабря понедельник вторник среда среду четверг пятница пятницу суббота субботу
воскресенье
"""
_DATED = frozenset(_MONTHS_AND_DAYS.split())
_NO = "not no never none nor neither cannot without не нет ни нельзя никогда без"
_DENIALS = frozenset(_NO.split())


@dataclass(frozen=True)
class Hint:
    """Two sentences that speak of the same and differ in `kinds`."""

    mine: str
    theirs: str
    kinds: tuple[str, ...]


@dataclass(frozen=True)
class _Sentence:
    text: str
    words: frozenset[str]
    numbers: frozenset[str]
    dates: frozenset[str]
    denies: bool


def hints(mine: str, theirs: str) -> list[Hint]:
    """In the order of the sentences of `mine`. Cost: the product of the numbers of sentences."""
    others = _read(theirs)
    found = []
    for one in _read(mine):
        other = _counterpart(one, others)
        kinds = _differences(one, other) if other else ()
        if other and kinds:
            found.append(Hint(one.text, other.text, kinds))
    return found


def _counterpart(one: _Sentence, others: Sequence[_Sentence]) -> _Sentence | None:
    """The sentence that shares the most words with this one, if it shares enough."""
    best = max(others, key=lambda other: _shared(one, other), default=None)
    if best is None or len(one.words & best.words) < FEWEST or _shared(one, best) < SHARED:
        return None
    return best


def _shared(one: _Sentence, other: _Sentence) -> float:
    return 2 * len(one.words & other.words) / max(1, len(one.words) + len(other.words))


def _differences(one: _Sentence, other: _Sentence) -> tuple[str, ...]:
    found = []
    if one.numbers and other.numbers and one.numbers != other.numbers:
        found.append(NUMBERS)
    if one.dates and other.dates and one.dates != other.dates:
        found.append(DATES)
    if one.denies != other.denies:
        found.append(NEGATION)
    return tuple(found)


def _read(text: str) -> list[_Sentence]:
    return [_sentence(text[start:end]) for start, end in sentences(text, 0, len(text))]


def _sentence(text: str) -> _Sentence:
    tokens = [token.lower() for token in _TOKEN.findall(_THOUSANDS.sub("", text))]
    numbers = frozenset(_WORDED.get(token, token) for token in tokens if _is_number(token))
    dates = frozenset(token for token in tokens if token in _DATED)
    denials = sum(token in _DENIALS or token.endswith(("n't", "n’t")) for token in tokens)
    said = (token for token in tokens if not _is_number(token) and token not in _DENIALS)
    words = frozenset(token.removesuffix("n't").removesuffix("n’t") for token in said)
    return _Sentence(text, words - dates, numbers, dates, denials % 2 == 1)


def _is_number(token: str) -> bool:
    return token[0].isdigit() or token in _WORDED
