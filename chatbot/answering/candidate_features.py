"""What the rankers look at. A change here needs new rankers: names are their key.

`before_reading` describes candidates as retrieval found them, `after_reading` adds what the reader
says. Scores are set against the best of the same question, since their scale differs by question.
"""

import math
import re
from collections.abc import Sequence

from chatbot.answering.choose import Read
from knowledge.retrieval import Candidate

VIEWS = 3
FAR = 20.0  # passages of 500 characters between two places, or another article
_WORD = re.compile(r"\w{3,}")

Features = dict[str, float]


def before_reading(
    question: str, history: Sequence[tuple[str, str]], candidates: Sequence[Candidate]
) -> list[Features]:
    """One row for each candidate, in order. Cost: a pass over the candidates' words."""
    asked, said = _words(question), _words(_last_reply(history))
    earlier = _words(" ".join(text for _, text in history))
    held = [_words(one.text) for one in candidates]
    cited = _cited(candidates, held, said)
    total = sum(one.fused for one in candidates) or 1.0
    best_fused = max((one.fused for one in candidates), default=0.0) or 1.0
    rows = []
    for rank, (one, words) in enumerate(zip(candidates, held, strict=True)):
        headed = _words(" ".join([one.title, *one.heading_path]))
        same = [other for other in candidates if other.article_id == one.article_id]
        rows.append(
            {
                "rank": float(rank),
                "fused": one.fused / best_fused,
                "article_share": sum(other.fused for other in same) / total,
                "article_count": float(len(same)),
                "first_of_article": float(same[0].passage_id == one.passage_id),
                "position": math.log1p(one.start),
                "words": math.log1p(len(one.text.split())),
                "asked_in_text": _share(asked, words),
                "asked_in_heading": _share(asked, headed),
                "heading_in_asked": _share(headed, asked | earlier),
                "earlier_in_text": _share(earlier, words),
                "said_in_text": _share(said, words),
                "text_in_said": _share(words, said),
                "from_cited": _distance(one, cited),
                "question_words": float(min(len(question.split()), 40)),
                "history_messages": float(min(len(history), 8)),
            }
        )
    for view in range(VIEWS):
        _add_view(rows, candidates, view)
    return rows


def after_reading(before: Sequence[Features], read: Sequence[Read]) -> list[Features]:
    """The rows of the passages that were read, with what the reader says of them."""
    relevance = [one.reading.relevance for one in read]
    margins = [one.margin for one in read]
    rows = []
    for number, (row, one) in enumerate(zip(before, read, strict=True)):
        reading = one.reading
        length = (reading.end or 0) - (reading.start or 0)
        rows.append(
            {
                **row,
                "relevance": reading.relevance,
                "relevance_gap": reading.relevance - _best_other(relevance, number),
                "margin": one.margin,
                "margin_gap": one.margin - _best_other(margins, number),
                "span_score": reading.span_score,
                "no_answer_score": reading.no_answer_score,
                "span_length": math.log1p(max(0, length)),
            }
        )
    return rows


def _add_view(rows: Sequence[Features], candidates: Sequence[Candidate], view: int) -> None:
    """Scores of one view; a dialogue with fewer views has its last one again."""
    dense = [_of_view(one.dense, view) for one in candidates]
    lexical = [_of_view(one.lexical, view) for one in candidates]
    best_dense = max((score for score in dense if score is not None), default=0.0)
    best_lexical = max((score for score in lexical if score is not None), default=0.0)
    for row, near, word in zip(rows, dense, lexical, strict=True):
        row[f"dense_{view}"] = -1.0 if near is None else near
        row[f"dense_gap_{view}"] = -1.0 if near is None else near - best_dense
        row[f"lexical_{view}"] = -1.0 if word is None or not best_lexical else word / best_lexical


def _of_view(scores: Sequence[float | None], view: int) -> float | None:
    return scores[min(view, len(scores) - 1)] if scores else None


def _best_other(values: Sequence[float], number: int) -> float:
    others = [value for at, value in enumerate(values) if at != number]
    return max(others, default=0.0)


def _words(text: str) -> frozenset[str]:
    return frozenset(word.lower() for word in _WORD.findall(text))


def _share(part: frozenset[str], whole: frozenset[str]) -> float:
    return len(part & whole) / len(part) if part else 0.0


def _last_reply(history: Sequence[tuple[str, str]]) -> str:
    return next((text for role, text in reversed(history) if role != "visitor"), "")


def _cited(
    candidates: Sequence[Candidate], held: Sequence[frozenset[str]], said: frozenset[str]
) -> Candidate | None:
    """The candidate that the last reply most likely came from."""
    if not said or not candidates:
        return None
    shares = [_share(said, words) for words in held]
    best = max(range(len(shares)), key=shares.__getitem__)
    return candidates[best] if shares[best] >= 0.5 else None


def _distance(one: Candidate, cited: Candidate | None) -> float:
    """Signed, in passages of 500 characters after the cited one; FAR in another article."""
    if cited is None or cited.article_id != one.article_id:
        return FAR
    return max(-FAR, min(FAR, (one.start - cited.start) / 500))
