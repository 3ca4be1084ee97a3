"""What reading in steps and signed weights save, and what they cost, before and after by turns.

    python -m benchmarks.reading_steps WORKSPACE=FILE… [--limit 100] [--risk 0.15]

FILE: labelled questions as for `manage.py evaluate`, WORKSPACE: where their articles are imported.
In one process, with one thread, tier 1 answers each question three times: with all passages read
and the weights as they ship (before), with the same passages and signed weights, and as it serves.
The order of the three turns with each question. Time is processor time of this process and of its
PostgreSQL backend. Right: as `evaluate` judges the answer that is shown or would have been, of the
questions that have one; answered rightly and wrongly at the risk, of all, as it serves. Intervals:
95%, groups drawn with replacement, shares paired.
"""

import argparse
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

if TYPE_CHECKING:
    from inference.models import Models
    from learning.questions import Question

WAYS = ("before", "signed weights", "as it serves")
WARM_UP = 3
RESAMPLES = 2_000
Values = NDArray[np.float64]


@dataclass(frozen=True)
class Turn:
    """What one way made of one question. cpu_ms: of this process and the database."""

    cpu_ms: float
    read: int
    right: bool
    answered: bool
    span_f1: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("sets", nargs="+", metavar="WORKSPACE=FILE")
    parser.add_argument("--limit", type=int, default=100, help="questions of each set")
    parser.add_argument("--risk", type=float, default=0.15)
    given = parser.parse_args()
    print("python -m benchmarks.reading_steps", " ".join(sys.argv[1:]), flush=True)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    os.environ["INFERENCE_THREADS"] = "1"
    from config.local.private import ensure_services

    with ensure_services(["manage.py", "reading_steps"]):
        import django

        django.setup()
        ways = _ways()
        for named in given.sets:
            _report(named, *_asked(named, ways, given))


def _ways() -> "list[Models]":
    from django.conf import settings

    from inference import models

    now = models.load(settings.MODELS_DIR, threads=1)
    if now.ranker is None:
        raise SystemExit("there are no rankers, so nothing is read in steps")
    whole = _without_steps(now)
    with patch("inference.session.multiplies_signed_faster", return_value=False):
        before = models.load(settings.MODELS_DIR, threads=1)
    return [_without_steps(before), whole, now]


def _without_steps(loaded: "Models") -> "Models":
    import copy

    ranker = copy.copy(loaded.ranker)
    assert ranker is not None
    ranker.steps = None
    return replace(loaded, ranker=ranker)


def _asked(
    named: str, ways: "Sequence[Models]", given: argparse.Namespace
) -> "tuple[list[Question], list[list[Turn]]]":
    from accounts.access import workspace_by_slug
    from learning.questions import read_questions

    slug, _, file = named.partition("=")
    workspace_id = workspace_by_slug(slug).id
    every = read_questions(Path(file), on_broken=print)
    every = [one for one in every if one.judgeable]
    questions = every[:: max(len(every) // given.limit, 1)][: given.limit]
    turns: list[list[Turn]] = [[] for _ in ways]
    with _database_ms() as database_ms:
        for number in tqdm(range(-WARM_UP, len(questions)), desc=slug, disable=None):
            for turn in range(len(ways)):
                way = (turn + number) % len(ways)
                question = questions[max(number, 0)]
                one = _turn(ways[way], question, (workspace_id, given.risk), database_ms)
                if number >= 0:
                    turns[way].append(one)
    return questions, turns


def _turn(
    loaded: "Models",
    question: "Question",
    where: tuple[Any, float],
    database_ms: Callable[[], float],
) -> Turn:
    from chatbot.answering.contract import AnswerRequest
    from chatbot.answering.pipeline import answer_with
    from learning.judging import Outcome
    from learning.matching import span_f1

    request = AnswerRequest(
        workspace_id=where[0], question=question.question, history=question.history, risk=where[1]
    )
    cpu, database = time.process_time(), database_ms()
    decision = answer_with(loaded, request)
    spent = (time.process_time() - cpu) * 1000 + database_ms() - database
    outcome = Outcome(question, decision, spent)
    return Turn(
        cpu_ms=spent,
        read=sum(row.relevance is not None for row in decision.evidence),
        right=question.answerable is not False and outcome.right,
        answered=outcome.answered,
        span_f1=span_f1(outcome.candidate.place, question.spans) if outcome.candidate else 0.0,
    )


@contextmanager
def _database_ms() -> Iterator[Callable[[], float]]:
    """Processor time of the PostgreSQL backend that this process talks to, in steps of 10 ms."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (backend,) = cursor.fetchone() or (0,)
    ticks = os.sysconf("SC_CLK_TCK")

    def spent() -> float:
        fields = Path(f"/proc/{backend}/stat").read_text().rsplit(")", 1)[1].split()
        return 1000 * (int(fields[11]) + int(fields[12])) / ticks

    yield spent


def _report(named: str, questions: "Sequence[Question]", turns: Sequence[Sequence[Turn]]) -> None:
    """A line for each way, with what it has of the first one."""
    draws = _draws([one.group or one.id for one in questions])
    answerable = np.array([one.answerable is not False for one in questions])
    print(f"{named.partition('=')[0]}: {len(questions)} questions, {answerable.sum()} answerable")
    first = turns[0]
    for way, mine in zip(WAYS, turns, strict=True):
        told = [f"{_mean(mine, 'read'):.2f} read"]
        for name, of in (("cpu_ms", None), ("right", answerable), ("span_f1", answerable)):
            told.append(_compared(name, _values(mine, name), _values(first, name), (draws, of)))
        if way == WAYS[-1]:  # the confidence was fitted for this one alone
            rightly = np.array([one.answered and one.right for one in mine])
            wrongly = np.array([one.answered and not one.right for one in mine])
            told.append(f"answered rightly {rightly.mean():.3f}, wrongly {wrongly.mean():.3f}")
        print(f"  {way:15} {'; '.join(told)}", flush=True)


def _values(turns: Sequence[Turn], name: str) -> Values:
    return np.array([float(getattr(one, name)) for one in turns])


def _mean(turns: Sequence[Turn], name: str) -> float:
    return float(_values(turns, name).mean())


def _compared(
    name: str,
    mine: Values,
    first: Values,
    among: tuple[Sequence[NDArray[np.intp]], NDArray[np.bool_] | None],
) -> str:
    """The mean, and what it is of the first way's."""
    draws, only = among
    kept = np.ones(len(mine)) if only is None else only.astype(np.float64)
    share = (mine * kept).sum() / max((first * kept).sum(), 1e-9)
    drawn = [(mine * kept)[at].sum() / max((first * kept)[at].sum(), 1e-9) for at in draws]
    low, high = np.percentile(drawn, [2.5, 97.5])
    mean = (mine * kept).sum() / max(kept.sum(), 1.0)
    return f"{name} {mean:.3f} ({share:.3f} times [{low:.3f}, {high:.3f}])"


def _draws(groups: Sequence[str]) -> list[NDArray[np.intp]]:
    """Indices of questions for each resample: whole groups are drawn."""
    _, owner = np.unique(np.array(groups), return_inverse=True)
    members = [np.flatnonzero(owner == group) for group in range(int(owner.max()) + 1)]
    dice = np.random.default_rng(7)
    return [
        np.concatenate([members[at] for at in dice.integers(len(members), size=len(members))])
        for _ in range(RESAMPLES)
    ]


if __name__ == "__main__":
    main()
