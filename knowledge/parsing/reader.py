"""The parent's side: walk a path, have each file parsed by the child, survive the child's end."""

import json
import os
import selectors
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from knowledge.parsing.document import Broken, Document, ParseError, Sitemap, WebPage
from knowledge.parsing.formats import ARCHIVE, ROWS, suffix

WALL_S = 60.0  # for one document
ROOT = Path(__file__).resolve().parents[2]
Frame = dict[str, Any]
NO_IMPORT = ".noimport"  # a file of this name keeps its folder out


class _ChildGone(Exception):
    """The child ended or was killed; the message is the reason."""


@dataclass
class Place:
    """How far a file was read: so many files of a ZIP, and so many documents of the next one."""

    file: int = 0
    row: int = 0


@dataclass
class _Child:
    process: "subprocess.Popen[bytes]"
    wall_s: float

    def frames(self, path: Path, doc_id: str, **more: str) -> Iterator[Frame]:
        """The child's frames for one job, without the last, empty one."""
        assert self.process.stdin is not None
        try:
            job = json.dumps({"path": str(path), "doc_id": doc_id, **more}) + "\n"
            self.process.stdin.write(job.encode())
            self.process.stdin.flush()
        except BrokenPipeError:
            raise _ChildGone("the parser ended") from None
        while frame := self._frame():
            yield frame

    def _frame(self) -> Frame:
        deadline = time.monotonic() + self.wall_s
        (length,) = struct.unpack(">Q", self._bytes(8, deadline))
        frame: Frame = json.loads(self._bytes(length, deadline))
        return frame

    def _bytes(self, count: int, deadline: float) -> bytes:
        assert self.process.stdout is not None
        pipe = self.process.stdout.fileno()
        parts: list[bytes] = []
        with selectors.DefaultSelector() as selector:
            selector.register(pipe, selectors.EVENT_READ)
            while count:
                if not selector.select(max(deadline - time.monotonic(), 0)):
                    self.stop()
                    raise _ChildGone(f"takes longer than {self.wall_s:.0f} s to read")
                part = os.read(pipe, min(count, 1 << 20))
                if not part:
                    raise _ChildGone(self._epitaph())
                parts.append(part)
                count -= len(part)
        return b"".join(parts)

    def _epitaph(self) -> str:
        code = self.process.wait()
        return "takes too much time or memory to read" if code else "the parser ended"

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None and not pipe.closed:
                pipe.close()


