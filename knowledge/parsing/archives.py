"""A ZIP of files: what is in it, and one of its files. Runs in the child.

Nothing is unpacked to the disk. A ZIP inside a ZIP, links, names that lead out of the folder, and
what unpacks to more than it may are refused, each by itself where the rest can be used.
"""

import zipfile
from pathlib import Path, PurePosixPath

from knowledge.parsing import formats, guards
from knowledge.parsing.document import ParseError

MOST_ENTRIES = 2_000
LARGEST_TOTAL = 500_000_000  # declared bytes of all entries
HIGHEST_RATIO = 200  # of a whole archive that unpacks to more than FREE_OF_RATIO
FREE_OF_RATIO = 20_000_000
DEEPEST = 20  # folders
METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}


def members(path: Path) -> list[dict[str, str]]:
    """{name, problem} of each file, in order; problem is empty for one that can be read.

    Raises ParseError for an archive that is refused as a whole.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            parts = [part for part in archive.infolist() if not part.is_dir()]
    except (zipfile.BadZipFile, NotImplementedError, UnicodeDecodeError):
        raise ParseError("is no readable ZIP") from None
    _check_whole(path, parts)
    found: list[dict[str, str]] = []
    seen: set[str] = set()
    passed_over = 0
    for part in parts:
        if _is_hidden(part.filename):
            continue
        problem = _problem(part, seen)
        seen.add(part.filename)
        if not problem and not formats.suffix(part.filename):
            passed_over += 1
            continue
        found.append({"name": part.filename, "problem": problem})
    if passed_over:
        found.append({"name": "", "problem": _passed_over(passed_over)})
    if not found:
        raise ParseError("holds no file that can be imported")
    return found


def _passed_over(count: int) -> str:
    kind = "file of another format was" if count == 1 else "files of other formats were"
    return f"{count} {kind} passed over"


def _check_whole(path: Path, parts: list[zipfile.ZipInfo]) -> None:
    declared = sum(part.file_size for part in parts)
    if len(parts) > MOST_ENTRIES:
        raise ParseError(f"holds {len(parts):,} files, more than {MOST_ENTRIES:,}: refused")
    too_dense = declared > max(FREE_OF_RATIO, HIGHEST_RATIO * path.stat().st_size)
    if declared > LARGEST_TOTAL or too_dense:
        raise ParseError(f"unpacks to {declared:,} bytes: refused")


def _is_hidden(name: str) -> bool:
    return any(part.startswith((".", "__MACOSX")) and part != ".." for part in name.split("/"))


def _problem(part: zipfile.ZipInfo, seen: set[str]) -> str:
    name = part.filename
    path = PurePosixPath(name)
    checks = (
        ("leads out of the folder: refused", path.is_absolute() or ".." in path.parts),
        ("has a name that cannot be kept", not name.isprintable() or "\\" in name or ":" in name),
        ("lies too deep in folders", len(path.parts) > DEEPEST),
        ("is a link: refused", guards.is_link(part)),
        ("is there twice; the first one counts", name in seen),
        ("is protected by a password", guards.is_locked(part)),
        ("is a ZIP inside a ZIP: refused", name.lower().endswith((".zip", ".gz"))),
        ("is packed in a way that is not read", part.compress_type not in METHODS),
        (f"is larger than {formats.LARGEST_FILE:,} bytes", part.file_size > formats.LARGEST_FILE),
        ("cannot be read inside a ZIP", formats.suffix(name) in formats.ROWS),
    )
    return next((problem for problem, holds in checks if holds), "")


def member(path: Path, name: str) -> bytes:
    """One file of the archive. Raises ParseError."""
    try:
        with zipfile.ZipFile(path) as archive, archive.open(name) as file:
            data = file.read(formats.LARGEST_FILE + 1)
    except (zipfile.BadZipFile, KeyError, NotImplementedError, RuntimeError):
        raise ParseError("is damaged") from None
    return data
