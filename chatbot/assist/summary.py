"""A dialogue in three of its own sentences: what was asked, what was tried, what is left open.

Extractive: no word is made up, so a summary is never more wrong than what somebody wrote. The
embedder chooses: the sentence that says most of what the visitor wrote, the reply nearest to it,
and the most telling sentence since the last reply.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from chatbot.escalation.sentences import sentences_of
from knowledge.plain_text import plain_text

MOST_SENTENCES = 60  # of the newest ones; a sentence costs an embedder run of a few milliseconds
LONGEST = 240  # characters that are shown
FEWEST_WORDS = 3
QUESTION_BONUS = 0.15  # a question says more of what is wanted than what was told around it


class Encodes(Protocol):
    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]: ...


@dataclass(frozen=True)
class Line:
    """One message. by_visitor: else it is a reply, of whoever gave it."""

    by_visitor: bool
    text: str


@dataclass(frozen=True)
class Summary:
    """Each is a sentence of the dialogue; empty where there is none."""

    asked: str = ""
    tried: str = ""
    left_open: str = ""


@dataclass(frozen=True)
class _Sentence:
    by_visitor: bool
    text: str
    message: int  # its place in the dialogue


def summarise(embedder: Encodes, dialogue: Sequence[Line]) -> Summary:
    """dialogue: oldest first. Cost: one embedder run for each of at most 60 sentences."""
    sentences = _sentences(dialogue)
    if not any(one.by_visitor for one in sentences):
        return Summary()
    vectors = embedder.encode([one.text for one in sentences])
    said = [at for at, one in enumerate(sentences) if one.by_visitor]
    replies = [at for at, one in enumerate(sentences) if not one.by_visitor]
    asked = _most_telling(sentences, vectors, said, newest=False)
    tried = max(replies, key=lambda at: float(vectors[at] @ vectors[asked]), default=None)
    since = [at for at in said if not replies or sentences[at].message > _last_reply(dialogue)]
    left = _most_telling(sentences, vectors, since, newest=True) if since else None
    return Summary(
        asked=_short(sentences[asked].text),
        tried="" if tried is None else _short(sentences[tried].text),
        left_open="" if left is None else _short(sentences[left].text),
    )


def _sentences(dialogue: Sequence[Line]) -> list[_Sentence]:
    """Those that say something; where a visitor wrote nothing but fragments, these."""
    every = [
        _Sentence(line.by_visitor, text, at)
        for at, line in enumerate(dialogue)
        for text in sentences_of(line.text if line.by_visitor else plain_text(line.text))
    ]
    telling = [one for one in every if len(one.text.split()) >= FEWEST_WORDS]
    if not any(one.by_visitor for one in telling):
        telling = every
    return telling[-MOST_SENTENCES:]


def _last_reply(dialogue: Sequence[Line]) -> int:
    return max((at for at, line in enumerate(dialogue) if not line.by_visitor), default=-1)


def _most_telling(
    sentences: Sequence[_Sentence],
    vectors: NDArray[np.float32],
    among: Sequence[int],
    *,
    newest: bool,
) -> int:
    """The one nearest to all of them; of equals the newest, or the oldest."""
    mean = vectors[list(among)].mean(axis=0)

    def weight(at: int) -> tuple[float, int]:
        bonus = QUESTION_BONUS if sentences[at].text.rstrip().endswith(("?", "？")) else 0.0
        return round(float(vectors[at] @ mean) + bonus, 3), at if newest else -at

    return max(among, key=weight)


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= LONGEST else text[: LONGEST - 1].rstrip() + "…"
