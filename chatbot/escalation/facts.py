"""The parts of a sentence that must be exact: numbers, names, codes, addresses, negation.

All comparisons are of canonical forms: "1,000", "1 000" and "1000" are one number, and so are
"fourteen" and "14".
"""

import re

from chatbot.escalation.words import NUMBER_OF_WORD, STOP_TERMS
from knowledge.analysis import terms

_GROUPED = re.compile(r"\d{1,3}(?:[  \u202f,.]\d{3})+")
_NUMBER = re.compile(r"(?<![\d.,])(?:\d{1,3}(?:[  \u202f,.]\d{3})+(?![\d.,]*\d)|\d+(?:[.,]\d+)*)")
_ADDRESS = re.compile(
    r"https?://[^\s<>\"'»”\])]+"
    r"|(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
    r"|(?<![\w.-])(?:[\w-]+\.)+[^\W\d_]{2,}\b(?:/[^\s<>\"'»”\])]*)?",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W_](?:[\w'’+/-]*\w)?")
_WORDS = re.compile(r"[^\W\d_]+")
_JOINED_WORD = re.compile(r"\w(?:[\w+/-]*\w)?")
OWN_DIGITS = 5  # with so many it is an order or an account of the visitor's, not a quantity
_NEGATION = re.compile(
    r"\b(?:not|cannot|never|without|neither|nor|none|nobody|nothing|unable|impossible"
    r"|не|нет|нельзя|без|никогда|никто|ничего|невозможно)\b|\bno\b|n['’]t\b",
    re.IGNORECASE,
)


def numbers(text: str) -> set[str]:
    """Canonical numbers, those of number words included; "one" is left out, being a pronoun."""
    found = {_canonical(match[0]) for match in _NUMBER.finditer(text)}
    words = (word.casefold() for word in _WORDS.findall(text))
    return found | {NUMBER_OF_WORD[word] for word in words if word in NUMBER_OF_WORD}


def with_canonical_numbers(text: str) -> str:
    """The text, its numbers and number words as `numbers` gives them: "fourteen" is "14"."""
    text = _NUMBER.sub(lambda match: _canonical(match[0]), text)
    return _WORDS.sub(lambda match: NUMBER_OF_WORD.get(match[0].casefold(), match[0]), text)


def _canonical(number: str) -> str:
    if _GROUPED.fullmatch(number):
        number = re.sub(r"\D", "", number)
    number = number.replace(",", ".")
    if number.count(".") == 1:
        number = number.rstrip("0").rstrip(".")
    return number.lstrip("0") or "0"


def addresses(text: str) -> set[str]:
    """Links, e-mail addresses and domain names, casefolded and without a trailing full stop."""
    return {match[0].rstrip(".,;:!?").casefold() for match in _ADDRESS.finditer(text)}


def names(sentence: str) -> set[str]:
    """Words with a capital inside the sentence or the word, and codes; casefolded."""
    words = [match[0] for match in _WORD.finditer(sentence)]
    inside = {word.casefold() for word in words[1:] if word[0].isupper()}
    anywhere = {word.casefold() for word in words if any(map(str.isupper, word[1:]))}
    return (inside | anywhere | codes(sentence)) - STOP_TERMS


def codes(text: str) -> set[str]:
    """Words of letters with digits or underscores, casefolded: E-104, DATABASE_URL."""
    words = {match[0].casefold() for match in _JOINED_WORD.finditer(text)}
    return {word for word in words if "_" in word or _mixes_letters_and_digits(word)}


def _mixes_letters_and_digits(word: str) -> bool:
    return any(map(str.isdigit, word)) and any(map(str.isalpha, word))


def without_own(sentence: str, question: str) -> str:
    """The sentence without the order numbers and the like that the visitor's question gives."""
    own = {match[0].casefold() for match in _JOINED_WORD.finditer(question)}
    own = {word for word in own if sum(map(str.isdigit, word)) >= OWN_DIGITS}
    return _JOINED_WORD.sub(lambda match: "" if match[0].casefold() in own else match[0], sentence)


def content(text: str) -> set[str]:
    """Index terms that carry meaning."""
    return set(terms(text)) - STOP_TERMS


def negates(text: str) -> bool:
    return bool(_NEGATION.search(text))