def _start(wall_s: float) -> _Child:
    process = subprocess.Popen(
        [sys.executable, "-m", "knowledge.parsing"],
        cwd=ROOT,
        env={"PATH": os.environ.get("PATH", ""), "LANG": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        bufsize=0,
    )
    return _Child(process, wall_s)


def files(path: Path) -> list[tuple[Path, str]]:
    """The files below a folder that can be read, or the one file, each with its doc_id.

    Hidden files, formats that are not known, and folders with a file `.noimport` are passed over.
    doc_id: the path below the folder.
    """
    if not path.is_dir():
        return [(path, path.name)]
    found = []
    for folder, folders, names in os.walk(path):
        if NO_IMPORT in names:
            folders.clear()
            continue
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            if suffix(name) and not name.startswith("."):
                file = Path(folder) / name
                found.append((file, file.relative_to(path).as_posix()))
    return found


class Reader:
    """Children one after the other: whoever takes too much is replaced for the next job.

    Use it as a context manager; the child ends with the block.
    """

    def __init__(
        self, wall_s: float = WALL_S, on_listed: Callable[[int], None] = lambda files: None
    ) -> None:
        self._wall_s = wall_s
        self._on_listed = on_listed
        self._child: _Child | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._child:
            self._child.stop()
            self._child = None

    def frames(self, path: Path, doc_id: str, **more: str) -> Iterator[Frame]:
        """What the child says to one job; at the end of the child a last `broken`."""
        self._child = self._child or _start(self._wall_s)
        try:
            yield from self._child.frames(path.resolve(), doc_id, **more)
        except _ChildGone as end:
            self.__exit__()
            known = None if suffix(path.name) in ROWS else doc_id
            yield {"broken": {"doc_id": known, "place": doc_id, "reason": str(end)}}

    def file(self, path: Path, doc_id: str, **more: str) -> Iterator[Document | Broken]:
        """The documents of one file, which may be a ZIP of files."""
        if suffix(path.name) == ARCHIVE:
            yield from self._archive(path, doc_id)
        else:
            for frame in self.frames(path, doc_id, **more):
                yield _outcome(frame, doc_id)

    def resumed(
        self, path: Path, doc_id: str, place: Place, *, seen: set[str]
    ) -> Iterator[Document | Broken]:
        """What comes after a place, which moves along. seen: gets the ids of what is passed over.

        A ZIP's files before the place are not read again.
        """
        is_archive = suffix(path.name) == ARCHIVE
        parts = self._members(path, doc_id) if is_archive else [self.file(path, doc_id)]
        for number, part in enumerate(parts):
            if number < place.file:
                continue
            start = place.row if number == place.file else 0
            for row, one in enumerate(part):
                if row < start:
                    seen.update([one.doc_id] if one.doc_id else [])
                    continue
                place.file, place.row = number, row + 1
                yield one
            place.file, place.row = number + 1, 0

    def _archive(self, path: Path, doc_id: str) -> Iterator[Document | Broken]:
        for part in self._members(path, doc_id):
            yield from part

    def _members(self, path: Path, doc_id: str) -> Iterator[Iterator[Document | Broken]]:
        """The outcomes of each file of a ZIP; nothing of it is read before they are asked for."""
        for frame in list(self.frames(path, doc_id, work="listing")):
            if "broken" in frame:
                yield iter([_outcome(frame, doc_id)])
            self._on_listed(len(frame.get("members", [])) or 1)
            for member in frame.get("members", []):
                yield self._member(path, doc_id, member)

    def _member(
        self, path: Path, doc_id: str, member: dict[str, str]
    ) -> Iterator[Document | Broken]:
        place = f"{doc_id}/{member['name']}" if member["name"] else doc_id
        if member["problem"]:
            yield Broken(place, place, member["problem"])
            return
        for found in self.frames(path, place, work="member", member=member["name"]):
            yield _outcome(found, place)

    def web_page(self, path: Path, *, url: str, charset: str) -> WebPage:
        """A page that was fetched into a file. Raises ParseError."""
        frames = self.frames(path, url, work="page", url=url, charset=charset)
        return WebPage(**_only(frames, "page"))

    def sitemap(self, path: Path) -> Sitemap:
        """Raises ParseError."""
        return Sitemap(**_only(self.frames(path, path.name, work="sitemap"), "sitemap"))


def _only(frames: Iterator[Frame], kind: str) -> dict[str, Any]:
    for frame in list(frames):
        if kind in frame:
            found: dict[str, Any] = frame[kind]
            return found
        raise ParseError(frame["broken"]["reason"])
    raise ParseError("the parser said nothing")


def read(
    path: Path,
    *,
    wall_s: float = WALL_S,
    on_listed: Callable[[int], None] = lambda files: None,
) -> Iterator[Document | Broken]:
    """Documents of a folder or file, in order. A broken file is a Broken; the rest go on."""
    with Reader(wall_s, on_listed) as reader:
        for file, doc_id in files(path):
            yield from reader.file(file, doc_id)


def _outcome(frame: Frame, place: str) -> Document | Broken:
    if "document" in frame:
        given = frame["document"]
        lists = {name: tuple(given.get(name, ())) for name in ("tags", "notes")}
        return Document(**given | lists)
    return Broken(**{**frame["broken"], "place": _placed(frame["broken"]["place"], place)})


def _placed(said: str, place: str) -> str:
    """`line 3` of a file within the folder that is being read."""
    _, comma, line = said.partition(", ")
    return f"{place}{comma}{line}"
