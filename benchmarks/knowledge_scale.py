"""The knowledge base at scale: retrieval and the console's lists, through the service's own code.

    python -m benchmarks.knowledge_scale DATA [--passages 1000000] [--folder FOLDER] [--parts …]

DATA: the folder of articles and questions. Makes a workspace of that many passages, ten in an
article, and one of 100 beside it, in a PostgreSQL of its own (benchmarks/scale_product.py says
what is real and what is noise); with --folder they are kept, and a later call measures the same
rows again. Prints the load time, sizes, then for each part:

retrieval: p50 and p95 wall-clock milliseconds of knowledge.retrieval.search for single questions
and for dialogues of three views, and recall@50 against the exact search (every vector compared,
every posting read) for each half and for both fused. Each question is asked three times; its time
is the median. Vectors of the questions are made beforehand.
graph: how fast the service itself would put vectors into the graph, and what a publication takes.
pages: p50 and p95 of the console's lists, see benchmarks/scale_pages.py.
"""

import argparse
import os
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import numpy as np

from config.local.private import NAMES, join_or_start, temporary

if TYPE_CHECKING:
    from knowledge.dense import Ranking
    from knowledge.index import Query

PARTS = ("retrieval", "graph", "pages")
REAL = 20_000
BIG, SMALL = "big", "small"
SMALL_SIZE = 100
TOP = 50
DEPTH = 100  # what retrieval asks of each half


def main() -> None:
    given = _arguments()
    print("python -m benchmarks.knowledge_scale", " ".join(sys.argv[1:]), flush=True)
    with _services(given.folder) as environment:
        os.environ.update(environment)
        os.environ |= {"FIRSTLINE_ENV_FILE": os.devnull}
        os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
        import django

        django.setup()
        from benchmarks.scale_filling import filled

        places = filled(given.data, (BIG, given.passages), (SMALL, SMALL_SIZE), real=REAL)
        if "retrieval" in given.parts:
            for slug in (BIG, SMALL):
                _retrieval(given, slug, places[slug])
        if "graph" in given.parts:
            _graph(places[BIG])
        if "pages" in given.parts:
            from benchmarks.scale_pages import measure

            measure(places[BIG])


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("data", type=Path)
    parser.add_argument("--passages", type=int, default=100_000)
    parser.add_argument("--questions", type=int, default=200)
    parser.add_argument("--folder", type=Path, help="keep the database here")
    parser.add_argument("--parts", nargs="*", choices=PARTS, default=PARTS)
    return parser.parse_args()


@contextmanager
def _services(folder: Path | None) -> Iterator[dict[str, str]]:
    if folder is None:
        with temporary(database="scale") as services:
            yield services.environment
        return
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o711)
    with join_or_start(folder, names=tuple(NAMES), database="scale") as services:
        yield services.environment


def _retrieval(given: argparse.Namespace, slug: str, workspace_id: UUID) -> None:
    from benchmarks.scale_corpus import asked
    from chatbot.answering.views import view_texts
    from knowledge.embedding import embed, model_version
    from knowledge.index import Query

    version = model_version()
    for name, rows in asked(given.data, given.questions).items():
        texts = [view_texts(question, history) for question, history in rows]
        flat = [text for views in texts for text in views]
        vectors = iter(embed(flat))
        views = [[Query(text, next(vectors)) for text in one] for one in texts]
        _report(f"{slug}, {name}", workspace_id, views, version)


