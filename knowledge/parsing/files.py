"""One file's bytes to its documents: most formats give one, tables of questions many.

Runs in the child.
"""

import gzip
import resource
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path, PurePath
from typing import IO, cast

from knowledge.parsing import formats, guards, tables
from knowledge.parsing.document import (
    LONGEST_TITLE,
    Broken,
    Document,
    ParseError,
    checked,
    with_facts,
)

CPU_S = 30


def documents(name: str, doc_id: str, data: bytes, **usual: str) -> Iterator[Document | Broken]:
    """`name` tells the format. usual: lang and audience where the file says nothing.

    Raises ParseError where nothing of the file can be used.
    """
    suffix = formats.suffix(name)
    if not suffix or suffix in formats.ROWS:
        raise ParseError("is of no format that can be imported")
    if len(data) > formats.LARGEST_FILE:
        raise ParseError(f"is larger than {formats.LARGEST_FILE:,} bytes")
    guards.check(suffix, data)
    if suffix in tables.PARSERS:
        pairs = tables.PARSERS[suffix](data)
        if pairs is not None:
            yield from tables.articles(doc_id, pairs)
            return
    if suffix not in formats.PARSERS:
        raise ParseError("has no columns named question and answer")
    parsed = formats.PARSERS[suffix](data)
    title = parsed.title or PurePath(name.removesuffix(".gz")).stem
    given = {**usual, **parsed.fields}
    found = Document(doc_id, title[:LONGEST_TITLE], parsed.text, parsed.text_format)
    yield checked(replace(with_facts(found, given), tags=parsed.tags, notes=parsed.notes))


def opened(path: Path) -> IO[bytes]:
    return cast(IO[bytes], gzip.open(path) if path.suffix == ".gz" else path.open("rb"))


def allow_cpu() -> None:
    """CPU_S more seconds from now; then SIGXCPU ends the process."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(usage.ru_utime + usage.ru_stime) + CPU_S, hard))
