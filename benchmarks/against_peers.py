"""Answers per core-second and quality, side by side in one run, with named peers.

    python -m venv .venv-peers && .venv-peers/bin/pip install -r benchmarks/requirements-peers.txt
    python -m benchmarks.against_peers SETS [--set squad2_answerable] [--questions 200]

SETS: what benchmarks.make_eval_sets wrote. The articles are imported once, into a temporary
PostgreSQL; everyone gets the same passages, the same questions with their dialogue, and the same
weights: Firstline the int8 ONNX files, fastembed and FlashRank those same files, haystack-ai and
sentence-transformers in PyTorch what the int8 files hold, as fp32. Each runs in a process of its
own, with as many cores as threads. Core-seconds are user and system time while the questions are
answered, of the process and its children, and for the full service of its PostgreSQL too.

Recall: a gold span overlaps one of the first passages. F1: of the words chosen, by SQuAD's rules;
two of the peers choose none. Intervals: 95%, groups drawn with replacement; losses are paired.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.peers.protocol import Passage, rows
from config.local.private import temporary

if TYPE_CHECKING:
    from learning.questions import Question

ROOT = Path(__file__).resolve().parent.parent
PEERS = ROOT / ".venv-peers" / "bin" / "python"
RESAMPLES = 2_000
FULL, BARE = "full_service", "bare_stages"
OURS = (FULL, BARE)
THEIRS = ("haystack_reader", "torch_pair", "flash_pair")
LIMIT_S = 1_800
Scores = Mapping[str, NDArray[np.float64]]


@dataclass(frozen=True)
class Result:
    """scores: measure → (questions,); measures of words are missing where none are chosen."""

    name: str
    threads: int
    core_s: float
    database_s: float
    scores: Scores

    @property
    def answers_per_core_s(self) -> float:
        return len(self.scores["recall@1"]) / self.core_s


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("sets", type=Path)
    parser.add_argument("--set", default="squad2_answerable")
    parser.add_argument("--questions", type=int, default=200)
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument(
        "--read", type=int, default=0, help="passages the peers read; 0: the most the service reads"
    )
    parser.add_argument("--only", nargs="+", choices=(*OURS, *THEIRS), default=(*OURS, *THEIRS))
    parser.add_argument("--models", type=Path, default=ROOT / "models")
    given = parser.parse_args()
    if not PEERS.exists():
        parser.error("there is no .venv-peers; the module's first lines say how to make it")
    print("python -m benchmarks.against_peers", " ".join(sys.argv[1:]), flush=True)
    with temporary() as services, tempfile.TemporaryDirectory() as scratch:
        os.environ.update(services.environment)
        os.environ |= {"MODELS_DIR": str(given.models.resolve()), "FIRSTLINE_ENV_FILE": os.devnull}
        _compare(given, Path(scratch))


def _compare(given: argparse.Namespace, scratch: Path) -> None:
    questions, passages = _prepare(given, scratch)
    read = given.read or _read_by_default(given.models)
    _run([str(PEERS), "-m", "benchmarks.peers.weights", str(given.models), str(scratch / "w")])
    print(f"{len(questions)} questions, {len(passages):,} passages, {read} read", flush=True)
    for threads in given.threads:
        results = []
        for name in given.only:
            python, models = (
                (sys.executable, given.models) if name in OURS else (str(PEERS), scratch / "w")
            )
            out = scratch / f"{name}-{threads}"
            numbers = [str(threads), str(read)]
            module = f"benchmarks.peers.{name}"
            _run([python, "-m", module, str(scratch), str(out), str(models), *numbers])
            results.append(_judged(name, threads, out, (questions, passages)))
            print(line(results[-1], questions), flush=True)
        report(results, questions)


def _prepare(given: argparse.Namespace, scratch: Path) -> "tuple[list[Question], list[Passage]]":
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    from accounts.models import Workspace
    from inference.reader import question_with_history
    from knowledge.importing import import_path
    from learning.questions import read_questions

    call_command("migrate", database="owner", verbosity=0)
    workspace = Workspace.objects.create(slug="peers", name="Peers")
    import_path(workspace.id, given.sets / f"{given.set.split('_')[0]}.kb.jsonl")
    found = [
        one
        for one in read_questions(given.sets / f"{given.set}.eval.jsonl", on_broken=print)
        if one.spans
    ]
    questions = found[:: max(len(found) // given.questions, 1)][: given.questions]
    passages = _passages(workspace.id)
    _write(scratch / "passages.jsonl", [vars(one) for one in passages])
    asked = [
        {
            "question": one.question,
            "history": one.history,
            "asked": question_with_history(one.question, one.history),
        }
        for one in questions
    ]
    _write(scratch / "questions.jsonl", asked)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (backend,) = cursor.fetchone() or (0,)
    status = Path(f"/proc/{backend}/stat").read_text().rsplit(")", 1)[1].split()
    os.environ["POSTMASTER_PID"] = status[1]
    return questions, passages


def _passages(workspace_id: Any) -> list[Passage]:
    from accounts.scope import workspace_scope
    from knowledge.models import Passage as Row

    with workspace_scope(workspace_id):
        found = Row.objects.select_related("article").order_by("article_id", "start")
        return [
            Passage(
                doc_id=one.article.external_id,
                start=one.start,
                end=one.end,
                title=one.article.title,
                headings=tuple(one.heading_path),
                text=one.text,
            )
            for one in found
        ]


def _read_by_default(models: Path) -> int:
    from chatbot.answering.choose import READ
    from inference.ranker import Ranker

    there = (models / "ranker" / "manifest.json").exists()
    return Ranker(models / "ranker").read if there else READ


def _write(path: Path, found: Sequence[Mapping[str, Any]]) -> None:
    path.write_text("".join(json.dumps(dict(row)) + "\n" for row in found), encoding="utf-8")


def _run(command: Sequence[str]) -> None:
    """Raises CalledProcessError with what the contestant said, if it fails."""
    quiet = {"HF_HUB_OFFLINE": "1", "HAYSTACK_TELEMETRY_ENABLED": "False"}
    quiet |= {"TOKENIZERS_PARALLELISM": "false", "TRANSFORMERS_VERBOSITY": "error"}
    done = subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, **quiet},
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )
    if done.returncode:
        print(done.stderr[-3_000:], file=sys.stderr)
        done.check_returncode()


def _judged(
    name: str, threads: int, out: Path, given: "tuple[Sequence[Question], Sequence[Passage]]"
) -> Result:
    spent = json.loads(Path(f"{out}.json").read_text())
    found = rows(Path(f"{out}.jsonl"))
    scores = judged(found, *given)
    return Result(name, threads, spent["cpu_s"] + spent["also_s"], spent["also_s"], scores)


def judged(
    found: Sequence[Mapping[str, Any]],
    questions: "Sequence[Question]",
    passages: Sequence[Passage],
) -> Scores:
    """Each question's recalls; where words are chosen also F1, and right: at least half of it."""
    from learning.matching import Span, span_f1, token_f1

    ranks, words = [], []
    for row, question in zip(found, questions, strict=True):
        at = [
            rank
            for rank, number in enumerate(row["ranked"], start=1)
            if any(_span(passages[number]).overlap(span) for span in question.spans)
        ]
        ranks.append(at[0] if at else np.inf)
        if row["place"] is None:
            words.append((0.0, 0.0))
            continue
        number, start, end = row["place"]
        passage = passages[number]
        f1 = token_f1(passage.text[start:end], question.answers)
        place = Span(passage.doc_id, passage.start + start, passage.start + end)
        words.append((f1, float(max(f1, span_f1(place, question.spans)) >= 0.5)))
    order = np.array(ranks)
    scores = {f"recall@{depth}": (order <= depth).astype(np.float64) for depth in (1, 5)}
    if any(row["place"] for row in found):
        chosen = np.array(words, dtype=np.float64)
        scores |= {"F1": chosen[:, 0], "right": chosen[:, 1]}
    return scores


