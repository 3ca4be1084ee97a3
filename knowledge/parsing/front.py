"""Front matter of Markdown: what a file says of itself above its text. Runs in the child.

Read as the plain part of YAML that people write there: `name: value`, `[a, b]`, and lines of
`- item`. What cannot be used is told beside the file and costs it nothing else; a reader that is
not known becomes the narrowest one, so that a slip of the pen opens nothing.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from knowledge.parsing.document import AUDIENCES, LONGEST_URL

MOST_TAGS = 20
_BLOCK = re.compile(r"\A\ufeff?---[ \t]*\n(.*?\n)?---[ \t]*(?:\n|\Z)", re.DOTALL)
_BEGINS = re.compile(r"\A\ufeff?---[ \t]*\n[\w-]+:")
_LINE = re.compile(r"([\w-]+)[ \t]*:(?:[ \t]+(.*?))?[ \t]*")
_ITEM = re.compile(r"[ \t]*-[ \t]+(.*?)[ \t]*")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})?")
NAMES = {"language": "lang", "tag": "tags", "keywords": "tags", "link": "url"}


@dataclass
class Front:
    """fields: title, url, lang, audience. notes: what could not be used, a line each."""

    fields: dict[str, str] = field(default_factory=dict)
    tags: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def split(text: str) -> tuple[Front, str]:
    """The front matter, and the text without it. One that has no end stays in the text."""
    block = _BLOCK.match(text)
    if block is None:
        begun = [] if not _BEGINS.match(text) else ["front matter has no end and is kept as text"]
        return Front(notes=begun), text
    front = Front()
    found = list(_entries((block[1] or "").split("\n"), front.notes))
    if not found and (block[1] or "").strip():
        return Front(), text  # a text between two rules
    for name, values in found:
        _take(front, NAMES.get(name, name), values)
    return front, text[block.end() :]


def _entries(lines: list[str], notes: list[str]) -> Iterator[tuple[str, list[str]]]:
    """Each name with its values."""
    name, values = "", list[str]()
    for number, line in enumerate(lines, start=2):
        item = _ITEM.fullmatch(line)
        entry = _LINE.fullmatch(line)
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if item is not None and name:
            values.append(_plain(item[1]))
        elif entry is not None:
            if name:
                yield name, values
            name, values = entry[1].lower(), _values(entry[2] or "")
        elif not (name and line[0] in " \t"):  # what is deeper belongs to a name above it
            notes.append(f"line {number} of its front matter cannot be read")
    if name:
        yield name, values


def _values(said: str) -> list[str]:
    if said.startswith("[") and said.endswith("]"):
        return [_plain(one) for one in said[1:-1].split(",") if one.strip()]
    return [_plain(said)] if said else []


def _plain(said: str) -> str:
    said = said.strip()
    quoted = len(said) > 1 and said[0] == said[-1] and said[0] in "\"'"
    return said[1:-1] if quoted else said


def _take(front: Front, name: str, values: list[str]) -> None:
    if name == "tags":
        parts = [part.strip() for one in values for part in one.split(",")]
        front.tags = list(dict.fromkeys(part for part in parts if part))
        return
    said = " ".join(values)
    if not said or name not in {"title", "url", "lang", "audience"}:
        return
    if name == "audience":
        said = said.lower().replace("-", "_").replace(" ", "_")
        if said not in AUDIENCES:
            front.notes.append("names readers that are not known, so members alone may read it")
            said = "internal"
    if name == "lang":
        if not _LANGUAGE.fullmatch(said):
            front.notes.append("names a language that is no code such as en or ru")
            return
        said = said.replace("_", "-")[:12]
    if name == "url" and (
        urlsplit(said).scheme not in {"http", "https"} or len(said) > LONGEST_URL
    ):
        front.notes.append("names an address that is not an http or https address")
        return
    front.fields[name] = said
