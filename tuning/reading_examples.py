"""Questions with the passages that they are asked of, from data sets of several forms.

The reader learns two things: whether a passage answers (relevance), and with which words (span).
Hard negatives are what a retriever offers beside the passage that answers; those of an
encyclopedic question are paragraphs of its article with the most words in common.
"""

import json
import math
import random
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from inference.embedder import Embedder

WINDOW = 900  # characters of a passage cut from a page
SHIFTED = 7_000  # questions of each of the sets about shopping, forums and newer articles
_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class ReadingExample:
    """`start`, `end`: code points of the answer in `passage`; None where it holds none.

    Examples of one `group` ask the same question of several passages; "" stands alone.
    """

    question: str
    title: str
    passage: str
    start: int | None
    end: int | None
    group: str = ""

    @property
    def relevant(self) -> bool:
        return self.start is not None


@dataclass(frozen=True)
class ReadingData:
    train: list[ReadingExample]
    held_out_pages: list[str]  # doc2dial titles that nothing was trained on


def rows(path: Path) -> Iterator[dict[str, Any]]:
    """JSON lines, split on newlines only."""
    with path.open(encoding="utf-8", newline="\n") as file:
        for line in file:
            if line.strip():
                yield json.loads(line)


def load(
    data: Path,
    *,
    seed: int = 7,
    held_out_share: float = 0.2,
    embedder: Embedder | None = None,
    share_alike: bool = True,
    encyclopedic_share: float = 1.0,
) -> ReadingData:
    """All training examples. A fifth of doc2dial's pages is held out by title.

    The embedder helps to find hard negatives; without it they are found by words alone.
    share_alike: also of sets whose licence binds what is made from them (squad, dstc11).
    encyclopedic_share: of the examples that are not about dialogues, places, illnesses and help.
    """
    from tuning import grounded_examples, own_examples

    rng = random.Random(seed)
    held_out = _held_out(data, rng, held_out_share)
    examples = list(_encyclopedic(data, rng)) if share_alike else []
    examples += _shifted(data, rng)
    if encyclopedic_share < 1:
        groups = sorted({one.group or one.question for one in examples})
        kept = set(rng.sample(groups, round(encyclopedic_share * len(groups))))
        examples = [one for one in examples if (one.group or one.question) in kept]
    examples += grounded_examples.load(
        data, frozenset(held_out), rng, embedder, share_alike=share_alike
    )
    examples += own_examples.load(data, rng, embedder)
    rng.shuffle(examples)
    return ReadingData(train=examples, held_out_pages=held_out)


def held_out_pages(data: Path, *, seed: int = 7, held_out_share: float = 0.2) -> list[str]:
    """The doc2dial titles that `load` with the same seed and share leaves out."""
    return _held_out(data, random.Random(seed), held_out_share)


def _held_out(data: Path, rng: random.Random, share: float) -> list[str]:
    """Drawn before anything else is, so that it depends on the seed and the titles alone."""
    titles = sorted({str(row["title"]) for row in rows(data / "doc2dial" / "docs.jsonl")})
    return sorted(rng.sample(titles, round(len(titles) * share)))


def _encyclopedic(data: Path, rng: random.Random) -> Iterator[ReadingExample]:
    part = data / "squad_train_part"
    yield from _squad(data / "squad2", "train_contexts.jsonl", "train.jsonl", rng)
    yield from _squad(part, "contexts_v1.1.jsonl", "train_part_v1.1.jsonl", rng)


def _shifted(data: Path, rng: random.Random) -> Iterator[ReadingExample]:
    """Questions like an encyclopedia's about reviews, forum posts and newer articles."""
    folder = data / "squadshifts"
    for name in ("amazon", "reddit", "new_wiki"):
        if (folder / f"{name}.jsonl").exists():
            files = (f"{name}_contexts.jsonl", f"{name}.jsonl")
            yield from _squad(folder, *files, rng, most=SHIFTED)


def _squad(
    folder: Path, contexts: str, questions: str, rng: random.Random, *, most: int | None = None
) -> Iterator[ReadingExample]:
    by_para = {str(row["para"]): row for row in rows(folder / contexts)}
    by_article: dict[str, list[str]] = {}
    for row in by_para.values():
        by_article.setdefault(_topic(row), []).append(str(row["context"]))
    overlap = {title: Overlap(texts) for title, texts in by_article.items()}
    asked = list(rows(folder / questions))
    if most is not None and len(asked) > most:
        asked = rng.sample(asked, most)
    for row in asked:
        context = by_para[str(row["para"])]
        title = _topic(context)
        question, passage = str(row["question"]), str(context["context"])
        if row["no_answer"]:
            yield ReadingExample(question, title, passage, None, None)
            continue
        text, start = min(row["answers"], key=lambda answer: len(answer[0]))
        group = f"{row['para']} {question}"
        yield ReadingExample(question, title, passage, start, start + len(text), group)
        if rng.random() < 0.5:
            others = overlap[title].nearest(question, besides=passage)
            if others:
                yield ReadingExample(question, title, rng.choice(others), None, None, group)


def _topic(context: Mapping[str, Any]) -> str:
    """The title without a number that tells one review or post from another."""
    return re.sub(r"_\d+$", "", str(context["title"])).replace("_", " ")


def window_around(text: str, start: int, end: int, rng: random.Random) -> tuple[int, int]:
    """A window of at most WINDOW characters that holds the answer, cut at line ends or spaces."""
    room = max(0, WINDOW - (end - start))
    first = max(0, start - rng.randint(0, room))
    last = min(len(text), max(end, first + WINDOW))
    while first > 0 and not text[first - 1].isspace() and first < start:
        first += 1
    while last < len(text) and not text[last].isspace() and last > end:
        last -= 1
    return min(first, start), max(last, end)


def windows(text: str) -> list[tuple[int, int]]:
    """The text in pieces of whole lines, of up to WINDOW characters where lines allow."""
    pieces: list[tuple[int, int]] = []
    start = at = 0
    for line in text.splitlines(keepends=True):
        if at > start and at + len(line) - start > WINDOW:
            pieces.append((start, at))
            start = at
        at += len(line)
    return [*pieces, (start, len(text))] if at > start else pieces


class Overlap:
    """Which texts share the most, and the rarest, words with a question."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._texts = list(dict.fromkeys(texts))
        self._words = [frozenset(words(text)) for text in self._texts]
        seen = Counter(word for one in self._words for word in one)
        self._weight = {w: math.log(1 + len(self._texts) / n) for w, n in seen.items()}

    def nearest(self, question: str, *, besides: str, count: int = 3) -> list[str]:
        """Up to `count` texts, best first, none of which holds or is held by `besides`."""
        asked = frozenset(words(question))
        scored = [
            (sum(self._weight[word] for word in asked & held), text)
            for held, text in zip(self._words, self._texts, strict=True)
            if besides.strip() not in text and text.strip() not in besides
        ]
        scored.sort(key=lambda pair: -pair[0])
        return [text for _, text in scored[:count]]


def words(text: str) -> Iterable[str]:
    return (match.group().lower() for match in _WORD.finditer(text))


def counts(examples: Sequence[ReadingExample]) -> Mapping[str, int]:
    """How many there are, and how many of them hold the answer."""
    return {"examples": len(examples), "answered": sum(row.relevant for row in examples)}
