"""The parent's side: walk a path, have each file parsed by the child, survive the child's end."""

import json
import os
import selectors
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from knowledge.parsing.document import Broken, Document
from knowledge.parsing.formats import suffix

WALL_S = 60.0  # for one document
ROOT = Path(__file__).resolve().parents[2]
NO_IMPORT = ".noimport"  # a file of this name keeps its folder out


class _ChildGone(Exception):
    """The child ended or was killed; the message is the reason."""


@dataclass
class _Child:
    process: "subprocess.Popen[bytes]"
    wall_s: float

    def frames(self, path: Path, doc_id: str) -> Iterator[dict[str, dict[str, str]]]:
        """The child's frames for one file, without the last, empty one."""
        assert self.process.stdin is not None
        try:
            job = json.dumps({"path": str(path), "doc_id": doc_id}) + "\n"
            self.process.stdin.write(job.encode())
            self.process.stdin.flush()
        except BrokenPipeError:
            raise _ChildGone("the parser ended") from None
        while frame := self._frame():
            yield frame

    def _frame(self) -> dict[str, dict[str, str]]:
        deadline = time.monotonic() + self.wall_s
        (length,) = struct.unpack(">Q", self._bytes(8, deadline))
        frame: dict[str, dict[str, str]] = json.loads(self._bytes(length, deadline))
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


@contextmanager
def _children(wall_s: float) -> Iterator[list[_Child]]:
    """The child in use, if any, as a list of one; ended with the block."""
    living: list[_Child] = []
    try:
        yield living
    finally:
        for child in living:
            child.stop()


def read(path: Path, *, wall_s: float = WALL_S) -> Iterator[Document | Broken]:
    """Documents of a folder or file, in order. A broken file is a Broken; the rest go on."""
    with _children(wall_s) as living:
        for file, doc_id in files(path):
            if not living:
                living.append(_start(wall_s))
            try:
                for frame in living[0].frames(file.resolve(), doc_id):
                    yield _outcome(frame, doc_id)
            except _ChildGone as end:
                living.pop().stop()
                known = None if suffix(file.name) in {".jsonl", ".ndjson"} else doc_id
                yield Broken(known, doc_id, str(end))


def _outcome(frame: dict[str, dict[str, str]], place: str) -> Document | Broken:
    if "document" in frame:
        return Document(**frame["document"])
    return Broken(**{**frame["broken"], "place": _placed(frame["broken"]["place"], place)})


def _placed(said: str, place: str) -> str:
    """`line 3` of a file within the folder that is being read."""
    _, comma, line = said.partition(", line ")
    return f"{place}{comma}{line}"
