"""What changed between two texts, word by word, for people to read.

Lines are compared first, then the words of the lines that differ: that reads better than words
alone, and keeps long articles cheap. Source: Ratcliff and Obershelp 1988 (difflib).
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import groupby

MOST_WORDS = 4_000  # of one changed place; more is shown as taken out and put in whole
MOST_PAIRS = 100_000  # of equal words of both: comparing all of them costs more than linear time
AROUND = 2  # unchanged lines that are shown beside a change
_WORDS = re.compile(r"\w+|\s+|[^\w\s]")


@dataclass(frozen=True)
class Piece:
    """kind: same, ins, del, or skip with the number of unchanged lines that are not shown."""

    kind: str
    text: str = ""
    lines: int = 0


def diff(before: str, after: str) -> list[Piece]:
    """The pieces of both texts in order; equal texts give one skip, empty ones nothing.

    Without the skips: same and del make up `before` around the skipped lines, same and ins `after`.
    """
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    pieces: list[Piece] = []
    matcher = SequenceMatcher(None, old, new)
    codes = matcher.get_opcodes()
    for at, (tag, a, b, c, d) in enumerate(codes):
        if tag == "equal":
            pieces += _unchanged(old[a:b], first=at == 0, last=at == len(codes) - 1)
        else:
            pieces += _changed("".join(old[a:b]), "".join(new[c:d]))
    return list(_joined(pieces))


def _unchanged(lines: Sequence[str], *, first: bool, last: bool) -> Iterator[Piece]:
    head = 0 if first else AROUND
    tail = 0 if last else AROUND
    hidden = len(lines) - head - tail
    if hidden <= 1:
        yield Piece("same", "".join(lines))
        return
    yield Piece("same", "".join(lines[:head]))
    yield Piece("skip", lines=hidden)
    yield Piece("same", "".join(lines[len(lines) - tail :] if tail else []))


def _changed(before: str, after: str) -> Iterator[Piece]:
    """Word by word; a place too large for that line by line, if both have as many lines."""
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    if max(len(old), len(new)) > MOST_WORDS or _pairs(old, new) > MOST_PAIRS:
        lines = before.splitlines(keepends=True), after.splitlines(keepends=True)
        if len(lines[0]) == len(lines[1]) > 1:
            for one, other in zip(*lines, strict=True):
                yield from _changed(one, other)
            return
        yield from (Piece("del", before), Piece("ins", after))
        return
    for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            yield Piece("same", "".join(old[a:b]))
        else:
            yield Piece("del", "".join(old[a:b]))
            yield Piece("ins", "".join(new[c:d]))


def _pairs(old: Sequence[str], new: Sequence[str]) -> int:
    counts = Counter(new)
    return sum(times * counts[word] for word, times in Counter(old).items())


def _joined(pieces: Sequence[Piece]) -> Iterator[Piece]:
    """Neighbours of one kind as one; blanks between two changed words belong to the change."""
    kept = [one for one in _bridged(pieces) if one.kind == "skip" or one.text]
    for kind, group in groupby(kept, key=lambda one: one.kind):
        members = list(group)
        if kind == "skip":
            yield from members
        else:
            yield Piece(kind, "".join(one.text for one in members))


def _bridged(pieces: Sequence[Piece]) -> Iterator[Piece]:
    """Runs of deletions and insertions with only blanks between them, all deletions first."""
    run: list[Piece] = []
    for at, one in enumerate(pieces):
        blank = one.kind == "same" and one.text.isspace() and "\n" not in one.text
        goes_on = at + 1 < len(pieces) and pieces[at + 1].kind in {"ins", "del"}
        if one.kind in {"ins", "del"}:
            run.append(one)
        elif blank and run and goes_on:
            run += [Piece("del", one.text), Piece("ins", one.text)]
        else:
            yield from _sorted(run)
            run = []
            yield one
    yield from _sorted(run)


def _sorted(run: Sequence[Piece]) -> list[Piece]:
    return [*(one for one in run if one.kind == "del"), *(one for one in run if one.kind == "ins")]
