"""How much of an article is shown around the words that answer.

A sentence of a paragraph; of a list or of steps all items, with the sentence that leads in; of a
table all rows. Never cuts inside a word, and stays within MOST characters.
"""

import re
from collections.abc import Sequence

from knowledge.passages import Block, blocks, sentences

MOST = 1_200
_INDENTED = 2  # columns: a paragraph so far in belongs to the item above it


def block_around(text: str, start: int, end: int, *, markdown: bool = True) -> tuple[int, int]:
    """(start, end) of what to show for the span text[start:end]; holds the span if that fits.

    Offsets are code points. An empty or reversed span raises ValueError.
    """
    if not 0 <= start < end <= len(text):
        raise ValueError(f"no span of the text: {start}..{end}")
    found = list(blocks(text, markdown=markdown))
    first = _extent(text, found, start, min(end, _block_end(found, start, end)))
    last = _extent(text, found, _block_start(found, start, end), end)
    whole = min(first[0], last[0]), max(first[1], last[1])
    chosen = whole if whole[1] - whole[0] <= MOST else first
    holding = min(chosen[0], start), max(chosen[1], end)  # a span may begin in the blanks before
    return _with_what_it_announces(
        text, found, holding if holding[1] - holding[0] <= MOST else chosen
    )


def _with_what_it_announces(
    text: str, found: Sequence[Block], shown: tuple[int, int]
) -> tuple[int, int]:
    """A text that ends in a colon is no answer without the code, list or table after it."""
    if not text[slice(*shown)].rstrip().endswith(":"):
        return shown
    at = next((i for i, one in enumerate(found) if one.start >= shown[1]), None)
    if at is None or found[at].kind not in {"code", "item", "row"}:
        return shown
    end = found[at].end
    for following in found[at + 1 :]:
        if following.kind != found[at].kind or found[at].kind == "code":
            break
        end = following.end
    return (shown[0], end) if end - shown[0] <= MOST else shown


def _block_end(found: Sequence[Block], start: int, end: int) -> int:
    """Where the block that holds `start` ends; `end` if none does."""
    return next((one.end for one in found if one.start <= start < one.end), end)


def _block_start(found: Sequence[Block], start: int, end: int) -> int:
    """`start`, or the beginning of the block that holds the span's last character."""
    last = next((one.start for one in found if one.start < end <= one.end), start)
    return max(start, last)


def _extent(text: str, found: Sequence[Block], start: int, end: int) -> tuple[int, int]:
    at = next((i for i, one in enumerate(found) if one.end > start), None)
    if at is None:
        return _bounded(text, (start, end), start, end)
    kind = found[at].kind
    if kind == "item" or _continues_item(text, found, at):
        return _list_around(text, found, at, (start, end))
    if kind == "row":
        return _run(text, found, at, (start, end))
    if kind == "code":
        return _bounded(text, (found[at].start, found[at].end), start, end)
    if kind == "heading":
        return _bounded(text, (found[at].start, _under_heading(text, found, at)), start, end)
    return _sentences_around(text, found[at], start, end)


def _under_heading(text: str, found: Sequence[Block], at: int) -> int:
    """Where the first block under a heading ends that is no heading, a list with all its items."""
    goal = next((i for i in range(at + 1, len(found)) if found[i].kind != "heading"), None)
    if goal is None:
        return found[at].end
    first = found[goal]
    return max(first.end, _extent(text, found, first.start, first.start + 1)[1])


def _sentences_around(text: str, block: Block, start: int, end: int) -> tuple[int, int]:
    touched = [
        one for one in sentences(text, block.start, block.end) if one[1] > start and one[0] < end
    ]
    if not touched:
        return _bounded(text, (block.start, block.end), start, end)
    return _bounded(text, (touched[0][0], touched[-1][1]), start, end)


def _list_around(
    text: str, found: Sequence[Block], at: int, span: tuple[int, int]
) -> tuple[int, int]:
    first = last = at
    while first > 0 and _in_list(text, found, first - 1):
        first -= 1
    while last + 1 < len(found) and _in_list(text, found, last + 1):
        last += 1
    begin = found[first].start
    lead = _lead_in(text, found[first - 1]) if first > 0 else None
    if lead is not None and found[last].end - lead <= MOST:
        begin = lead
    if found[last].end - begin <= MOST:
        return begin, found[last].end
    return _grown(text, found[first : last + 1], at - first, span)


def _in_list(text: str, found: Sequence[Block], at: int) -> bool:
    return found[at].kind == "item" or _continues_item(text, found, at)


def _continues_item(text: str, found: Sequence[Block], at: int) -> bool:
    """Whether an indented block goes on with a list item above it."""
    if found[at].kind not in {"text", "code"} or not _indented(text, found[at]):
        return False
    above = at - 1
    while above >= 0 and found[above].kind in {"text", "code"} and _indented(text, found[above]):
        above -= 1
    return above >= 0 and found[above].kind == "item"


def _indented(text: str, block: Block) -> bool:
    line = text.rfind("\n", 0, block.start) + 1
    return block.start - line >= _INDENTED


def _lead_in(text: str, block: Block) -> int | None:
    """Where the last sentence before a list begins, if it leads in; a block may hold no word."""
    if block.kind != "text":
        return None
    starts = [start for start, _ in sentences(text, block.start, block.end)]
    return starts[-1] if starts else None


def _run(text: str, found: Sequence[Block], at: int, span: tuple[int, int]) -> tuple[int, int]:
    """All rows of a table, or as many as fit around the span's."""
    first = last = at
    while first > 0 and found[first - 1].kind == "row":
        first -= 1
    while last + 1 < len(found) and found[last + 1].kind == "row":
        last += 1
    return _grown(text, found[first : last + 1], at - first, span)


def _grown(text: str, members: Sequence[Block], at: int, span: tuple[int, int]) -> tuple[int, int]:
    """Whole members around one, forwards first, while they fit."""
    start, end = members[at].start, max(members[at].end, span[1])
    if end - start > MOST:
        return _bounded(text, (start, end), *span)
    for member in members[at + 1 :]:
        if member.end - start > MOST:
            break
        end = max(end, member.end)
    for member in reversed(members[:at]):
        if end - member.start > MOST:
            break
        start = member.start
    return start, end


def _bounded(text: str, wanted: tuple[int, int], start: int, end: int) -> tuple[int, int]:
    """The wanted extent, or MOST characters of it from before the span, at whole words."""
    begin, stop = min(wanted[0], start), max(wanted[1], end)
    if stop - begin <= MOST:
        return _whole_words(text, begin, stop)
    room = max(MOST - (end - start), 0) // 2
    begin = max(begin, start - room)
    stop = min(stop, begin + MOST)
    return _whole_words(text, begin, stop, widen=False)


def _whole_words(text: str, begin: int, stop: int, *, widen: bool = True) -> tuple[int, int]:
    """Move both ends out of words: outwards, or inwards where there is no room."""
    inside = re.compile(r"\w")
    step = 1 if widen else -1
    while 0 < begin < stop and inside.match(text, begin - 1) and inside.match(text, begin):
        begin -= step
    while begin < stop < len(text) and inside.match(text, stop - 1) and inside.match(text, stop):
        stop += step
    return begin, stop
