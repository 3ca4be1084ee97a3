"""Labelled questions from a file of JSON lines: each row is checked before any is asked.

A row: `id`, `question`, and optionally `history` ([[role, text], …], oldest first, roles visitor
and bot, without the question), `doc_id`, `spans` ([[doc_id, start, end], …], code points of the
article's imported text), `answers` ([text, …]), `answerable`, `audience` (who asks: public,
signed_in or internal; public if not given), `group` (questions of one group stand or fall
together; it makes intervals honest). Other keys are ignored.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chatbot.errors import Invalid
from chatbot.texts import checked_text
from knowledge.models import Audience
from learning.matching import Span

ROLES = ("visitor", "bot")
MAX_HISTORY = 200

Row = Mapping[str, Any]


class BrokenRow(Exception):
    """The row cannot be asked; the message says why."""


@dataclass(frozen=True)
class Question:
    """`answerable`: False if the knowledge base holds no answer, None if nobody said."""

    id: str
    question: str
    history: tuple[tuple[str, str], ...] = ()
    doc_id: str | None = None
    spans: tuple[Span, ...] = ()
    answers: tuple[str, ...] = ()
    answerable: bool | None = None
    group: str | None = None
    audience: str = "public"

    @property
    def judgeable(self) -> bool:
        """It is known what a right answer is, or that there is none."""
        return self.answerable is False or bool(self.spans or self.answers)

    @property
    def locatable(self) -> bool:
        """It is known where the answer stands, at least in which article."""
        return self.answerable is not False and (bool(self.spans) or self.doc_id is not None)


def read_questions(
    path: Path, *, on_broken: Callable[[int, str], None], limit: int | None = None
) -> list[Question]:
    """The good rows of at most the first `limit`; the others go to on_broken(line number, why).

    Raises OSError if the file cannot be read.
    """
    return _good_ones(_lines(path, limit), on_broken)


def questions_in(data: bytes, *, on_broken: Callable[[int, str], None]) -> list[Question]:
    """The same of a file's bytes."""
    lines = ((at, line) for at, line in enumerate(data.split(b"\n"), start=1) if line.strip())
    return _good_ones(lines, on_broken)


def _good_ones(
    lines: Iterable[tuple[int, bytes]], on_broken: Callable[[int, str], None]
) -> list[Question]:
    found: dict[str, Question] = {}
    for number, line in lines:
        try:
            question = parsed(line)
            if question.id in found:
                raise BrokenRow(f"id {question.id!r} is there twice; the first one counts")
        except BrokenRow as error:
            on_broken(number, str(error))
            continue
        found[question.id] = question
    return list(found.values())


def _lines(path: Path, limit: int | None) -> Iterator[tuple[int, bytes]]:
    """Lines that are not blank, with their numbers; split on newlines only."""
    rows = 0
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            if not line.strip():
                continue
            if limit is not None and rows >= limit:
                return
            rows += 1
            yield number, line


def loaded(text: bytes) -> object:
    """JSON whose texts can be stored and shown: half a surrogate pair raises ValueError too."""
    value: object = json.loads(text.decode("utf-8"))
    json.dumps(value, ensure_ascii=False).encode("utf-8")
    return value


def parsed(line: bytes) -> Question:
    """Raises BrokenRow."""
    try:
        row = loaded(line)
    except UnicodeDecodeError as error:
        raise BrokenRow("is not UTF-8") from error
    except UnicodeEncodeError as error:
        raise BrokenRow("holds half of a surrogate pair") from error
    except (ValueError, RecursionError) as error:
        raise BrokenRow("is not JSON") from error
    if not isinstance(row, dict):
        raise BrokenRow("is not a JSON object")
    answerable = row.get("answerable")
    if answerable is not None and not isinstance(answerable, bool):
        raise BrokenRow("answerable is neither true nor false")
    return Question(
        id=_id(row),
        question=_question(row),
        history=history(row.get("history")),
        doc_id=_text(row, "doc_id"),
        spans=_spans(row),
        answers=_answers(row),
        answerable=answerable,
        group=_text(row, "group"),
        audience=_audience(row),
    )


def history(value: object) -> tuple[tuple[str, str], ...]:
    """[[role, text], …] as pairs, checked; none for None. Raises BrokenRow."""
    if value is None:
        return ()
    if not isinstance(value, list) or len(value) > MAX_HISTORY:
        raise BrokenRow(f"history is not a list of at most {MAX_HISTORY} [role, text] pairs")
    return tuple(_message(number, item) for number, item in enumerate(value, start=1))


def _message(number: int, item: object) -> tuple[str, str]:
    match item:
        case [str(role), str(text)] if role in ROLES:
            return role, text
        case [str(role), str()]:
            raise BrokenRow(f"history, message {number}: the role {role!r} is not visitor or bot")
        case _:
            raise BrokenRow(f"history, message {number} is not [role, text]")


def _id(row: Row) -> str:
    value = row.get("id")
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str) or not value:
        raise BrokenRow("has no id")
    return value


def _question(row: Row) -> str:
    value = row.get("question")
    if not isinstance(value, str):
        raise BrokenRow("has no question")
    try:
        return checked_text(value)
    except Invalid as error:
        raise BrokenRow(f"question: {error}") from error


def _text(row: Row, key: str) -> str | None:
    value = row.get(key)
    if value is not None and not isinstance(value, str):
        raise BrokenRow(f"{key} is not a text")
    return value


def _audience(row: Row) -> str:
    value = row.get("audience")
    if value is None:
        return "public"
    if value not in Audience.values:
        raise BrokenRow(f"audience is none of {', '.join(Audience.values)}")
    return str(value)


def _spans(row: Row) -> tuple[Span, ...]:
    value = row.get("spans") or []
    if not isinstance(value, list):
        raise BrokenRow("spans is not a list")
    spans = []
    for item in value:
        match item:
            case [str(doc_id), int(start), int(end)] if 0 <= start < end:
                spans.append(Span(doc_id, start, end))
            case _:
                raise BrokenRow("a span is not [doc_id, start, end] with 0 <= start < end")
    return tuple(spans)


def _answers(row: Row) -> tuple[str, ...]:
    value = row.get("answers") or []
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise BrokenRow("answers is not a list of texts")
    return tuple(item for item in value if item.strip())
