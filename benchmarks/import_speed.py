"""How fast an upload is imported, how true the time is that it shows, and what a kill costs.

    python -m benchmarks.import_speed DATA [--name sendgrid] [--articles 150] [--runs 3] [--kill]

Starts the knowledge worker and the scheduler in a PostgreSQL and Redis of its own, and hands the
first articles of kb_NAME to the service as a file that an editor uploads. Each run is a workspace
of its own. Prints the passages a second, also as passages of 128 tokens and for each core-second of
the worker (on a machine that is shared, the steadier figure), and, whenever a quarter is done, the
time left as the page shows it beside what it then took. With --kill the worker of a further run
gets SIGKILL at two fifths; a new one goes on when the lease has run out, and the rows are compared
with those of an import without a kill.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

import numpy as np
import psutil

from config.local.private import temporary
from config.local.processes import scheduler, worker
from tuning.reading_examples import rows

if TYPE_CHECKING:
    from knowledge.models import Upload

TOKENS = 128
KILLED_AT = 0.4
LONGEST_S = 560.0


@dataclass(frozen=True)
class Took:
    """marks: (share done, seconds shown as left, seconds that it then took)."""

    seconds: float
    marks: list[tuple[float, float, float]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("data", type=Path)
    parser.add_argument("--name", default="sendgrid")
    parser.add_argument("--articles", type=int, default=150)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--kill", action="store_true")
    given = parser.parse_args()
    print("python -m benchmarks.import_speed", " ".join(sys.argv[1:]), flush=True)
    with temporary() as services:
        os.environ.update(services.environment)
        os.environ |= {"FIRSTLINE_ENV_FILE": os.devnull}
        os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", database="owner", verbosity=0)
        _measure(given, _file(given))


def _file(given: argparse.Namespace) -> bytes:
    path = next((given.data / f"kb_{given.name}").glob("*.jsonl"))
    kept = ("doc_id", "title", "text", "lang")
    articles = islice(rows(path), given.articles)
    lines = [json.dumps({name: row[name] for name in kept if name in row}) for row in articles]
    return "\n".join(lines).encode()


def _measure(given: argparse.Namespace, data: bytes) -> None:
    with _running(scheduler().command()), _running(_worker()) as process:
        speeds = []
        for run in range(given.runs):
            workspace_id, upload = _uploaded(f"run-{run}", data)
            before = _core_s(process.pid)
            took = _followed(upload)
            spent = _core_s(process.pid) - before
            passages, tokens = _size(workspace_id)
            speeds.append(tokens / TOKENS / took.seconds)
            print(
                f"run {run + 1}: {passages:,} passages of {tokens / passages:.0f} tokens in "
                f"{took.seconds:.1f} s: {passages / took.seconds:.0f} passages a second, "
                f"{speeds[-1]:.0f} of {TOKENS} tokens; {tokens / TOKENS / spent:.0f} of these for "
                f"each core-second of the worker; load {os.getloadavg()[0]:.1f}",
                flush=True,
            )
            for share, shown, then in took.marks:
                print(f"  at {share:.0%}: {shown:.0f} s shown, {then:.0f} s taken", flush=True)
        print(f"median {np.median(speeds):.0f}, best {max(speeds):.0f} a second", flush=True)
        whole = _rows(workspace_id)
    if given.kill:
        _killed(data, whole)


def _worker() -> list[str]:
    return worker("knowledge", "prefork").command()


def _core_s(pid: int) -> float:
    """User and system time of the process, its children and the parsers that have ended."""
    parent = psutil.Process(pid)
    every = [one.cpu_times() for one in [parent, *parent.children(recursive=True)]]
    return float(
        sum(one.user + one.system + one.children_user + one.children_system for one in every)
    )


@contextmanager
def _running(command: list[str]) -> Iterator["subprocess.Popen[bytes]"]:
    process = subprocess.Popen(command, start_new_session=True)
    try:
        yield process
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _uploaded(slug: str, data: bytes) -> "tuple[UUID, Upload]":
    from console.provisioning import add_member, create_workspace
    from knowledge.uploads import accept

    place = create_workspace(slug, name=slug)
    erin = add_member(place.workspace, "erin@example.com", role="editor").member
    return place.workspace.id, accept(erin, "articles.jsonl", data)


def _now(upload: "Upload") -> "Upload":
    from accounts.scope import workspace_scope
    from knowledge.models import Upload

    with workspace_scope(upload.workspace_id):
        return Upload.objects.defer("data").get(id=upload.id)


def _followed(upload: "Upload", *, until: float = 1.0) -> Took:
    """Until so much of it is read, or it is done. Counted from when it is read."""
    from django.utils import timezone

    from knowledge.uploads import remaining_s

    marks: list[tuple[float, float, float]] = []
    limit, wanted = time.monotonic() + LONGEST_S, 0.25
    while (row := _now(upload)).finished_at is None:
        share = row.read / max(row.files, 1)
        shown = remaining_s(row, now=timezone.now())
        if shown is not None and share >= wanted:
            marks.append((share, shown, time.monotonic()))
            wanted = share + 0.2
        if share >= until:
            break
        if time.monotonic() > limit:
            raise TimeoutError("the import takes too long")
        time.sleep(0.2)
    ended = time.monotonic()
    began = row.started_at or row.created_at
    seconds = ((row.finished_at or timezone.now()) - began).total_seconds()
    return Took(seconds, [(share, shown, ended - at) for share, shown, at in marks])


def _size(workspace_id: UUID) -> tuple[int, int]:
    """Passages, and the tokens that the embedder reads of them."""
    from accounts.scope import workspace_scope
    from knowledge.embedding import embedder
    from knowledge.index import searched_text
    from knowledge.models import Passage

    model = embedder()
    with workspace_scope(workspace_id):
        found = Passage.objects.values_list("revision__title", "heading_path", "text")
        texts = [searched_text(*row) for row in found]
    return len(texts), sum(len(model._ids(text)) for text in texts)


def _rows(workspace_id: UUID) -> list[tuple[str, str, str]]:
    """Each passage with its article and the beginning of its vector."""
    from accounts.scope import workspace_scope
    from knowledge.models import Embedding

    with workspace_scope(workspace_id):
        found = Embedding.objects.values_list(
            "passage__article__external_id", "passage__text", "vector"
        )
        return sorted((doc, text, str(np.round(vector[:4], 1))) for doc, text, vector in found)


def _killed(data: bytes, whole: list[tuple[str, str, str]]) -> None:
    from accounts.scope import workspace_scope
    from knowledge.embedding import model_version
    from knowledge.index import index

    with _running(scheduler().command()):
        with _running(_worker()):
            workspace_id, upload = _uploaded("killed", data)
            _followed(upload, until=KILLED_AT)
        at = _now(upload)
        print(f"killed with {at.read} of {at.files} articles imported", flush=True)
        started = time.monotonic()
        with _running(_worker()):
            _followed(upload)
        row = _now(upload)
    with workspace_scope(workspace_id):
        health = index.health(workspace_id, version=model_version())
    found = _rows(workspace_id)
    twice = (Counter(found) - Counter(whole)).total()
    lost = (Counter(whole) - Counter(found)).total()
    print(
        f"went on and was done {time.monotonic() - started:.0f} s later (the lease included): "
        f"{row.published} articles published, {row.unchanged} there already; {twice} passages "
        f"twice, {lost} lost; index whole: {health.healthy}",
        flush=True,
    )


if __name__ == "__main__":
    main()
