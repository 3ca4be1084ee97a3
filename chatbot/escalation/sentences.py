"""Cut a streamed answer into sentences, each with the citations that belong to it.

A sentence is given out once the beginning of the next one has been seen, since "[1]" may still
follow the full stop.
"""

import re

from chatbot.escalation.words import ABBREVIATIONS

CITATION = re.compile(r"\s*\[(\d{1,3}(?:\s*[,;]\s*\d{1,3})*)\]")
_NEXT = r"(?=[^\s\[]|\[[A-Z])"  # a letter or a placeholder, but not a citation
_END = re.compile(rf"[.!?…。！？]+[\"'»”’)*_]*(?:{CITATION.pattern})*\s+{_NEXT}|\s*\n\s*{_NEXT}")
_LIST_MARK = re.compile(r"\s*(?:[-*•]\s+|\d{1,2}[.)]\s+|#{1,6}\s+)")


class SentenceCutter:
    """Feed it pieces of a stream; it returns whole sentences."""

    def __init__(self) -> None:
        self._rest = ""

    def feed(self, piece: str) -> list[str]:
        self._rest += piece
        sentences, start, search_at = [], 0, 0
        while match := _END.search(self._rest, search_at):
            search_at = match.end()
            if _goes_on(self._rest, start, match):
                continue
            sentences.append(self._rest[start : match.end()])
            start = match.end()
        self._rest = self._rest[start:]
        return [plain for sentence in sentences if (plain := without_list_mark(sentence))]

    def rest(self) -> str:
        """What is left at the end of the stream; perhaps an empty string."""
        rest, self._rest = without_list_mark(self._rest), ""
        return rest


def without_list_mark(sentence: str) -> str:
    return _LIST_MARK.sub("", sentence, count=1).strip() if sentence.strip() else ""


def sentences_of(text: str) -> list[str]:
    """The sentences of a finished text."""
    cutter = SentenceCutter()
    sentences = cutter.feed(text)
    rest = cutter.rest()
    return [*sentences, rest] if rest else sentences


def _goes_on(text: str, start: int, match: re.Match[str]) -> bool:
    """A full stop that ends no sentence: after an abbreviation, a list's number, an initial."""
    if not match[0].startswith(".") or match[0].startswith(".."):
        return False
    if text[match.end()].islower():
        return True
    before = text[start : match.start()].split()
    last = before[-1].strip("([\"'«“").casefold() if before else ""
    alone = len(before) == 1 and last.isdigit()
    return alone or last in ABBREVIATIONS or (len(last) == 1 and last.isalpha())
