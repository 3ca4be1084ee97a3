"""Reading in steps: what is known after some passages were read, for the rule that may stop there.

A change here needs a new rule (tuning/fit_steps.py): names are its key.
"""

from collections.abc import Mapping, Sequence

from chatbot.answering.features import NOTHING


def known(ranked: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Nothing without rankers. ranked: the rows of chatbot.answering.ranking, best first."""
    if not ranked or "after" not in ranked[0]:
        return {}
    first, others = ranked[0], [row for row in ranked[1:] if "after" in row]
    unread = [row["before"] for row in ranked if "after" not in row]
    return {
        "after": first["after"],
        "after_gap": first["after"] - max((one["after"] for one in others), default=NOTHING),
        "before": first["before"],
        "before_unread": first["before"] - max(unread, default=NOTHING),
        "before_read": first["before"] - max((one["before"] for one in others), default=NOTHING),
        "margin": first["margin"],
        "relevance": first["relevance"],
        "no_answer_score": first["no_answer_score"],
        "span_length": first["span_length"],
        "other_margin": max((one["margin"] for one in others), default=NOTHING),
        "other_relevance": max((one["relevance"] for one in others), default=0.0),
        "asked_in_text": first["asked_in_text"],
        "history_messages": first["history_messages"],
        "question_words": first["question_words"],
    }
