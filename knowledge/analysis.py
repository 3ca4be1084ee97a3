"""Text to index terms: the same for passages and questions.

Words are casefolded and stemmed with Snowball, Cyrillic as Russian and everything else as
English, so that a question needs no language detection. Codes and identifiers ("E-104",
"802.11", "DATABASE_URL") are kept whole beside their parts. Scripts without spaces give
overlapping pairs of characters. There is no stop list: inverse document frequency does that.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

import snowballstemmer

_CHUNK = re.compile(r"[^\W_]+(?:[-_./:'’+#]+[^\W_]+)*")
_PART = re.compile(r"[^\W_]+(?:['’][^\W\d_]+)*")
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]+")
_CYRILLIC = re.compile(r"[\u0400-\u04ff]")
_LONGEST_TERM = 64

_english = snowballstemmer.stemmer("english")
_russian = snowballstemmer.stemmer("russian")


@lru_cache(maxsize=200_000)
def stem(word: str) -> str:
    """The stem of a casefolded word; numbers and codes come back unchanged."""
    if any(character.isdigit() for character in word):
        return word
    if _CYRILLIC.search(word):
        return str(_russian.stemWord(word.replace("ё", "е")))
    return str(_english.stemWord(word))


@lru_cache(maxsize=200_000)
def _terms_of(chunk: str) -> tuple[str, ...]:
    """The terms of one run of letters, digits and joiners."""
    chunk = chunk.casefold().replace("’", "'")
    if _UNSPACED.search(chunk):
        return tuple(_pairs(chunk))
    parts = _PART.findall(chunk)
    terms = [stem(part[:_LONGEST_TERM]) for part in parts]
    is_code = "_" in chunk or any(character.isdigit() for character in chunk)
    if len(parts) > 1 and is_code and len(chunk) <= _LONGEST_TERM:
        terms.append(chunk)
    return tuple(terms)


def _pairs(chunk: str) -> Iterator[str]:
    for piece in re.split(r"([\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]+)", chunk):
        if not _UNSPACED.match(piece):
            yield from (stem(part) for part in _PART.findall(piece))
        elif len(piece) == 1:
            yield piece
        else:
            yield from (piece[at : at + 2] for at in range(len(piece) - 1))


def terms(text: str) -> list[str]:
    """Index terms in order of appearance. Cost: about 0.1 ms for 1,200 characters once warm."""
    return [term for chunk in _CHUNK.findall(text) for term in _terms_of(chunk)]
