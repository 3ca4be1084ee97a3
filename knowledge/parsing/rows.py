"""JSON lines: one article a line. Runs in the child."""

import json
from collections.abc import Iterator
from pathlib import Path

from knowledge.parsing.document import LONGEST_TITLE, Broken, Document, ParseError, checked
from knowledge.parsing.files import allow_cpu, opened

LONGEST_ROW = 20_000_000  # bytes
FIELDS = ("doc_id", "title", "text", "url", "lang", "audience")


def read(path: Path) -> Iterator[Document | Broken]:
    """A broken row is a Broken, and the next goes on. Raises ParseError for what isn't lines."""
    with opened(path) as file:
        number = 0
        while line := file.readline(LONGEST_ROW + 1):
            number += 1
            allow_cpu()
            if len(line) > LONGEST_ROW:
                raise ParseError(f"line {number} is longer than {LONGEST_ROW:,} bytes")
            if line.strip():
                yield _row(f"{path.name}, line {number}", line)


def _row(place: str, line: bytes) -> Document | Broken:
    doc_id = None
    try:
        row = json.loads(line)
        if not isinstance(row, dict):
            raise ParseError("is not a JSON object")
        known = {name: row[name] for name in FIELDS if row.get(name) is not None}
        doc_id = known["doc_id"] if isinstance(known.get("doc_id"), str) else None
        for name in ("doc_id", "title", "text"):
            if not isinstance(known.get(name), str):
                raise ParseError(f"has no {name}")
        if not all(isinstance(value, str) for value in known.values()):
            raise ParseError("has a field that is no string")
        known["title"] = known["title"][:LONGEST_TITLE].strip() or known["doc_id"]
        return checked(Document(**known))
    except (json.JSONDecodeError, UnicodeDecodeError, RecursionError):
        return Broken(doc_id, place, "is not JSON")
    except ParseError as error:
        return Broken(doc_id, place, str(error))
