"""Reading examples from questions of our own: help articles, and dialogues about public services.

`own_questions/NAME.jsonl` asks about the articles of ARTICLES in the words of customers: of
doc2dial about pages that are not held out, of sendgrid and logingov about articles that no
evaluation asks about. tuning.placed_questions has the form. Each is cut several times, with other
windows and other negatives, since there are few of them and they are what visitors ask.
"""

import random
import re
from collections.abc import Iterator
from pathlib import Path

from inference.embedder import Embedder
from inference.reader import question_with_history
from tuning import placed_questions
from tuning.hard_negatives import Miner, Piece
from tuning.reading_examples import ReadingExample, rows, window_around, windows

QUESTIONS = Path(__file__).parent / "own_questions"
ARTICLES = {
    "chatwoot": "kb_chatwoot",
    "doc2dial": "doc2dial",
    "logingov": "kb_logingov",
    "sendgrid": "kb_sendgrid",
}
CUTS = 2
NEGATIVES, OFFERED = 3, 10
_HEADING = re.compile(r"^(#{1,6})\s+(.+?)\s*$", re.MULTILINE)


def load(data: Path, rng: random.Random, embedder: Embedder | None) -> Iterator[ReadingExample]:
    """Raises placed_questions.TextHasChanged."""
    for name, folder in ARTICLES.items():
        if not (data / folder / "docs.jsonl").exists():
            continue
        pages = {str(row["doc_id"]): row for row in rows(data / folder / "docs.jsonl")}
        texts = {key: str(row["text"]) for key, row in pages.items()}
        asked = list(placed_questions.read(QUESTIONS / f"{name}.jsonl", texts))
        used = {one.doc_id for one in asked}
        pieces = [
            Piece(titled(str(pages[key]["title"]), texts[key], a), texts[key][a:b].strip(), key)
            for key in sorted(used)
            for a, b in windows(texts[key])
        ]
        said = [question_with_history(one.question, one.history) for one in asked]
        offered = Miner(pieces, embedder).nearest(said, count=OFFERED)
        for cut in range(CUTS):
            for one, question, near in zip(asked, said, offered, strict=True):
                title, text = str(pages[one.doc_id]["title"]), texts[one.doc_id]
                yield from _examples(one, (question, title, text), near, rng, str(cut))


def _examples(
    one: placed_questions.PlacedQuestion,
    of: tuple[str, str, str],
    near: list[Piece],
    rng: random.Random,
    cut: str,
) -> Iterator[ReadingExample]:
    """of: question with its dialogue, title and text of the article."""
    question, title, text = of
    group = f"own {cut} {one.id}"
    wrong = near
    if one.start is not None and one.end is not None:
        first, last = window_around(text, one.start, one.end, rng)
        passage, answer = text[first:last], text[one.start : one.end].strip()
        start, end = one.start - first, one.end - first
        shown = titled(title, text, first)
        yield ReadingExample(question, shown, passage, start, end, group)
        wrong = [piece for piece in near if answer not in piece.text and piece.text not in passage]
    for piece in rng.sample(wrong, min(NEGATIVES, len(wrong))):
        yield ReadingExample(question, piece.title, piece.text, None, None, group)


def titled(title: str, text: str, at: int) -> str:
    """The title and the Markdown headings that stand above code point `at`, as the reader sees."""
    above: list[tuple[int, str]] = []
    for found in _HEADING.finditer(text, 0, at):
        level = len(found.group(1))
        above = [(depth, said) for depth, said in above if depth < level]
        above.append((level, found.group(2)))
    return " > ".join(dict.fromkeys([title, *(said for _, said in above)]))
