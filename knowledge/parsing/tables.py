"""Tables of questions and answers: each pair an article. Runs in the child.

A table counts as one when its first row names a column of questions and one of answers, in
English or Russian. An article is known by the row's id, else by its question, so that rows may
move and answers may change.
"""

import csv
import hashlib
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from knowledge.parsing import formats, office
from knowledge.parsing.document import (
    LONGEST_TITLE,
    Broken,
    Document,
    ParseError,
    checked,
    with_facts,
)

MOST_ROWS = 100_000
LONGEST_CELL = 1_000_000  # characters
DELIMITERS = ",;\t|"
COLUMNS = {
    "question": ("question", "questions", "q", "вопрос", "вопросы"),
    "answer": ("answer", "answers", "a", "ответ", "ответы"),
    "id": ("id", "doc_id", "key", "ид", "номер"),
    "url": ("url", "link", "address", "ссылка", "адрес"),
    "lang": ("lang", "language", "язык"),
    "audience": ("audience", "аудитория"),
}
NAMES = {name: column for column, names in COLUMNS.items() for name in names}


@dataclass(frozen=True)
class Pair:
    """place: where it stands, for messages. fields: url, lang, audience where given."""

    place: str
    question: str
    answer: str
    key: str = ""
    fields: dict[str, str] = field(default_factory=dict)


def of_csv(data: bytes) -> list[Pair] | None:
    text = formats.decoded(data)
    csv.field_size_limit(LONGEST_CELL)
    first = next(iter(text.lstrip("\n").splitlines()), "")
    delimiter = max(DELIMITERS, key=lambda sign: len(_columns(first.split(sign))))
    try:
        return _pairs(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), "line")
    except csv.Error as error:
        raise ParseError(f"is no readable CSV: {error}") from None


def of_xlsx(data: bytes) -> list[Pair] | None:
    """The pairs of all sheets that have the columns; None if no sheet has them."""
    found: list[Pair] | None = None
    for sheet in office.sheets(data):
        pairs = _pairs(sheet.rows, f"{sheet.name}, row")
        if pairs is not None:
            found = (found or []) + pairs
    return found


PARSERS: dict[str, Callable[[bytes], list[Pair] | None]] = {
    ".csv": of_csv,
    ".tsv": of_csv,
    ".xlsx": of_xlsx,
}


def _columns(header: Sequence[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for number, cell in enumerate(header):
        name = NAMES.get(cell.strip().strip('"').lower())
        if name:
            found.setdefault(name, number)
    return found


def _pairs(rows: Iterable[Sequence[str]], word: str) -> list[Pair] | None:
    columns: dict[str, int] | None = None
    found: list[Pair] = []
    for number, row in enumerate(rows, start=1):
        if not any(cell.strip() for cell in row):
            continue
        if columns is None:
            columns = _columns(row)
            if not {"question", "answer"} <= columns.keys():
                return None
            continue
        if number > MOST_ROWS:
            raise ParseError(f"has more than {MOST_ROWS:,} rows")
        given = {name: row[column].strip() for name, column in columns.items() if column < len(row)}
        more = {name: given[name] for name in ("url", "lang", "audience") if given.get(name)}
        question, answer = given.get("question", ""), given.get("answer", "")
        found.append(Pair(f"{word} {number}", question, answer, given.get("id", ""), more))
    return None if columns is None else found


def articles(doc_id: str, pairs: Sequence[Pair]) -> Iterator[Document | Broken]:
    """A pair that cannot be used is a Broken; the rest go on."""
    if not pairs:
        raise ParseError("has no questions")
    for pair in pairs:
        known = pair.key or hashlib.sha256(_plain(pair.question).encode()).hexdigest()[:16]
        own = f"{doc_id}#{known}"
        try:
            if not pair.question:
                raise ParseError("has no question")
            if not pair.answer:
                raise ParseError("has no answer")
            title = " ".join(pair.question.split())[:LONGEST_TITLE]
            yield checked(with_facts(Document(own, title, pair.answer, "text"), pair.fields))
        except ParseError as error:
            yield Broken(own if pair.question else None, f"{doc_id}, {pair.place}", str(error))


def _plain(question: str) -> str:
    return " ".join(question.lower().split())
