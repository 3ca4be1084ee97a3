"""When two passages answer different readings of a question: which headings to ask about.

Asked only where the doubt is between them and not about them: each answers by the reader's word,
they say different things, they are near one another, and the question does not name one of them.
The constants were chosen with benchmarks/clarify_quality.py; see docs/decisions/0012.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from chatbot.answering.contract import Evidence, Option, Section

REASON = "two_readings"
MOST_OPTIONS = 3
LONGEST_LABEL = 100
SAME = 0.5  # of the shorter answer's words in the other one: the same answer
_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Rule:
    """relevant, margin: what each passage needs on its own. near: how far below the best's
    relevance it may be."""

    relevant: float = 0.7
    margin: float = -3.0  # logits by which words are likelier than no answer
    near: float = 0.25


RULE = Rule()


def readings(
    question: str,
    history: Sequence[tuple[str, str]],
    evidence: Sequence[Evidence],
    *,
    rule: Rule = RULE,
) -> tuple[Option, ...]:
    """Two or three options, best first, or none. evidence: best first, as decided on.

    More than three that answer are no choice between readings but a vague question.
    """
    found = _answering(evidence, rule)
    if not 2 <= len(found) <= MOST_OPTIONS:
        return ()
    labels = _labels(found)
    said = _words(" ".join([question, *(text for role, text in history if role == "visitor")]))
    if len({label.casefold() for label in labels}) < len(labels) or _named(labels, said):
        return ()
    return tuple(
        Option(label, row.passage_id, Section(row.article_id, row.heading_path))
        for label, row in zip(labels, found, strict=True)
    )


def _answering(evidence: Sequence[Evidence], rule: Rule) -> list[Evidence]:
    """The best passage of each section that answers, without those that say what a better one does.

    None if the first of the evidence, which would be answered, is not among them.
    """
    best = evidence[0].relevance if evidence else None
    if best is None:
        return []
    found: list[Evidence] = []
    for row in evidence:
        if not answers(row, rule) or abs(best - (row.relevance or 0.0)) > rule.near:
            if not found:
                return []
            continue
        sections = {(one.article_id, one.heading_path) for one in found}
        if (row.article_id, row.heading_path) in sections:
            continue
        if not any(_says_the_same(row, one) for one in found):
            found.append(row)
    return found


def answers(row: Evidence, rule: Rule = RULE) -> bool:
    """By the reader's word, whatever else was read."""
    if row.relevance is None or row.margin is None or not words_of(row):
        return False
    return row.relevance >= rule.relevant and row.margin >= rule.margin


def words_of(row: Evidence) -> str:
    """The answer that was read in the passage; empty where none was.

    The first row's place is that of the text shown, which may begin before its passage.
    """
    if row.answer_start is None or row.answer_end is None:
        return ""
    return row.text[max(0, row.answer_start - row.start) : max(0, row.answer_end - row.start)]


def _says_the_same(row: Evidence, other: Evidence) -> bool:
    """By the words of the answers; by those of the passages where an answer is only a heading."""
    if row.article_id == other.article_id and _overlap(row, other):
        return True
    headed = _words(" ".join([row.title, *row.heading_path, other.title, *other.heading_path]))
    for texts in ((words_of(row), words_of(other)), (row.text, other.text)):
        one, two = (_words(text) - headed for text in texts)
        if shorter := min(len(one), len(two)):
            return len(one & two) >= SAME * shorter
    return True


def _overlap(row: Evidence, other: Evidence) -> bool:
    assert row.answer_start is not None and row.answer_end is not None
    assert other.answer_start is not None and other.answer_end is not None
    return row.answer_start < other.answer_end and other.answer_start < row.answer_end


def _labels(found: Sequence[Evidence]) -> list[str]:
    """Headings; with the article's title unless all are of one article."""
    titled = len({row.article_id for row in found}) > 1
    return [_label(row, titled=titled) for row in found]


def _label(row: Evidence, *, titled: bool) -> str:
    parts = list(dict.fromkeys([row.title, *row.heading_path]))
    kept = [parts[0], *parts[1:][-1:]] if titled else parts[1:] or parts
    plain = "".join(one if one.isprintable() else " " for one in " › ".join(kept))
    line = " ".join(plain.split())
    return line if len(line) <= LONGEST_LABEL else line[: LONGEST_LABEL - 1].rstrip() + "…"


def _named(labels: Sequence[str], said: frozenset[str]) -> bool:
    """The visitor used more of the words that tell one option apart than of the others'."""
    words = [_words(label) for label in labels]
    common = frozenset.intersection(*words)
    told = [len((mine - common) & said) for mine in words]
    return max(told) != min(told)


def _words(text: str) -> frozenset[str]:
    return frozenset(word.casefold() for word in _WORD.findall(text))
