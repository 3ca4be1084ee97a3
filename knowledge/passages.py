"""Cut an article into passages by its structure.

Invariants: `text[start:end] == passage text`; passages don't overlap; every character that
carries a word lies in one; at most 1,200 characters; cut inside a sentence only where the
sentence alone is longer. Headings open a new passage and make its path; a lead-in sentence
stays with its list, a table row and a step stay whole where they fit.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

MOST_CHARACTERS = 1_200
MOST_WORDS = 150  # about 200 tokens of the embedder
FEW_WORDS = 40  # a smaller piece joins its neighbour under the same heading

_WORD = re.compile(r"\w+")
_HEADING = re.compile(r" {0,3}(#{1,6})[ \t]+(.*?)[ \t]*#*[ \t]*$")
_UNDERLINE = re.compile(r" {0,3}(=+|-+)[ \t]*$")
_FENCE = re.compile(r"[ \t]*(`{3,}|~{3,})")
_LIST_ITEM = re.compile(r"[ \t]*(?:[-*+•]|\d{1,3}[.)])[ \t]+")
_TABLE_ROW = re.compile(r"[ \t]*\|")
_SENTENCE_END = re.compile(r"""[.!?…。！？]+["'”’»)\]*_]*(?=\s)|(?<=[。！？])|\n""")
_ABBREVIATION = re.compile(
    r"(?:\b(?:e\.g|i\.e|etc|vs|cf|v|p|pp|ver|fig|approx|Mr|Mrs|Ms|Dr|St|No|Inc|Ltd|Co|U\.S|a\.m|p\.m|"
    r"т\.е|т\.д|т\.п|т\.к|др|см|стр|рис|г|ул|им|руб)|\b[A-ZА-Я]|(?:^|\n)\s*\d{1,3})\.$"
)


@dataclass(frozen=True)
class Cut:
    heading_path: tuple[str, ...]
    start: int
    end: int


@dataclass(frozen=True)
class Block:
    """A paragraph, list item, table row, code block or heading."""

    kind: str  # heading, text, item, row, code
    start: int
    end: int
    level: int = 0
    title: str = ""


def cut(text: str, *, markdown: bool = True) -> list[Cut]:
    """Passages of a text in order. Without `markdown`, `#` and fences mean nothing."""
    passages: list[Cut] = []
    for path, section in _sections(list(blocks(text, markdown=markdown))):
        passages.extend(
            Cut(path, start, end)
            for start, end in _pack(text, section)
            if _has_word(text, start, end)
        )
    return passages


def blocks(text: str, *, markdown: bool = True) -> Iterator[Block]:
    """The text's blocks in order; what lies between them is blank."""
    lines = _lines(text)
    at = 0
    while at < len(lines):
        kind, last, title, level = _block_at(text, lines, at, markdown)
        if kind != "blank":
            start, end = _trim(text, lines[at][0], lines[last][1])
            yield Block(kind, start, end, level, title)
        at = last + 1


def _lines(text: str) -> list[tuple[int, int]]:
    """(start, end) of each line, without its line feed or carriage return and line feed."""
    breaks = list(re.finditer(r"\r?\n", text))
    starts = [0, *(match.end() for match in breaks)]
    ends = [*(match.start() for match in breaks), len(text)]
    return list(zip(starts, ends, strict=True))


def _block_at(
    text: str, lines: Sequence[tuple[int, int]], at: int, markdown: bool
) -> tuple[str, int, str, int]:
    """Kind, last line, heading's title and level of the block that begins at line `at`."""
    line = text[slice(*lines[at])]
    if not line.strip():
        return "blank", at, "", 0
    if markdown and (heading := _HEADING.match(line)):
        return "heading", at, plain_heading(heading[2]), len(heading[1])
    if markdown and (fence := _FENCE.match(line)):
        return "code", _fence_end(text, lines, at, fence[1]), "", 0
    if markdown and _TABLE_ROW.match(line):
        return "row", at, "", 0
    kind = "item" if _LIST_ITEM.match(line) else "text"
    last = at
    while last + 1 < len(lines) and _continues(text[slice(*lines[last + 1])], markdown):
        last += 1
    if markdown and kind == "text" and last + 1 < len(lines):
        underline = _UNDERLINE.match(text[slice(*lines[last + 1])])
        if underline and last == at:
            return "heading", last + 1, plain_heading(line), 1 if underline[1][0] == "=" else 2
    return kind, last, "", 0


def _continues(line: str, markdown: bool) -> bool:
    """Whether a line goes on with the paragraph or item above it."""
    if not line.strip() or _LIST_ITEM.match(line):
        return False
    if not markdown:
        return True
    return not (
        _HEADING.match(line)
        or _FENCE.match(line)
        or _TABLE_ROW.match(line)
        or _UNDERLINE.match(line)
    )


