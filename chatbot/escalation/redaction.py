"""Replace personal details by placeholders before text leaves, and put them back afterwards.

One Redactor serves one request: the same value always gets the same placeholder, so the model
can still tell two addresses apart. `restore(redact(text)) == text` for every text; a placeholder
that the visitor typed is itself replaced, so that it cannot stand for somebody's address.

NamesUnavailable    where names shall be found, and the model that finds them cannot be used
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from chatbot.escalation.details import FINDERS, TAKEN, Finder, Span
from chatbot.escalation.names import names

Finders = Sequence[tuple[str, Finder]]
LEAVING: Finders = (*FINDERS, ("NAME", names))  # for what goes to somebody else's server
_PLACEHOLDER = re.compile(r"\[[A-Z]{2,8}_\d+\]")


class Redactor:
    """The placeholders of one request, and what they stand for."""

    def __init__(self, finders: Finders = FINDERS) -> None:
        self._finders = finders
        self._value_of: dict[str, str] = {}
        self._placeholder_of: dict[tuple[str, str], str] = {}
        self._numbers: Counter[str] = Counter()

    @property
    def counts(self) -> dict[str, int]:
        """How many different values of each kind were replaced."""
        return {kind: n for kind, n in sorted(self._numbers.items()) if kind != "TEXT"}

    def redact(self, text: str) -> str:
        pieces, at = [], 0
        for start, end, kind in found(text, self._finders):
            pieces += [text[at:start], self._placeholder(kind, text[start:end])]
            at = end
        return "".join([*pieces, text[at:]])

    def restore(self, text: str) -> str:
        """Known placeholders become their values; unknown ones stay as they are."""
        return _PLACEHOLDER.sub(lambda match: self._value_of.get(match[0], match[0]), text)

    def _placeholder(self, kind: str, value: str) -> str:
        known = self._placeholder_of.get((kind, value))
        if known:
            return known
        self._numbers[kind] += 1
        placeholder = f"[{kind}_{self._numbers[kind]}]"
        self._placeholder_of[kind, value] = placeholder
        self._value_of[placeholder] = value
        return placeholder


def has_placeholder(text: str) -> bool:
    return bool(_PLACEHOLDER.search(text))


def found(text: str, finders: Finders = FINDERS) -> list[tuple[int, int, str]]:
    """(start, end, kind) to replace, in order, no two overlapping; an earlier kind goes first."""
    spans: list[tuple[int, int, str]] = []
    rest = text
    for kind, finder in (*finders, ("TEXT", _placeholders)):
        at = 0
        for start, end in sorted(finder(rest)):
            if start >= at:
                spans.append((start, end, kind))
                at = end
        for start, end, _ in spans:
            rest = rest[:start] + TAKEN * (end - start) + rest[end:]
    return sorted(spans)


def _placeholders(text: str) -> Iterator[Span]:
    return (match.span() for match in _PLACEHOLDER.finditer(text))