def _report(
    name: str, workspace_id: UUID, asked: Sequence[Sequence["Query"]], version: str
) -> None:
    from accounts.scope import workspace_scope
    from knowledge.index import index
    from knowledge.retrieval import Filters, allowed_rows, fuse, search

    filters = Filters()
    times: dict[str, list[float]] = {}
    recalls: dict[str, list[float]] = {"dense": [], "lexical": [], "fused": []}
    for views in asked:
        spent = _timed(
            lambda views=views: search(
                workspace_id, views=views, filters=filters, model_version=version, k=TOP
            )
        )
        times.setdefault("search", []).append(spent)
        with workspace_scope(workspace_id):
            found = index.search(workspace_id, views, version=version, depth=DEPTH)
            exact = _exact(workspace_id, views, version)
            recalls["dense"] += _each(exact.dense, found.dense)
            recalls["lexical"] += _each(exact.lexical, found.lexical)
            both = []
            for lists in (exact, found):
                ids = {one for part in [*lists.dense, *lists.lexical] for one, _ in part}
                rows = allowed_rows(workspace_id, ids, filters)
                both.append([(one.passage_id, one.fused) for one in fuse(lists, rows, TOP)])
            recalls["fused"].append(_recall(*both))
        for half, call in _halves(workspace_id, views, version).items():
            times.setdefault(half, []).append(_timed(call))
    told = "; ".join(
        f"{half} p50 {np.percentile(spent, 50):.1f} ms, p95 {np.percentile(spent, 95):.1f} ms"
        for half, spent in times.items()
    )
    shares = ", ".join(f"{half} {np.mean(row):.3f}" for half, row in recalls.items())
    print(f"{name} ({len(asked)}): {told}; recall@{TOP} {shares}", flush=True)


def _timed(call: Any) -> float:
    """The median of three, in milliseconds."""
    spent = []
    for _ in range(3):
        started = time.perf_counter()
        call()
        spent.append((time.perf_counter() - started) * 1000)
    return float(np.median(spent))


def _halves(workspace_id: UUID, views: Sequence["Query"], version: str) -> dict[str, Any]:
    from accounts.scope import workspace_scope
    from knowledge.index import Query, index

    def half(asked: Sequence[Query]) -> None:
        with workspace_scope(workspace_id):
            index.search(workspace_id, asked, version=version, depth=DEPTH)

    return {
        "dense": lambda: half([Query("", one.vector) for one in views]),
        "lexical": lambda: half([Query(one.text, None) for one in views]),
    }


def _exact(workspace_id: UUID, views: Sequence["Query"], version: str) -> Any:
    from knowledge import dense
    from knowledge.index import Lists, PostgresIndex, raw_cursor

    bounds = dense.Bounds(workspace_id, version, DEPTH)
    vectors = [one.vector for one in views if one.vector is not None]
    by_meaning = dense.exact(raw_cursor(), vectors, bounds)
    by_words = PostgresIndex().search_words(workspace_id, views, depth=DEPTH, budget=1 << 40)
    return Lists(by_meaning, by_words, complete=False)


def _each(exact: Sequence["Ranking"], found: Sequence["Ranking"]) -> list[float]:
    return [_recall(a, b) for a, b in zip(exact, found, strict=True) if a]


def _recall(exact: "Ranking", found: "Ranking") -> float:
    """Share of the exact best that were found; a tie at the end counts as found."""
    wanted = exact[:TOP]
    if not wanted:
        return 1.0
    last = wanted[-1][1] - 1e-6
    good = {one for one, score in exact if score >= last}
    return min(len(good & {one for one, _ in found[:TOP]}), len(wanted)) / len(wanted)


def _graph(workspace_id: UUID) -> None:
    """Vectors that are there already are written once more, in steps of the service's own size."""
    from django.db import connection

    from accounts.scope import workspace_scope
    from knowledge import near
    from knowledge.embedding import model_version

    version, spent, count = model_version(), 0.0, 0
    with workspace_scope(workspace_id), connection.cursor() as cursor:
        cursor.execute(
            "SELECT passage_id FROM knowledge_embedding WHERE workspace_id = %s LIMIT 5000",
            [workspace_id],
        )
        ids = [row[0] for row in cursor.fetchall()]
    for at in range(0, len(ids), near.STEP):
        part = ids[at : at + near.STEP]
        with workspace_scope(workspace_id), connection.cursor() as cursor:
            near.forget(cursor, workspace_id, part)
            started = time.perf_counter()
            near.note(cursor, workspace_id, version, part)
            spent += time.perf_counter() - started
            count += len(part)
    print(
        f"graph: {count:,} vectors put in, {1000 * spent / max(count, 1):.2f} ms each", flush=True
    )


if __name__ == "__main__":
    main()
