"""Questions of our own about real help centres, with the place of the answer in each article.

`help_questions/NAME.jsonl` asks about the articles of `kb_NAME` in the data folder: as customers
write, in other words than the article's, a tenth of them in a dialogue, a fifth of them written so
that nothing answers. tuning.placed_questions has the form. Where the words of the answer stand in
another article, it is gold, too, and so are the places that were judged to answer among those that
the bot would have shown (`also`, docs/decisions/0042).
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from tuning import placed_questions
from tuning.observe import HELP_CENTRES
from tuning.reading_examples import rows

QUESTIONS = Path(__file__).parent / "help_questions"
CALIBRATED = HELP_CENTRES  # rankers and calibration learn from these
KEPT_APART = "arduino"  # nothing that ships has seen it
ENGLISH = {"en", ""}

Row = dict[str, Any]


def articles(data: Path, name: str) -> list[Row]:
    """Its English articles."""
    return [
        {"doc_id": row["doc_id"], "title": row["title"], "text": row["text"]}
        for row in rows(data / f"kb_{name}" / "docs.jsonl")
        if row.get("lang", "") in ENGLISH
    ]


def questions(data: Path, name: str, *, judged: bool = True) -> Iterator[Row]:
    """In the form of the other evaluation sets. Raises placed_questions.TextHasChanged.

    judged: with the places that were judged to answer beside the one it was written for.
    """
    texts = {row["doc_id"]: row["text"] for row in articles(data, name)}
    for one in placed_questions.read(QUESTIONS / f"{name}.jsonl", texts):
        spans = list(_places(texts, one if judged else replace(one, also=())))
        own = spans[:1] if one.start is not None else spans
        yield {
            "id": one.id,
            "question": one.question,
            "history": [list(said) for said in one.history],
            "doc_id": one.doc_id,
            "spans": spans,
            "answers": [texts[doc_id][start:end] for doc_id, start, end in own],
            "answerable": bool(spans),
            "group": one.doc_id,
        }


def _places(texts: Mapping[str, str], one: placed_questions.PlacedQuestion) -> Iterator[list[Any]]:
    """The one that the question was written for comes first."""
    if one.start is not None and one.end is not None:
        yield [one.doc_id, one.start, one.end]
        words = texts[one.doc_id][one.start : one.end]
        for other, text in texts.items():
            at = text.find(words)
            if other != one.doc_id and at >= 0:
                yield [other, at, at + len(words)]
    yield from map(list, one.also)