def _span(passage: Passage) -> Any:
    from learning.matching import Span

    return Span(passage.doc_id, passage.start, passage.end)


def _draws(questions: "Sequence[Question]") -> list[NDArray[np.intp]]:
    """Indices of questions for each resample: whole groups are drawn."""
    named = [one.group or one.id for one in questions]
    _, owner = np.unique(np.array(named), return_inverse=True)
    members = [np.flatnonzero(owner == group) for group in range(int(owner.max()) + 1)]
    dice = np.random.default_rng(7)
    return [
        np.concatenate([members[at] for at in dice.integers(len(members), size=len(members))])
        for _ in range(RESAMPLES)
    ]


def line(result: Result, questions: "Sequence[Question]") -> str:
    """One contestant: its speed, then each measure with its interval."""
    draws = _draws(questions)
    told = []
    for name, scores in result.scores.items():
        low, high = np.percentile([scores[rows_].mean() for rows_ in draws], [2.5, 97.5])
        told.append(f"{name} {scores.mean():.3f} [{low:.3f}, {high:.3f}]")
    share = f" ({result.database_s:.1f} s of it the database)" if result.database_s else ""
    return (
        f"  {result.name:16} {result.threads} threads  {result.answers_per_core_s:6.2f} answers"
        f" a core-second{share}  {'  '.join(told)}"
    )


def report(results: Sequence[Result], questions: "Sequence[Question]") -> None:
    """Ours against each peer: how many times the answers, and what is lost of each measure."""
    for ours in (one for one in results if one.name in OURS):
        for peer in (one for one in results if one.name in THEIRS):
            times = ours.answers_per_core_s / peer.answers_per_core_s
            told = [
                relative_loss(name, ours.scores[name], scores, questions)
                for name, scores in peer.scores.items()
                if name in ours.scores
            ]
            print(f"  {ours.name} / {peer.name}: {times:.2f} times; {'; '.join(told)}", flush=True)


def relative_loss(
    name: str,
    ours: NDArray[np.float64],
    theirs: NDArray[np.float64],
    questions: "Sequence[Question]",
) -> str:
    """1 - ours / theirs; below zero, ours is better. The same questions are drawn for both."""
    draws = _draws(questions)
    lost = [1 - ours[drawn].mean() / max(float(theirs[drawn].mean()), 1e-9) for drawn in draws]
    low, high = np.percentile(lost, [2.5, 97.5])
    value = 1 - ours.mean() / max(float(theirs.mean()), 1e-9)
    return f"{name} lost {100 * value:+.1f}% [{100 * low:+.1f}, {100 * high:+.1f}]"


if __name__ == "__main__":
    main()
