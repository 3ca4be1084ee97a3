"""Question and passage → how relevant, and which words answer: one cross-encoder pass for both.

A passage that does not answer points at the first token (Devlin et al. 2018, 1810.04805).
One passage a run, so that no reading depends on its neighbours (docs/decisions/0007).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from inference.errors import InputTooLong
from inference.manifest import Manifest, load_manifest
from inference.session import open_session
from inference.wordpiece import WordPiece

MAX_PASSAGES = 64
HISTORY_TURNS = 4


@dataclass(frozen=True)
class ReaderPassage:
    title: str
    heading_path: tuple[str, ...]
    text: str


@dataclass(frozen=True)
class Reading:
    """`start`, `end`: code points of the passage's text, None where nothing of it was read.

    `span_score`, `no_answer_score`: sums of two logits; their difference is the margin.
    """

    relevance: float
    start: int | None
    end: int | None
    span_score: float
    no_answer_score: float


@dataclass(frozen=True)
class _Row:
    ids: list[int]
    types: list[int]
    first: int  # position of the passage's first token
    offsets: list[tuple[int, int]]


def question_with_history(question: str, history: Sequence[tuple[str, str]]) -> str:
    """The question, then the dialogue's last four messages, newest first."""
    earlier = [text.strip() for _, text in list(history)[::-1][:HISTORY_TURNS]]
    return " | ".join([question.strip(), *earlier])


class Reader:
    def __init__(self, folder: Path, *, threads: int = 1, file: str | None = None) -> None:
        self.manifest: Manifest = load_manifest(folder, kind="reader")
        self.fingerprint = self.manifest.fingerprint
        settings = self.manifest.settings
        self.max_tokens = int(settings["max_tokens"])
        self.max_question_tokens = int(settings["max_question_tokens"])
        self.max_title_tokens = int(settings["max_title_tokens"])
        self.max_answer_tokens = int(settings["max_answer_tokens"])
        self._words = WordPiece(self.manifest.path("tokenizer.json"))
        path = self.manifest.path(file or str(settings["model"]))
        self.session = open_session(path, settings, threads=threads)

    def read(self, question: str, passages: Sequence[ReaderPassage]) -> list[Reading]:
        """One reading for each passage, in order. Raises InputTooLong over 64 passages."""
        if len(passages) > MAX_PASSAGES:
            raise InputTooLong(f"{len(passages)} passages in one call; at most {MAX_PASSAGES}")
        asked = self._words.encode(question).ids[: self.max_question_tokens]
        return [self._run(self._row(asked, passage)) for passage in passages]

    def _row(self, asked: list[int], passage: ReaderPassage) -> _Row:
        """[CLS] question [SEP] title > headings : passage [SEP]"""
        path = " > ".join(dict.fromkeys([passage.title, *passage.heading_path]))
        title = self._words.encode(path).ids[: self.max_title_tokens]
        head = [self._words.cls, *asked, self._words.sep]
        second = [*title, self._words.divider]
        room = self.max_tokens - len(head) - len(second) - 1
        encoding = self._words.encode(passage.text)
        ids = [*head, *second, *encoding.ids[:room], self._words.sep]
        return _Row(
            ids=ids,
            types=[0] * len(head) + [1] * (len(ids) - len(head)),
            first=len(head) + len(second),
            offsets=list(encoding.offsets[:room]),
        )

    def _run(self, row: _Row) -> Reading:
        ids = np.array([row.ids], np.int64)
        starts, ends, relevance = self.session.run(
            {
                "input_ids": ids,
                "attention_mask": np.ones_like(ids),
                "token_type_ids": np.array([row.types], np.int64),
            }
        )
        return self._reading(row, starts[0], ends[0], float(relevance[0]))

    def _reading(
        self, row: _Row, starts: NDArray[np.float32], ends: NDArray[np.float32], logit: float
    ) -> Reading:
        no_answer = float(starts[0] + ends[0])
        relevance = float(1.0 / (1.0 + np.exp(-np.clip(logit, -30.0, 30.0))))
        if not row.offsets:
            return Reading(relevance, None, None, no_answer - 20.0, no_answer)
        inside = slice(row.first, row.first + len(row.offsets))
        first, last, score = best_span(starts[inside], ends[inside], self.max_answer_tokens)
        return Reading(relevance, row.offsets[first][0], row.offsets[last][1], score, no_answer)


def best_span(
    starts: NDArray[np.float32], ends: NDArray[np.float32], max_tokens: int
) -> tuple[int, int, float]:
    """first, last (inclusive) with the greatest starts[first] + ends[last].

    last - first < max_tokens. Shapes: (T,), (T,), T ≥ 1. Cost: T × T additions.
    """
    total = starts[:, None] + ends[None, :]
    allowed = np.triu(np.ones_like(total, dtype=bool)) & ~np.triu(
        np.ones_like(total, dtype=bool), k=max_tokens
    )
    flat = int(np.argmax(np.where(allowed, total, -np.inf)))
    first, last = divmod(flat, total.shape[1])
    return first, last, float(total[first, last])
