"""Questions in our own words about articles of others, with the place of the answer.

A row: id, doc_id, question, history, and `answer`, the start, end and CRC-32 of the article's
words, which are not copied here; without `answer` the article does not answer, although it looks as
if it did. What a bot said in the article's words is given the same way. `also` are other places
that answer, each with its article: doc_id, start, end and CRC-32.
"""

import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tuning.reading_examples import rows


class TextHasChanged(ValueError):
    """The article is another version than the question was written for."""


@dataclass(frozen=True)
class PlacedQuestion:
    """start, end: code points of the answer in the article's text; None where there is none."""

    id: str
    doc_id: str
    question: str
    history: tuple[tuple[str, str], ...]
    start: int | None
    end: int | None
    also: tuple[tuple[str, int, int], ...] = ()


def read(path: Path, texts: Mapping[str, str]) -> Iterator[PlacedQuestion]:
    """texts: of each article, by doc_id. Raises TextHasChanged."""
    for row in rows(path):
        text = texts[row["doc_id"]]
        start, end = row["answer"][:2] if "answer" in row else (None, None)
        if start is not None:
            words_at(text, row["answer"])
        yield PlacedQuestion(
            id=row["id"],
            doc_id=row["doc_id"],
            question=row["question"],
            history=tuple(
                (role, said if isinstance(said, str) else words_at(text, said))
                for role, said in row.get("history", [])
            ),
            start=start,
            end=end,
            also=tuple(_place(texts, *place) for place in row.get("also", [])),
        )


def _place(
    texts: Mapping[str, str], doc_id: str, start: int, end: int, digest: int
) -> tuple[str, int, int]:
    words_at(texts[doc_id], (start, end, digest))
    return doc_id, start, end


def words_at(text: str, place: Sequence[int]) -> str:
    """place: start, end, and the CRC-32 of what stands there in UTF-8. Raises TextHasChanged."""
    start, end, digest = place
    words = text[start:end]
    if zlib.crc32(words.encode()) != digest:
        raise TextHasChanged(f"characters {start} to {end} are not what they were: {words[:60]!r}")
    return words
