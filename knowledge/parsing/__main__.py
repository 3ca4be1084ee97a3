"""The parser's subprocess: jobs in on stdin, what was read out on stdout.

A job is one JSON line {path, doc_id} with `work` = file, listing, member, page, sitemap or pack.
Answers are frames of 8 bytes of length and JSON: {document}, {broken}, {page}, {sitemap},
{members}, and at the end {}. Each document gets CPU_S seconds of its own. The process writes no
files.
"""

import contextlib
import json
import resource
import struct
import sys
import zlib
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any

from knowledge.parsing import archives, formats, packs, rows
from knowledge.parsing.document import Broken, ParseError
from knowledge.parsing.files import allow_cpu, documents, opened

MEMORY_BYTES = 1_500_000_000
Job = dict[str, str]
Frame = dict[str, Any]


def main() -> None:
    with contextlib.suppress(ValueError):  # macOS knows no bound on the address space
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    out = sys.stdout.buffer
    sys.stdout = sys.stderr  # what a library prints must not get between the frames
    for line in sys.stdin:
        for frame in _frames(json.loads(line)):
            _send(out, frame)
        _send(out, {})


def _send(out: IO[bytes], frame: Frame) -> None:
    data = json.dumps(frame).encode()
    out.write(struct.pack(">Q", len(data)) + data)
    out.flush()


def _frames(job: Job) -> Iterator[Frame]:
    path, doc_id = Path(job["path"]), job["doc_id"]
    of_rows = formats.suffix(path.name) in formats.ROWS
    try:
        allow_cpu()
        yield from WORKS[job.get("work", "file")](path, job)
    except (ParseError, OSError, EOFError, zlib.error) as error:
        reason = error.strerror if isinstance(error, OSError) else None
        # The rows that weren't reached are not known to be gone.
        known = None if of_rows else doc_id
        yield {"broken": asdict(Broken(known, path.name, reason or str(error)))}
    except MemoryError:
        yield _broken(path, doc_id, "takes too much memory to read")
    except RecursionError:
        yield _broken(path, doc_id, "is nested too deeply")
    except Exception as error:  # a library's own, for what it cannot read
        yield _broken(path, doc_id, f"cannot be read ({type(error).__name__})")


def _broken(path: Path, doc_id: str, reason: str) -> Frame:
    return {"broken": asdict(Broken(doc_id, path.name, reason))}


def _file(path: Path, job: Job) -> Iterator[Frame]:
    if formats.suffix(path.name) in formats.ROWS:
        yield from (_frame(one) for one in rows.read(path))
        return
    with opened(path) as file:
        data = file.read(formats.LARGEST_FILE + 1)
    yield from (_frame(one) for one in documents(path.name, job["doc_id"], data))


def _member(path: Path, job: Job) -> Iterator[Frame]:
    data = archives.member(path, job["member"])
    yield from (_frame(one) for one in documents(job["member"], job["doc_id"], data))


def _listing(path: Path, job: Job) -> Iterator[Frame]:
    yield {"members": archives.members(path)}


def _pack(path: Path, job: Job) -> Iterator[Frame]:
    yield from (_frame(one) for one in packs.read(path, job))


def _page(path: Path, job: Job) -> Iterator[Frame]:
    from knowledge.parsing import pages  # its parsers take a second to load

    yield {"page": asdict(pages.web_page(path.read_bytes(), job["url"], job.get("charset", "")))}


def _sitemap(path: Path, job: Job) -> Iterator[Frame]:
    from knowledge.parsing import pages

    yield {"sitemap": asdict(pages.sitemap(path.read_bytes()))}


def _frame(one: object) -> Frame:
    return {"broken" if isinstance(one, Broken) else "document": asdict(one)}  # type: ignore[call-overload]  # one of two dataclasses


WORKS: dict[str, Callable[[Path, Job], Iterator[Frame]]] = {
    "file": _file,
    "member": _member,
    "listing": _listing,
    "pack": _pack,
    "page": _page,
    "sitemap": _sitemap,
}


if __name__ == "__main__":
    main()
