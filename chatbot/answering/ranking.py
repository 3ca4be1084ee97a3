"""Candidates → which are read, and in which order they may answer.

With the rankers: `before` orders the candidates and the first ones are read, `after` orders what
was read. Without them (none there, or trained for other models): fusion, and fitted weights.
A section that the visitor chose is read first, and answers if there are words in it; those that
were offered and not chosen are left out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from chatbot.answering.candidate_features import after_reading, before_reading
from chatbot.answering.choose import READ, Read, best_first
from chatbot.answering.contract import AnswerRequest, Section
from inference.models import Models
from inference.reader import ReaderPassage, question_with_history
from knowledge.retrieval import Candidate


@dataclass(frozen=True)
class Ranked:
    """candidates: in their order before reading. read: best first, at least one.

    features: rows for what was read, best first, then for the other candidates in order.
    """

    candidates: tuple[Candidate, ...]
    read: tuple[Read, ...]
    features: tuple[Mapping[str, float], ...]


def read_and_order(
    loaded: Models, request: AnswerRequest, candidates: Sequence[Candidate]
) -> Ranked:
    """candidates: in the order of fusion, at least one. Cost: a reader run for each one read."""
    candidates = [one for one in candidates if _section(one) not in request.rejected] or candidates
    rows = before_reading(request.question, request.history, candidates)
    order = list(range(len(candidates)))
    if loaded.ranker is not None:
        scores = loaded.ranker.before.score(rows)
        order = [int(at) for at in np.argsort(-scores, kind="stable")]
        rows = [{**row, "before": float(score)} for row, score in zip(rows, scores, strict=True)]
    order.sort(key=lambda at: not _is_chosen(request, candidates[at]))  # stable
    candidates, rows = [candidates[at] for at in order], [rows[at] for at in order]
    count = request.read or (loaded.ranker.read if loaded.ranker else READ)
    read = _read(loaded, request, candidates[:count])
    after = after_reading(rows[:count], read)
    if loaded.ranker is None:
        best = [one.rank for one in best_first(read)]
    else:
        scores = loaded.ranker.after.score(after)
        after = [{**row, "after": float(score)} for row, score in zip(after, scores, strict=True)]
        best = [int(at) for at in np.argsort(-scores, kind="stable")]
    best.sort(key=lambda at: not (read[at].has_words and _is_chosen(request, read[at].candidate)))
    return Ranked(
        candidates=tuple(candidates),
        read=tuple(read[at] for at in best),
        features=(*(after[at] for at in best), *rows[count:]),
    )


def _is_chosen(request: AnswerRequest, one: Candidate) -> bool:
    return request.chosen == _section(one)


def _section(one: Candidate) -> Section:
    return Section(str(one.article_id), one.heading_path)


def _read(loaded: Models, request: AnswerRequest, chosen: Sequence[Candidate]) -> list[Read]:
    readings = loaded.reader.read(
        question_with_history(request.question, request.history),
        [ReaderPassage(one.title, one.heading_path, one.text) for one in chosen],
    )
    pairs = enumerate(zip(chosen, readings, strict=True))
    return [Read(one, reading, rank) for rank, (one, reading) in pairs]
