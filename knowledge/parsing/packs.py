"""Files of a Git pack to documents, straight from its objects. Runs in the child.

Nothing is checked out: links, submodules and names that lead elsewhere are never followed.
"""

import re
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from knowledge.parsing import formats
from knowledge.parsing.document import Broken, Document, ParseError
from knowledge.parsing.files import allow_cpu, documents

if TYPE_CHECKING:
    from dulwich.objects import ShaFile

MOST_FILES = 10_000
MOST_OBJECTS = 500_000
DEEPEST = 30  # folders
LARGEST = 5_000_000  # bytes of a file
Objects = dict[bytes, "ShaFile"]


def read(path: Path, job: dict[str, str]) -> Iterator[Document | Broken]:
    """Those below job's folder whose path fits its pattern; doc_id: the prefix and the path."""
    objects = _objects(path)
    wanted = matcher(job["pattern"])
    count = 0
    for name, blob in _files(objects, job["commit"].encode(), job["folder"]):
        if not wanted.fullmatch(name) or not formats.suffix(name):
            continue
        count += 1
        if count > MOST_FILES:
            raise ParseError(f"has more than {MOST_FILES:,} files that fit")
        allow_cpu()
        yield from _documents(objects, name, blob, job)
    if not count:
        raise ParseError("has no file that fits")


def _documents(
    objects: Objects, name: str, blob: bytes, job: dict[str, str]
) -> Iterator[Document | Broken]:
    place = f"{job['doc_id']}/{name}"
    try:
        if blob not in objects:
            raise ParseError(f"is larger than {LARGEST:,} bytes")
        data = objects[blob].as_raw_string()
        if data.startswith(b"version https://git-lfs"):
            raise ParseError("lies in Git LFS, which is not read")
        yield from documents(name, place, data, lang=job["lang"], audience=job["audience"])
    except RecursionError:
        yield Broken(place, place, "is nested too deeply")
    except (ParseError, UnicodeError) as error:
        yield Broken(place, place, str(error))


def _objects(path: Path) -> Objects:
    """All objects that may be needed, by hexadecimal id."""
    from dulwich.object_format import DEFAULT_OBJECT_FORMAT
    from dulwich.objects import Blob
    from dulwich.pack import PackData, PackInflater

    found: Objects = {}
    with path.open("rb") as file:
        data = PackData(path, DEFAULT_OBJECT_FORMAT, file=file, size=path.stat().st_size)
        if len(data) > MOST_OBJECTS:
            raise ParseError(f"has more than {MOST_OBJECTS:,} objects")
        for one in PackInflater.for_pack_data(data):
            if not isinstance(one, Blob) or one.raw_length() <= LARGEST:
                found[one.id] = one
    return found


def _files(objects: Objects, commit: bytes, folder: str) -> Iterator[tuple[str, bytes]]:
    """(path below the folder, id) of each plain file."""
    from dulwich.objects import Commit, Tree

    head = objects.get(commit)
    tree = objects.get(head.tree) if isinstance(head, Commit) else None
    for part in [part for part in folder.split("/") if part]:
        entry = _entry(tree, part) if isinstance(tree, Tree) else None
        tree = objects.get(entry) if entry else None
    if not isinstance(tree, Tree):
        raise ParseError("has no such folder")
    waiting: list[tuple[str, Tree, int]] = [("", tree, 0)]
    while waiting:
        at, tree, depth = waiting.pop(0)
        for item in tree.iteritems():
            name = at + item.path.decode("utf-8", errors="replace")
            below = objects.get(item.sha)
            if stat.S_ISREG(item.mode):
                yield name, item.sha
            elif isinstance(below, Tree) and depth < DEEPEST and not name.startswith("."):
                waiting.append((f"{name}/", below, depth + 1))


def _entry(tree: "ShaFile", name: str) -> bytes | None:
    from dulwich.objects import Tree

    assert isinstance(tree, Tree)
    try:
        return bytes(tree[name.encode()][1])
    except KeyError:
        return None


def matcher(pattern: str) -> re.Pattern[str]:
    """`*` and `?` within a name, `**/` for any folders, as a shell has them."""
    parts = re.split(r"(\*\*/|\*\*|\*+|\?)", pattern)
    signs = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]", "": ""}
    return re.compile("".join(signs.get(part, re.escape(part)) for part in parts))
