"""What MaxSim over token embeddings would add to the ranker before reading, and what it would cost.

    .venv-tuning/bin/python -m benchmarks.maxsim SETS [--sets doc2dial_held_out …] [--limit N]

SETS: what benchmarks.make_eval_sets wrote. Each set's articles are imported into a temporary
PostgreSQL and searched as the service does; the candidates get the ranker's features and, beside
them, MaxSim (Khattab and Zaharia 2020, arXiv 2004.12832): for each token of the question the
greatest cosine with a token of the passage, in the mean, of the last turn and of the dialogue.
Printed: recall by five-fold cross-validation over groups with and without MaxSim, the paired
difference with its 95% interval, the milliseconds of a question where the passages' vectors are
stored, and the bytes that a passage's vectors take.
"""

import argparse
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from config.local.private import temporary

if TYPE_CHECKING:
    from inference.embedder import Embedder
    from knowledge.retrieval import Candidate
    from learning.questions import Question

ROOT = Path(__file__).resolve().parents[1]
SETS = ("doc2dial_held_out", "squad2_answerable", "dstc11", "medquad")
MAXSIM = ("maxsim_last", "maxsim_whole")
Tokens = NDArray[np.float16]


@dataclass
class Late:
    """Token vectors of passages, each made once; and what that cost."""

    embedder: "Embedder"
    passages: dict[str, Tokens] = field(default_factory=dict)
    spent_s: list[float] = field(default_factory=list)  # of each question, passages stored

    def features(
        self, texts: Sequence[str], candidates: "Sequence[Candidate]"
    ) -> list[dict[str, float]]:
        """texts: the last turn first and the whole dialogue last."""
        stored = [self._passage(one) for one in candidates]
        began = time.perf_counter()
        asked = [self.embedder.tokens(text).astype(np.float32) for text in (texts[0], texts[-1])]
        found = [
            {name: maxsim(one, held) for name, one in zip(MAXSIM, asked, strict=True)}
            for held in stored
        ]
        self.spent_s.append(time.perf_counter() - began)
        return found

    def _passage(self, one: "Candidate") -> Tokens:
        from knowledge.index import searched_text

        key = str(one.passage_id)
        if key not in self.passages:
            text = searched_text(one.title, one.heading_path, one.text)
            self.passages[key] = self.embedder.tokens(text).astype(np.float16)
        return self.passages[key]


def maxsim(asked: NDArray[np.float32], held: Tokens) -> float:
    """asked: (Q, 384), held: (P, 384), of unit length. In [-1, 1]."""
    return float((asked @ held.astype(np.float32).T).max(axis=1).mean())


def _observed(name: str, given: argparse.Namespace, late: Late) -> list[dict[str, Any]]:
    """Each question's candidates as tuning.train_rankers takes them."""
    from accounts.models import Workspace
    from knowledge.importing import import_path
    from learning.questions import read_questions

    slug = name.replace("_", "-")
    workspace = Workspace.objects.create(slug=slug, name=slug)
    import_path(workspace.id, given.folder / f"{name.partition('_')[0]}.kb.jsonl")
    path = given.folder / f"{name}.eval.jsonl"
    asked = [one for one in read_questions(path, on_broken=print) if one.spans][: given.limit]
    found = [
        _row(name, workspace.id, one, late)
        for one in tqdm(asked, desc=name, unit=" questions", disable=None)
    ]
    return [row for row in found if row["candidates"]]


def _row(name: str, workspace_id: Any, question: "Question", late: Late) -> dict[str, Any]:
    from chatbot.answering.candidate_features import before_reading
    from chatbot.answering.pipeline import CANDIDATES
    from chatbot.answering.views import view_texts
    from knowledge.retrieval import Filters, View, search
    from learning.matching import Span

    texts = view_texts(question.question, question.history)
    vectors = late.embedder.encode(texts)
    candidates = search(
        workspace_id,
        views=[View(text, vector) for text, vector in zip(texts, vectors, strict=True)],
        filters=Filters(),
        k=CANDIDATES,
        model_version=late.embedder.fingerprint,
    )
    rows = before_reading(question.question, question.history, candidates)
    more = late.features(texts, candidates)
    places = [Span(one.doc_id, one.start, one.end) for one in candidates]
    gold = [any(place.overlap(span) for span in question.spans) for place in places]
    return {
        "group": f"{name}/{question.group or question.id}",
        "candidates": [
            {"features": {**row, **extra}, "gold": int(is_gold)}
            for row, extra, is_gold in zip(rows, more, gold, strict=True)
        ],
    }


def report(questions: Sequence[dict[str, Any]], late: Late) -> None:
    from tuning.ranking_quality import first_gold, interval
    from tuning.train_rankers import cross_validated, load

    whole = load(questions, after=False)
    plain = load(questions, after=False, names=[name for name in whole.names if name not in MAXSIM])
    sets = np.array([str(group).split("/", 1)[0] for group in whole.judged.groups])
    places = {
        "without": first_gold(plain.judged, cross_validated(plain)),
        "with": first_gold(whole.judged, cross_validated(whole)),
    }
    for name in ("all", *dict.fromkeys(sets.tolist())):
        mine = np.ones(len(sets), bool) if name == "all" else sets == name
        for k in (1, 4, 5):
            hits = {key: (found <= k).astype(float)[mine] for key, found in places.items()}
            groups = whole.judged.groups[mine]
            cells = [f"{key} {interval(value, groups)}" for key, value in hits.items()]
            gain = interval(hits["with"] - hits["without"], groups)
            print(f"{name:<20}recall@{k}  {'  '.join(cells)}  difference {gain}", flush=True)
    sizes = [tokens.nbytes for tokens in late.passages.values()]
    spent = 1000 * np.array(late.spent_s)
    print(
        f"MaxSim: {np.median(spent):.1f} ms a question (p95 {np.percentile(spent, 95):.1f}), of "
        f"which one run of the embedder for each of two views; {np.mean(sizes) / 1024:.0f} KiB of "
        f"float16 a passage, {np.mean(sizes) / (2 * 384):.0f} times its one vector",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--sets", nargs="+", default=list(SETS))
    parser.add_argument("--limit", type=int, help="questions of each set")
    parser.add_argument("--models", type=Path, default=ROOT / "models")
    given = parser.parse_args()
    print("python -m benchmarks.maxsim", " ".join(sys.argv[1:]), flush=True)
    with temporary() as services:
        os.environ.update(services.environment)
        os.environ |= {"MODELS_DIR": str(given.models.resolve()), "FIRSTLINE_ENV_FILE": os.devnull}
        os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
        import django

        django.setup()
        from django.core.management import call_command

        from inference.embedder import Embedder

        call_command("migrate", database="owner", verbosity=0)
        late = Late(Embedder(given.models / "embedder", threads=1))
        report([row for name in given.sets for row in _observed(name, given, late)], late)


if __name__ == "__main__":
    main()
