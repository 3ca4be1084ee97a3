"""What the calibration looks at. A change here needs a new calibration: names are its key."""

import re
from collections.abc import Mapping, Sequence

from chatbot.answering.choose import Read
from knowledge.retrieval import Candidate

_WORD = re.compile(r"\w{3,}")
NOTHING = -10.0  # margin where nothing else was read


def features(
    question: str,
    history: Sequence[tuple[str, str]],
    candidates: Sequence[Candidate],
    ordered: Sequence[Read],
) -> dict[str, float]:
    """ordered: best first, at least one; its first is what would be answered from."""
    chosen, others = ordered[0], ordered[1:]
    best_fused = max(one.fused for one in candidates)
    lexical_best = max((_best(one.lexical) for one in candidates), default=0.0)
    return {
        "relevance": chosen.reading.relevance,
        "margin": chosen.margin,
        "no_answer_score": chosen.reading.no_answer_score,
        "other_relevance": max((one.reading.relevance for one in others), default=0.0),
        "other_margin": max((one.margin for one in others), default=NOTHING),
        "fused_share": chosen.candidate.fused / best_fused,
        "fused_gap": _gap(candidates, chosen.candidate),
        "dense": _best(chosen.candidate.dense),
        "lexical": _best(chosen.candidate.lexical),
        "lexical_share": _best(chosen.candidate.lexical) / lexical_best if lexical_best else 0.0,
        "lists": _lists(chosen.candidate),
        "same_article": _same_article(chosen.candidate, candidates),
        "overlap": overlap(question, chosen.candidate),
        "question_words": float(min(len(question.split()), 40)),
        "history_messages": float(min(len(history), 8)),
        "answer_words": float(_answer_words(chosen)),
    }


def ranking_features(ranked: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """What the rankers make of what would be answered from; nothing without rankers.

    ranked: the rows of chatbot.answering.ranking, best first.
    """
    if not ranked or "after" not in ranked[0]:
        return {}
    others = [row["after"] for row in ranked[1:] if "after" in row]
    before = [row["before"] for row in ranked[1:]]
    return {
        "after": ranked[0]["after"],
        "after_gap": ranked[0]["after"] - max(others, default=NOTHING),
        "before": ranked[0]["before"],
        "before_gap": ranked[0]["before"] - max(before, default=NOTHING),
        "said_in_text": ranked[0]["said_in_text"],
        "asked_in_heading": ranked[0]["asked_in_heading"],
        "article_share": ranked[0]["article_share"],
    }


def _best(scores: Sequence[float | None]) -> float:
    return max((score for score in scores if score is not None), default=0.0)


def _gap(candidates: Sequence[Candidate], chosen: Candidate) -> float:
    """How far the chosen one stands before the best of the others, as a share of the best."""
    others = [one.fused for one in candidates if one.passage_id != chosen.passage_id]
    return (chosen.fused - max(others, default=0.0)) / max(one.fused for one in candidates)


def _lists(chosen: Candidate) -> float:
    """The share of the lists that it is in."""
    places = [*chosen.dense, *chosen.lexical]
    return sum(score is not None for score in places) / len(places)


def _same_article(chosen: Candidate, candidates: Sequence[Candidate]) -> float:
    """The share of the ten best that are of its article."""
    best = candidates[:10]
    return sum(one.article_id == chosen.article_id for one in best) / len(best)


def overlap(question: str, candidate: Candidate) -> float:
    """The share of the question's words that the passage, its title or headings have."""
    asked = {word.lower() for word in _WORD.findall(question)}
    there = " ".join([candidate.title, *candidate.heading_path, candidate.text])
    held = {word.lower() for word in _WORD.findall(there)}
    return len(asked & held) / len(asked) if asked else 0.0


def _answer_words(chosen: Read) -> int:
    if not chosen.has_words:
        return 0
    reading = chosen.reading
    return min(len(chosen.candidate.text[reading.start : reading.end].split()), 60)
