"""Reading examples with negatives that a retriever would offer: dialogues, places, illnesses.

Held out, so that nothing is trained on them: a fifth of doc2dial's titles, and a fifth of the
places and illnesses by a digest of their names (tuning.retrieval_pairs.held_out_group).
"""

import gzip
import json
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from inference.embedder import Embedder
from inference.reader import question_with_history
from tuning.hard_negatives import Miner, Piece
from tuning.reading_examples import ReadingExample, rows, window_around, windows
from tuning.retrieval_pairs import held_out_group

NEGATIVES = 3  # passages without the answer, beside the one that has it
OFFERED = 10  # that they are drawn from
CUTS = 2  # windows around each answer in a dialogue's page, with other negatives each time
PLACES = 1_200  # questions about places
ILLNESSES = 700
SHORT = 350  # characters of an answer that is shown whole


@dataclass(frozen=True)
class _Asked:
    """A question and its passage; start, end: the answer's code points in it."""

    question: str
    piece: Piece
    start: int
    end: int

    @property
    def answer(self) -> str:
        return self.piece.text[self.start : self.end].strip()


def load(
    data: Path,
    held_out: frozenset[str],
    rng: random.Random,
    embedder: Embedder | None,
    *,
    share_alike: bool,
) -> Iterator[ReadingExample]:
    """Each question with its passage and three more; `held_out`: doc2dial titles."""
    for cut in range(CUTS):
        asked, pieces = _dialogues(data / "doc2dial", held_out, rng)
        found = _with_negatives(asked, Miner(pieces, embedder), rng, everywhere=True)
        yield from (replace(one, group=f"{cut} {one.group}") for one in found)
    if share_alike and (data / "dstc11_track5").exists():
        asked, pieces = _places(data / "dstc11_track5", rng)
        yield from _with_negatives(asked, Miner(pieces, embedder), rng, everywhere=False)
    if (data / "medquad").exists():
        asked, pieces = _illnesses(data / "medquad", rng)
        yield from _with_negatives(asked, Miner(pieces, embedder), rng, everywhere=False)


def _with_negatives(
    asked: Sequence[_Asked], miner: Miner, rng: random.Random, *, everywhere: bool
) -> Iterator[ReadingExample]:
    """everywhere: the answer's words are an answer on any page, not on their own alone."""
    offered = miner.nearest([one.question for one in asked], count=OFFERED)
    for number, (one, near) in enumerate(zip(asked, offered, strict=True)):
        group = f"{one.piece.group}#{number}"
        yield ReadingExample(
            one.question, one.piece.title, one.piece.text, one.start, one.end, group
        )
        wrong = [piece for piece in near if _is_wrong(piece, one, everywhere=everywhere)]
        for piece in rng.sample(wrong, min(NEGATIVES, len(wrong))):
            yield ReadingExample(one.question, piece.title, piece.text, None, None, group)


def _is_wrong(piece: Piece, asked: _Asked, *, everywhere: bool) -> bool:
    if not everywhere and piece.group != asked.piece.group:
        return True
    return asked.answer not in piece.text and piece.text.strip() not in asked.piece.text


def _dialogues(
    folder: Path, held_out: frozenset[str], rng: random.Random
) -> tuple[list[_Asked], list[Piece]]:
    pages = {
        str(row["doc_id"]): row
        for row in rows(folder / "docs.jsonl")
        if row["title"] not in held_out
    }
    pieces = [
        Piece(str(page["title"]), str(page["text"])[a:b].strip(), str(page["title"]))
        for page in pages.values()
        for a, b in windows(str(page["text"]))
    ]
    asked = []
    for question, key, start, end in _grounded(folder):
        if key not in pages:
            continue
        text, title = str(pages[key]["text"]), str(pages[key]["title"])
        first, last = window_around(text, start, end, rng)
        piece = Piece(title, text[first:last], title)
        asked.append(_Asked(question, piece, start - first, end - first))
    return asked, pieces


def _grounded(folder: Path) -> Iterator[tuple[str, str, int, int]]:
    """question with its dialogue, page, and where in the page the answer stands."""
    for row in rows(folder / "turns.jsonl"):
        if row["query_role"] == "user" and row["answer_end"] > row["answer_start"]:
            history = [(str(role), str(text)) for role, text in row["history"]]
            question = question_with_history(str(row["query"]), history)
            yield question, str(row["doc_id"]), int(row["answer_start"]), int(row["answer_end"])
    for row in rows(folder / "pairs.jsonl"):
        for place in [] if row["no_info_reply"] else (row["located"] or [])[:1]:
            yield str(row["query"]), str(place["doc_id"]), int(place["start"]), int(place["end"])


def _places(folder: Path, rng: random.Random) -> tuple[list[_Asked], list[Piece]]:
    """What guests ask in a dialogue, and FAQ questions after the place's name."""
    faqs = [row for row in rows(folder / "knowledge.jsonl") if row["type"] == "faq"]
    known = {str(row["id"]): row for row in faqs}
    texts: dict[str, list[str]] = {}
    for row in faqs:
        texts.setdefault(_place(row), []).append(str(row["text"]))
    pieces = [
        Piece(_title(group), "\n".join(lines)[a:b].strip(), group)
        for group, lines in texts.items()
        if not held_out_group(group)
        for a, b in windows("\n".join(lines) + "\n")
    ]
    asked = []
    for question, row in _asked_of_places(folder, faqs, known):
        group, answer = _place(row), str(row["text"])
        own = [one for one in pieces if one.group == group and answer in one.text]
        if own:
            at = own[0].text.index(answer)
            asked.append(_Asked(question, own[0], at, at + len(answer)))
    return rng.sample(asked, min(PLACES, len(asked))), pieces


def _asked_of_places(
    folder: Path, faqs: Sequence[dict[str, Any]], known: dict[str, dict[str, Any]]
) -> Iterator[tuple[str, dict[str, Any]]]:
    for turn in rows(folder / "val.jsonl"):
        found = [known[str(key)] for key in turn["knowledge"] if str(key) in known]
        if turn["needs_knowledge"] and found:
            *history, (_, question) = turn["turns"]
            yield question_with_history(question, history), found[0]
    for row in faqs:
        said = ("user", f"I have a question about {_title(_place(row))}.")
        yield question_with_history(str(row["question"]), [said]), row


def _place(row: dict[str, Any]) -> str:
    return f"{row['domain']}: {row['entity']}"


def _title(group: str) -> str:
    return group.split(": ", 1)[1].title()


def _illnesses(folder: Path, rng: random.Random) -> tuple[list[_Asked], list[Piece]]:
    """Sections under `illness > kind of question`; an answer of one sentence is a span."""
    asked, pieces = [], []
    path = folder / "medquad_with_answers.jsonl.gz"
    with gzip.open(path, "rt", encoding="utf-8", newline="\n") as file:
        for row in map(json.loads, file):
            group = f"{row['src']}: {row['focus']}"
            if held_out_group(group):
                continue
            title = f"{row['focus']} > {str(row['qtype']).capitalize()}"
            answer = str(row["answer"]).strip()
            piece = Piece(title, answer[:900], group)
            pieces.append(piece)
            if len(answer) <= SHORT and not re.search(r"[.!?:]\s", answer):
                asked.append(_Asked(str(row["question"]), piece, 0, len(answer)))
    drawn = rng.sample(asked, min(ILLNESSES, len(asked)))
    groups = {one.piece.group for one in drawn}
    return drawn, [piece for piece in pieces if piece.group in groups]
