"""Recall and MRR of the service's own retrieval on dialogues about help pages.

    python -m benchmarks.retrieval_quality --data FOLDER

FOLDER/doc2dial holds docs.jsonl and turns.jsonl. The pages are imported into a temporary
workspace with its own PostgreSQL; every turn is then searched through `knowledge.retrieval`: by
the last turn, by the whole history, and by the service's views (last turn, the visitor's last two,
whole history), each by meaning, by words and by both, fused. A passage is right if it overlaps
the turn's answer span, or holds its words on a page of the same title. Intervals: 95%, bootstrap
over pages.
"""

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from chatbot.answering.views import view_texts
from config.local.private import temporary

if TYPE_CHECKING:
    from knowledge.retrieval import Candidate, View

DEPTH = 20
DEPTHS = (1, 5, 10, 20)
RESAMPLES = 1_000
ASKED = {"last turn": slice(0, 1), "whole history": slice(-1, None), "three views": slice(0, 3)}
METHODS = ("dense", "BM25", "hybrid")
ROLES = {"user": "visitor", "agent": "bot"}  # as doc2dial and the service call them


@dataclass(frozen=True)
class Asked:
    """A turn: its views, and where the answer stands. words: the answer's, spaces evened."""

    views: Sequence[str]
    doc_id: str
    title: str
    start: int
    end: int
    words: str

    def answered_by(self, one: "Candidate") -> bool:
        if one.doc_id == self.doc_id:
            return one.start < self.end and self.start < one.end
        return one.title == self.title and self.words in " ".join(one.text.split())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--turns", type=int, default=0, help="how many turns; 0 means all")
    arguments = parser.parse_args()
    print("python -m benchmarks.retrieval_quality", " ".join(sys.argv[1:]), flush=True)
    with temporary() as services:
        os.environ.update(services.environment)
        _report(arguments.data, arguments.turns)


def _report(data: Path, limit: int) -> None:
    workspace_id = _workspace(data / "doc2dial" / "docs.jsonl")
    asked = turns(data / "doc2dial")
    asked = asked[:: max(len(asked) // limit, 1)][:limit] if limit else asked
    held_out = _held_out(data)
    ranks = _ranks(workspace_id, asked)
    for name, titles in (("all pages", None), ("pages held out from training", held_out)):
        kept = [i for i, one in enumerate(asked) if titles is None or one.title in titles]
        pages = [asked[i].title for i in kept]
        print(f"\n{name}: {len(kept):,} turns about {len(set(pages))} titles")
        for label, found in ranks.items():
            print(line(label, found[kept], pages), flush=True)


def _workspace(docs: Path) -> UUID:
    """A fresh database with one workspace that holds the pages."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    import django

    django.setup()
    from django.core.management import call_command

    from accounts.models import Workspace
    from knowledge.importing import import_path

    call_command("migrate", database="owner", verbosity=0)
    workspace = Workspace.objects.create(slug="benchmark", name="Benchmark")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "pages.jsonl"
        kept = [{name: row[name] for name in ("doc_id", "title", "text")} for row in _rows(docs)]
        path.write_text("\n".join(json.dumps(row) for row in kept), encoding="utf-8")
        report = import_path(workspace.id, path)
    print(f"{report.published} pages, {report.passages:,} passages", flush=True)
    return workspace.id


def _rows(path: Path) -> list[dict[str, Any]]:
    with path.open(encoding="utf-8", newline="\n") as file:
        return [json.loads(line) for line in file if line.strip()]


def turns(folder: Path) -> list[Asked]:
    """The visitors' turns that a page answers."""
    titles = {row["doc_id"]: row["title"] for row in _rows(folder / "docs.jsonl")}
    return [
        Asked(
            views=view_texts(row["query"], [(ROLES[role], text) for role, text in row["history"]]),
            doc_id=row["doc_id"],
            title=titles[row["doc_id"]],
            start=row["answer_start"],
            end=row["answer_end"],
            words=" ".join(row["answer_text"].split()),
        )
        for row in _rows(folder / "turns.jsonl")
        if row["query_role"] == "user" and row["answer_end"] > row["answer_start"]
    ]


def _held_out(data: Path) -> frozenset[str]:
    """Titles that the reader is not trained on, by the same rule."""
    from tuning.reading_examples import held_out_pages

    return frozenset(held_out_pages(data))


def _ranks(workspace_id: UUID, asked: Sequence[Asked]) -> Mapping[str, NDArray[np.int64]]:
    """(turns,) for each way to ask: the rank of the first right passage, 0 where there is none."""
    from knowledge import embedding
    from knowledge.retrieval import Filters, search

    texts = list(dict.fromkeys(text for one in asked for text in one.views))
    with tqdm(total=len(texts), unit=" texts", disable=None) as bar:
        vectors = embedding.embed(texts, on_batch=bar.update)
    place = {text: i for i, text in enumerate(texts)}
    ranks = {
        f"{way}, {method}": np.zeros(len(asked), dtype=np.int64)
        for way in ASKED
        for method in METHODS
    }
    for i, one in enumerate(tqdm(asked, unit=" turns", disable=None)):
        for way, picked in ASKED.items():
            for method in METHODS:
                given = [_view(text, vectors[place[text]], method) for text in one.views[picked]]
                found = search(
                    workspace_id,
                    views=given,
                    filters=Filters(),
                    k=DEPTH,
                    model_version=embedding.model_version(),
                )
                right = [at for at, each in enumerate(found, start=1) if one.answered_by(each)]
                ranks[f"{way}, {method}"][i] = right[0] if right else 0
    return ranks


def _view(text: str, vector: NDArray[np.float32], method: str) -> "View":
    from knowledge.retrieval import View

    return View(
        text if method != "dense" else "",
        vector if method != "BM25" else None,
    )


def line(label: str, ranks: NDArray[np.int64], pages: Sequence[str]) -> str:
    """One row of the report: each figure with its interval."""
    scores = [((ranks > 0) & (ranks <= depth)).astype(float) for depth in DEPTHS]
    scores.append(np.where(ranks > 0, 1 / np.maximum(ranks, 1), 0.0))
    names = [*(f"R@{depth}" for depth in DEPTHS), "MRR"]
    cells = [
        f"{name} {score.mean():.3f} [{low:.3f}, {high:.3f}]"
        for name, score in zip(names, scores, strict=True)
        for low, high in [interval(score, pages)]
    ]
    return f"  {label:<24} " + "  ".join(cells)


def interval(scores: NDArray[np.float64], pages: Sequence[str]) -> tuple[float, float]:
    """95% of the means over pages that are drawn with replacement."""
    _, owner = np.unique(np.array(pages), return_inverse=True)
    sums, sizes = np.bincount(owner, scores), np.bincount(owner)
    drawn = np.random.default_rng(7).integers(0, len(sums), (RESAMPLES, len(sums)))
    means = sums[drawn].sum(axis=1) / sizes[drawn].sum(axis=1)
    low, high = np.percentile(means, [2.5, 97.5])
    return float(low), float(high)


if __name__ == "__main__":
    main()
