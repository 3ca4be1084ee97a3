"""How benchmarks/against_peers.py talks to a contestant: a folder in, a folder out. Stdlib only.

IN/passages.jsonl: {doc_id, start, end, title, headings, text}, in one order for all.
IN/questions.jsonl: {question, history, asked}; asked has the dialogue in it, newest first.
OUT.jsonl: for each question {ranked: passages' numbers, best first, place: [number, start,
end] or null}; OUT.json: {cpu_s, also_s, wall_s}, of the questions alone: loading, indexing
and the first WARM_UP questions are not counted.
"""

import json
import os
import resource
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

WARM_UP = 8
DEPTH = 30  # candidates of each list, and of both together


@dataclass(frozen=True)
class Passage:
    doc_id: str
    start: int
    end: int
    title: str
    headings: tuple[str, ...]
    text: str

    @property
    def headed(self) -> str:
        """The title and the headings, as the reader saw them when it was trained."""
        return " > ".join(dict.fromkeys([self.title, *self.headings])) + " : "


@dataclass(frozen=True)
class Asked:
    question: str
    history: tuple[tuple[str, str], ...]
    asked: str


@dataclass(frozen=True)
class Found:
    """place: passage's number, and code points of its text; None where no words are chosen."""

    ranked: Sequence[int]
    place: tuple[int, int, int] | None = None


@dataclass(frozen=True)
class Job:
    """models: models/ itself for those who read it, else what benchmarks.peers.weights wrote."""

    passages: Sequence[Passage]
    models: Path
    threads: int
    read: int


Contestant = Callable[[Job], Callable[[Asked], Found]]


def rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]


def run(prepare: Contestant, *, also_s: Callable[[], float] = lambda: 0.0) -> None:
    """The main function of a contestant: IN OUT MODELS THREADS READ on the command line.

    also_s: processor seconds spent elsewhere for it, such as in its database.
    """
    given, out, models, threads, read = sys.argv[1:]
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: int(threads)])
    passages = [
        Passage(**{**row, "headings": tuple(row["headings"])})
        for row in rows(Path(given) / "passages.jsonl")
    ]
    asked = [
        Asked(row["question"], tuple((role, text) for role, text in row["history"]), row["asked"])
        for row in rows(Path(given) / "questions.jsonl")
    ]
    answer = prepare(Job(passages, Path(models), int(threads), int(read)))
    for one in asked[:WARM_UP]:
        answer(one)
    cpu, also, wall = cpu_s(), also_s(), time.perf_counter()
    found = [answer(one) for one in asked]
    spent = {"cpu_s": cpu_s() - cpu, "wall_s": time.perf_counter() - wall}
    spent["also_s"] = also_s() - also
    lines = "".join(json.dumps(asdict(one)) + "\n" for one in found)
    Path(f"{out}.jsonl").write_text(lines, encoding="utf-8")
    Path(f"{out}.json").write_text(json.dumps(spent), encoding="utf-8")


def cpu_s() -> float:
    """User and system time of this process, its threads and its finished children."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)
