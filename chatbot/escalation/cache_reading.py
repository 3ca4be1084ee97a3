"""What the reader says of a kept answer: do its passages answer the new question as well?"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from inference.reader import Reader

Rows = Sequence[Mapping[str, Any]]


def gain(reader: "Reader", first: str, question: str, rows: Rows) -> float:
    """How much better, in logits, the best of these passages answers the question than the first.

    Large models are asked what the reader is not sure of, so its margin for the first question is
    low as a rule: against an absolute bound most of these answers would never be given again.
    Cost: two runs a passage.
    """
    return _margin(reader, question, rows) - _margin(reader, first, rows)


def _margin(reader: "Reader", question: str, rows: Rows) -> float:
    from inference.reader import ReaderPassage

    passages = [ReaderPassage(r["title"], tuple(r["heading_path"]), r["text"]) for r in rows]
    return max(one.span_score - one.no_answer_score for one in reader.read(question, passages))
