"""The parser's subprocess: jobs in on stdin, documents out on stdout.

A job is one JSON line {path, doc_id}. Answers are frames of 8 bytes of length and JSON:
{document}, {broken} and at the end {}. Each document gets CPU_S seconds of its own. The process
writes no files.
"""

import contextlib
import gzip
import json
import resource
import struct
import sys
import zlib
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path, PurePath
from typing import IO, Any, cast

from knowledge.parsing import formats
from knowledge.parsing.document import LONGEST_TITLE, Broken, Document, ParseError, checked

MEMORY_BYTES = 1_500_000_000
CPU_S = 30
LONGEST_ROW = 20_000_000  # bytes
FIELDS = ("doc_id", "title", "text", "url", "lang", "audience")


def main() -> None:
    with contextlib.suppress(ValueError):  # macOS knows no bound on the address space
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    out = sys.stdout.buffer
    sys.stdout = sys.stderr  # what a library prints must not get between the frames
    for line in sys.stdin:
        job = json.loads(line)
        for one in _outcomes(Path(job["path"]), job["doc_id"]):
            kind = "document" if isinstance(one, Document) else "broken"
            _send(out, {kind: asdict(one)})
        _send(out, {})


def _send(out: IO[bytes], frame: dict[str, Any]) -> None:
    data = json.dumps(frame).encode()
    out.write(struct.pack(">Q", len(data)) + data)
    out.flush()


def _outcomes(path: Path, doc_id: str) -> Iterator[Document | Broken]:
    of_rows = formats.suffix(path.name) in formats.ROWS
    try:
        if of_rows:
            yield from _rows(path)
        else:
            yield _file(path, doc_id)
    except (ParseError, OSError, EOFError, zlib.error) as error:
        reason = error.strerror if isinstance(error, OSError) else None
        # The rows that weren't reached are not known to be gone.
        yield Broken(None if of_rows else doc_id, path.name, reason or str(error))


def _file(path: Path, doc_id: str) -> Document | Broken:
    if not formats.suffix(path.name):
        raise ParseError("is of no format that can be imported")
    _allow_cpu()
    with _opened(path) as file:
        data = file.read(formats.LARGEST_FILE + 1)
    if len(data) > formats.LARGEST_FILE:
        raise ParseError(f"is larger than {formats.LARGEST_FILE:,} bytes")
    try:
        parsed = formats.PARSERS[formats.suffix(path.name)](data)
        title = parsed.title or PurePath(path.name.removesuffix(".gz")).stem
        return checked(
            Document(
                doc_id, title[:LONGEST_TITLE], parsed.text, parsed.text_format, **parsed.fields
            )
        )
    except MemoryError:
        raise ParseError("takes too much memory to read") from None
    except RecursionError:
        raise ParseError("is nested too deeply") from None
    except ParseError:
        raise
    except Exception as error:
        raise ParseError(f"cannot be read ({type(error).__name__})") from error


def _rows(path: Path) -> Iterator[Document | Broken]:
    with _opened(path) as file:
        number = 0
        while line := file.readline(LONGEST_ROW + 1):
            number += 1
            _allow_cpu()
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


def _opened(path: Path) -> IO[bytes]:
    return cast(IO[bytes], gzip.open(path) if path.suffix == ".gz" else path.open("rb"))


def _allow_cpu() -> None:
    """CPU_S more seconds from now; then SIGXCPU ends the process."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(usage.ru_utime + usage.ru_stime) + CPU_S, hard))


if __name__ == "__main__":
    main()
