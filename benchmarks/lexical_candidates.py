"""Compare lexical indexes, and exact dense search, at up to a million passages.

    python -m benchmarks.lexical_candidates DATA [--database postgresql://superuser@host/scratch]

DATA: a folder of articles and questions as JSON lines (see benchmarks/scale_corpus.py). Makes
and drops tables in the scratch database; without one, in a private PostgreSQL that is gone
afterwards. Every search runs as an app role without BYPASSRLS; a workspace of 100 passages lies
beside the big one. Reports recall@50 of the exact BM25, p50 and p95 wall-clock milliseconds, load
time and size. The candidate `tantivy` needs the package of that name, which the service does not.
"""

import argparse
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from uuid import UUID

import numpy as np
import psycopg
from tqdm import tqdm

from benchmarks.scale_candidates import CANDIDATES, RLS, Candidate, Connection
from benchmarks.scale_corpus import Exact, corpus, questions, real_passages, vectors
from config.local import postgres
from config.local.folder import open_folder
from config.local.private import temporary

INSTALLED = [name for name in CANDIDATES if name != "tantivy" or find_spec("tantivy")]
BIG = UUID(int=1)
SMALL = UUID(int=2)


def main() -> None:
    arguments = _arguments()
    print("python -m benchmarks.lexical_candidates", " ".join(sys.argv[1:]), flush=True)
    with ExitStack() as stack:
        arguments.database = arguments.database or stack.enter_context(_scratch())
        _compare(arguments)


@contextmanager
def _scratch() -> Iterator[str]:
    """The superuser's address of a database of our own."""
    with temporary(database="scratch") as services:
        yield postgres.admin_url(open_folder(services.held[0].folder), "scratch")


def _compare(arguments: argparse.Namespace) -> None:
    owner = psycopg.connect(arguments.database, autocommit=True)
    _prepare(owner)
    texts = real_passages(arguments.data, 20_000)
    asked = questions(arguments.data, arguments.questions)
    size = arguments.size
    print(f"{len(texts):,} real passages, {size:,} in all, {len(asked)} questions", flush=True)
    whole, small = corpus(texts, size), corpus(texts[-100:], 100)
    truth, small_truth = Exact(whole), Exact(small)
    for name in arguments.candidates:
        candidate = CANDIDATES[name](owner)
        candidate.create()
        started = time.monotonic()
        candidate.load(BIG, whole)
        if name != "sparse":  # one vocabulary width for the table
            candidate.load(SMALL, small)
        if hasattr(candidate, "finish"):
            candidate.finish()
        took = time.monotonic() - started
        print(f"{name}: loaded in {took:.0f} s, {candidate.size_mb():.0f} MB", flush=True)
        if name != "sparse":
            _measure(arguments, candidate, SMALL, small_truth, asked)
        _measure(arguments, candidate, BIG, truth, asked)
    for count in arguments.dense:
        _dense(owner, arguments, count)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--database", default="")
    parser.add_argument("--size", type=int, default=20_000)
    parser.add_argument("--questions", type=int, default=200)
    parser.add_argument("--candidates", nargs="*", default=INSTALLED)
    parser.add_argument("--dense", nargs="*", type=int, default=[])
    parser.add_argument("--budgets", nargs="*", type=int, default=[])
    return parser.parse_args()


def _prepare(owner: Connection) -> None:
    owner.execute("CREATE EXTENSION IF NOT EXISTS vector")
    if not owner.execute("SELECT 1 FROM pg_roles WHERE rolname = 'bench_app'").fetchone():
        owner.execute("CREATE ROLE bench_app LOGIN NOSUPERUSER NOBYPASSRLS")
    owner.execute("GRANT USAGE ON SCHEMA public TO bench_app")


def _as_app(arguments: argparse.Namespace, workspace: UUID) -> Connection:
    app = psycopg.connect(arguments.database)
    app.execute("SET ROLE bench_app")
    app.execute("SELECT set_config('app.workspace', %s, false)", [str(workspace)])
    app.commit()
    return app


def _measure(
    arguments: argparse.Namespace,
    candidate: Candidate,
    workspace: UUID,
    truth: Exact,
    asked: Sequence[Sequence[str]],
) -> None:
    app = _as_app(arguments, workspace)
    for budget in arguments.budgets or [getattr(candidate, "budget", 0)]:
        if hasattr(candidate, "budget"):
            candidate.budget = budget
        recalls, times = [], []
        for question in tqdm(asked, disable=None):
            candidate.search(app, workspace, question)
            started = time.perf_counter()
            found = candidate.search(app, workspace, question)
            times.append((time.perf_counter() - started) * 1000)
            recalls.append(_recall(truth, question, found))
        print(
            f"  {candidate.name} {len(truth.lengths):>9,} passages, budget {budget:>9,}: "
            f"recall@50 {np.mean(recalls):.3f} (worst {min(recalls):.2f}), "
            f"p50 {np.percentile(times, 50):.1f} ms, p95 {np.percentile(times, 95):.1f} ms",
            flush=True,
        )
    app.close()


def _recall(truth: Exact, question: Sequence[str], found: Sequence[int]) -> float:
    """Share of the exact best 50 that were found; a tie at the end counts as found."""
    best, scores = truth.best(question, 400)
    positive = [(number, score) for number, score in zip(best, scores, strict=True) if score > 0]
    if not positive:
        return 1.0
    wanted = positive[:50]
    last = wanted[-1][1] - 1e-6
    good = {number for number, score in positive if score >= last}
    return min(len(good & set(found[:50])), len(wanted)) / len(wanted)


def _dense(owner: Connection, arguments: argparse.Namespace, count: int) -> None:
    """Exact search through the workspace's index, beside 100 passages of another workspace."""
    owner.execute("DROP TABLE IF EXISTS dense")
    owner.execute("CREATE TABLE dense (workspace_id uuid, passage int, vector vector(384))")
    owner.execute(RLS.format("dense"))
    started = time.monotonic()
    for workspace, size in ((BIG, count), (SMALL, 100)):
        with owner.cursor().copy("COPY dense FROM STDIN (FORMAT binary)") as copy:
            copy.set_types(["uuid", "int4", "bytea"])
            at = 0
            for part in vectors(size):
                data = part.astype(">f4")
                for row in data:
                    header = b"\x01\x80\x00\x00"
                    copy.write_row((workspace, at, header + row.tobytes()))
                    at += 1
    owner.execute("CREATE INDEX dense_scan ON dense (workspace_id)")
    owner.execute("VACUUM ANALYZE dense")
    took = time.monotonic() - started
    print(f"dense: {count:,} vectors loaded in {took:.0f} s", flush=True)
    asked = [row.tolist() for row in next(vectors(20, seed=11))]
    for workspace in (SMALL, BIG):
        app = _as_app(arguments, workspace)
        times = _times(partial(_nearest, app), asked)
        size = 100 if workspace is SMALL else count
        print(
            f"  exact {size:>9,} vectors: p50 {np.percentile(times, 50):.1f} ms, "
            f"p95 {np.percentile(times, 95):.1f} ms",
            flush=True,
        )
        app.close()


def _nearest(app: Connection, vector: Sequence[float]) -> int:
    found = app.execute(
        "SELECT passage FROM dense ORDER BY vector <#> %s::vector LIMIT 50", [str(vector)]
    )
    return len(found.fetchall())


def _times(call: Callable[[Sequence[float]], int], asked: Sequence[Sequence[float]]) -> list[float]:
    times = []
    for vector in asked:
        started = time.perf_counter()
        call(vector)
        times.append((time.perf_counter() - started) * 1000)
    return times


if __name__ == "__main__":
    main()
