"""Candidates → which are read, and in which order they may answer.

With the rankers: `before` orders the candidates and the first ones are read, one at a time where
the rankers' `steps` say when that is enough; `after` orders what was read. Without them (none
there, or trained for other models): fusion, and fitted weights.
A section that the visitor chose is read first, and answers if there are words in it; those that
were offered and not chosen are left out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from chatbot.answering.candidate_features import Features, after_reading, before_reading
from chatbot.answering.choose import READ, Read, best_first
from chatbot.answering.contract import AnswerRequest, Section
from chatbot.answering.enough import known
from inference.models import Models
from inference.reader import ReaderPassage, question_with_history
from inference.steps import Steps
from knowledge.retrieval import Candidate


@dataclass(frozen=True)
class Ranked:
    """candidates: in their order before reading. read: best first, at least one.

    features: rows for what was read, best first, then for the other candidates in order.
    unread: how many more would have been read if those had not been enough.
    """

    candidates: tuple[Candidate, ...]
    read: tuple[Read, ...]
    features: tuple[Mapping[str, float], ...]
    unread: int = 0


def read_and_order(
    loaded: Models, request: AnswerRequest, candidates: Sequence[Candidate]
) -> Ranked:
    """candidates: in the order of fusion, at least one. Cost: a reader run for each one read."""
    candidates, rows = _in_order(loaded, request, candidates)
    most = min(request.read or (loaded.ranker.read if loaded.ranker else READ), len(candidates))
    steps = _steps(loaded, request)
    read: list[Read] = []
    while True:
        count = most if steps is None else len(read) + 1
        read += _read(loaded, request, candidates[len(read) : count], first=len(read))
        after, best = _best_first(loaded, request, rows[:count], read)
        features = (*(after[at] for at in best), *rows[count:])
        if count == most or (steps and steps.is_enough(count, known(features))):
            break
    return Ranked(
        candidates=tuple(candidates),
        read=tuple(read[at] for at in best),
        features=features,
        unread=most - count,
    )


def read_the_rest(loaded: Models, request: AnswerRequest, ranked: Ranked) -> tuple[Read, ...]:
    """What was read, then what would have been read if that had not been enough, in order."""
    done = len(ranked.read)
    more = ranked.candidates[done : done + ranked.unread]
    return (*ranked.read, *(_read(loaded, request, more, first=done) if more else ()))


def _in_order(
    loaded: Models, request: AnswerRequest, candidates: Sequence[Candidate]
) -> tuple[list[Candidate], list[Features]]:
    """Candidates and their rows in the order in which they are read."""
    candidates = [one for one in candidates if _section(one) not in request.rejected] or candidates
    rows = before_reading(request.question, request.history, candidates)
    order = list(range(len(candidates)))
    if loaded.ranker is not None:
        scores = loaded.ranker.before.score(rows)
        order = [int(at) for at in np.argsort(-scores, kind="stable")]
        rows = [{**row, "before": float(score)} for row, score in zip(rows, scores, strict=True)]
    order.sort(key=lambda at: not _is_chosen(request, candidates[at]))  # stable
    return [candidates[at] for at in order], [rows[at] for at in order]


def _steps(loaded: Models, request: AnswerRequest) -> Steps | None:
    """None where all are read at once: a number was asked for, or a section was chosen."""
    if loaded.ranker is None or request.read or request.chosen is not None:
        return None
    return loaded.ranker.steps


def _best_first(
    loaded: Models, request: AnswerRequest, rows: Sequence[Features], read: Sequence[Read]
) -> tuple[list[Features], list[int]]:
    """Rows of what was read, and their places, best first."""
    after = after_reading(rows, read)
    if loaded.ranker is None:
        best = [one.rank for one in best_first(read)]
    else:
        scores = loaded.ranker.after.score(after)
        after = [{**row, "after": float(score)} for row, score in zip(after, scores, strict=True)]
        best = [int(at) for at in np.argsort(-scores, kind="stable")]
    best.sort(key=lambda at: not (read[at].has_words and _is_chosen(request, read[at].candidate)))
    return after, best


def _is_chosen(request: AnswerRequest, one: Candidate) -> bool:
    return request.chosen == _section(one)


def _section(one: Candidate) -> Section:
    return Section(str(one.article_id), one.heading_path)


def _read(
    loaded: Models, request: AnswerRequest, chosen: Sequence[Candidate], *, first: int
) -> list[Read]:
    """first: the place of the first of them among all candidates."""
    readings = loaded.reader.read(
        question_with_history(request.question, request.history),
        [ReaderPassage(one.title, one.heading_path, one.text) for one in chosen],
    )
    pairs = enumerate(zip(chosen, readings, strict=True), start=first)
    return [Read(one, reading, rank) for rank, (one, reading) in pairs]