def _fence_end(text: str, lines: Sequence[tuple[int, int]], at: int, fence: str) -> int:
    for last in range(at + 1, len(lines)):
        closing = _FENCE.match(text[slice(*lines[last])])
        if closing and closing[1].startswith(fence):
            return last
    return at  # never closed: a line like any other


def plain_heading(title: str) -> str:
    """A heading's words without Markdown's marks."""
    title = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", title)
    title = re.sub(r"\{#[^}]*\}|<[^>]+>|[`*]", "", title)
    return " ".join(title.split())[:300]


def _sections(found: Sequence[Block]) -> Iterator[tuple[tuple[str, ...], list[Block]]]:
    """Blocks by heading: the heading itself is the section's first block."""
    stack: list[Block] = []
    section: list[Block] = []
    for block in found:
        if block.kind == "heading":
            if section:
                yield tuple(one.title for one in stack if one.title), section
            stack = [one for one in stack if one.level < block.level] + [block]
            section = [block]
        else:
            section.append(block)
    if section:
        yield tuple(one.title for one in stack if one.title), section


def _pack(text: str, section: Sequence[Block]) -> Iterator[tuple[int, int]]:
    """Join a section's pieces into passages, greedily, no larger than the bounds."""
    pieces = [piece for block in section for piece in _pieces(text, block)]
    sizes = [_words(text, start, end) for _, start, end in pieces]
    start = end = -1
    words = 0
    for i, (_, piece_start, piece_end) in enumerate(pieces):
        too_long = piece_end - start > MOST_CHARACTERS or words + sizes[i] > MOST_WORDS
        if (start >= 0 and too_long and not _short_head(words, piece_end - start)) or (
            start >= 0
            and words >= FEW_WORDS
            and _lead_in(text, pieces, i)
            and words + sizes[i] + sizes[i + 1] > MOST_WORDS
        ):
            yield start, end
            start, words = -1, 0
        start = piece_start if start < 0 else start
        end, words = piece_end, words + sizes[i]
    if start >= 0:
        yield start, end


def _short_head(words: int, characters: int) -> bool:
    """A heading or a few words alone are no passage, as long as the characters fit."""
    return words < FEW_WORDS // 4 and characters <= MOST_CHARACTERS


def _lead_in(text: str, pieces: Sequence[tuple[str, int, int]], i: int) -> bool:
    """Whether piece i introduces a list that follows it."""
    return (
        i + 1 < len(pieces)
        and pieces[i][0] == "text"
        and (pieces[i + 1][0] == "item" or text[pieces[i][2] - 1] == ":")
    )


def _pieces(text: str, block: Block) -> Iterator[tuple[str, int, int]]:
    """A block whole, or in sentences, lines or words where it is too long."""
    if _fits(text, block.start, block.end):
        yield block.kind, block.start, block.end
        return
    by_line = block.kind in {"code", "row"}
    parts = (
        _by_lines(text, block.start, block.end)
        if by_line
        else sentences(text, block.start, block.end)
    )
    for start, end in parts:
        if end - start <= MOST_CHARACTERS:
            yield block.kind, start, end
        else:
            yield from ((block.kind, *span) for span in _by_words(text, start, end))


def _fits(text: str, start: int, end: int) -> bool:
    return end - start <= MOST_CHARACTERS and _words(text, start, end) <= MOST_WORDS


def _words(text: str, start: int, end: int) -> int:
    return sum(1 for _ in _WORD.finditer(text, start, end))


def _has_word(text: str, start: int, end: int) -> bool:
    return _WORD.search(text, start, end) is not None


def sentences(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """(start, end) of each sentence between two offsets, without blanks around it."""
    begin = start
    for match in _SENTENCE_END.finditer(text, start, end):
        here = match.end()
        if match[0] != "\n" and _ABBREVIATION.search(text, max(begin, here - 12), here):
            continue
        if match[0] == "\n" and not _breaks(text, here, end):
            continue
        if _has_word(text, begin, here):
            yield _trim(text, begin, here)
            begin = here
    if _has_word(text, begin, end):
        yield _trim(text, begin, end)


def _breaks(text: str, at: int, end: int) -> bool:
    """Whether a line feed ends a sentence: before a blank line or a list item."""
    return at >= end or text[at] == "\n" or _LIST_ITEM.match(text, at, end) is not None


def _by_lines(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    for match in re.compile(r"[^\n]+").finditer(text, start, end):
        if match[0].strip():
            yield _trim(text, match.start(), match.end())


def _by_words(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Pieces of at most MOST_CHARACTERS, cut at a blank where there is one."""
    while end - start > MOST_CHARACTERS:
        blank = text.rfind(" ", start + MOST_CHARACTERS // 2, start + MOST_CHARACTERS)
        stop = blank if blank > 0 else start + MOST_CHARACTERS
        yield _trim(text, start, stop)
        start = stop
    yield _trim(text, start, end)


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end
