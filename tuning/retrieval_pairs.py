"""Questions with the passage that answers them, from data sets of four forms, for the embedder.

A batch takes several questions from each of a few pages, so that the passages of one page are each
other's hard negatives. A fifth of the pages, places and illnesses is held out: `held_out_group`.
"""

import gzip
import hashlib
import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tuning.reading_examples import held_out_pages, rows, windows

MOST_MESSAGES = 8
TOGETHER = 8  # questions from one page in one batch
MOST_BATCHES = 60  # of one source in one epoch


@dataclass(frozen=True)
class RetrievalPair:
    """`views`: the last turn, the visitor's last two, the whole dialogue, newest first."""

    source: str
    group: str
    views: tuple[str, ...]
    passage: str
    answer: str
    held_out: bool


def load(data: Path, *, share_alike: bool = True) -> list[RetrievalPair]:
    """share_alike: also of sets whose licence binds what is made from them (squad2, dstc11)."""
    bound = [*_places(data), *_articles(data)] if share_alike else []
    return [*_dialogues(data), *_illnesses(data), *bound]


def held_out_group(name: str) -> bool:
    """A fifth of all names, the same for ever."""
    return hashlib.sha256(name.encode()).digest()[0] % 5 == 0


def _views(question: str, history: Sequence[Sequence[str]], asker: str) -> tuple[str, ...]:
    earlier = [(role, text[:600].strip()) for role, text in list(history)[::-1]]
    before = [text for role, text in earlier if role == asker][:1]
    whole = [text for _, text in earlier[:MOST_MESSAGES]]
    texts = ["\n".join([question.strip(), *more]) for more in ([], before, whole)]
    return tuple(dict.fromkeys(texts))


def _dialogues(data: Path) -> Iterator[RetrievalPair]:
    folder = data / "doc2dial"
    pages = {str(row["doc_id"]): row for row in rows(folder / "docs.jsonl")}
    held_out = set(held_out_pages(data))
    asked: list[tuple[tuple[str, ...], str, int, int]] = []
    for row in rows(folder / "turns.jsonl"):
        if row["query_role"] == "user" and row["answer_end"] > row["answer_start"]:
            views = _views(row["query"], row["history"], "user")
            asked.append((views, row["doc_id"], row["answer_start"], row["answer_end"]))
    for row in rows(folder / "pairs.jsonl"):
        for place in [] if row["no_info_reply"] else (row["located"] or [])[:1]:
            views = _views(row["query"], [], "user")
            asked.append((views, place["doc_id"], place["start"], place["end"]))
    for views, key, start, end in asked:
        page = pages[key]
        passage = _window(str(page["text"]), start, end)
        answer = str(page["text"])[start:end].strip()
        title = str(page["title"])
        yield RetrievalPair(
            "doc2dial", title, views, f"{title}\n{passage}", answer, title in held_out
        )


def _window(text: str, start: int, end: int) -> str:
    """The piece of the text that shares the most characters with the answer."""
    found = max(windows(text), key=lambda w: min(w[1], end) - max(w[0], start))
    return text[found[0] : found[1]].strip()


def _places(data: Path) -> Iterator[RetrievalPair]:
    """What guests ask, in their dialogue, and a place's answers as its article."""
    folder = data / "dstc11_track5"
    known = {str(row["id"]): row for row in rows(folder / "knowledge.jsonl")}
    texts: dict[str, list[str]] = {}
    for row in known.values():
        if row["type"] == "faq":
            texts.setdefault(_place(row), []).append(str(row["text"]))
    for row in rows(folder / "val.jsonl"):
        if not row["needs_knowledge"]:
            continue
        history = [[role, text] for role, text in row["turns"]]
        views = _views(history[-1][1], history[:-1], "U")
        found = [known[str(key)] for key in row["knowledge"] if str(key) in known]
        faqs = [one for one in found if one["type"] == "faq"]
        for one in faqs[:1]:
            yield _of_place(one, views, texts)
    for row in known.values():
        if row["type"] == "faq":
            name = str(row["entity"]).title()
            view = (f"{row['question']}\nI have a question about {name}.",)
            yield _of_place(row, view, texts)


def _place(row: dict[str, Any]) -> str:
    return f"{row['domain']}: {row['entity']}"


def _of_place(
    row: dict[str, Any], views: tuple[str, ...], texts: dict[str, list[str]]
) -> RetrievalPair:
    article = "\n".join(texts[_place(row)])
    at = article.find(str(row["text"]))
    passage = _window(article, at, at + len(str(row["text"])))
    title = str(row["entity"]).title()
    group = _place(row)
    return RetrievalPair(
        "dstc11", group, views, f"{title}\n{passage}", row["text"], held_out_group(group)
    )


def _illnesses(data: Path) -> Iterator[RetrievalPair]:
    path = data / "medquad" / "medquad_with_answers.jsonl.gz"
    with gzip.open(path, "rt", encoding="utf-8", newline="\n") as file:
        for line in file:
            row = json.loads(line)
            answer = str(row["answer"])[:900]
            group = f"{row['src']}: {row['focus']}"
            passage = f"{row['focus']}\n{str(row['qtype']).capitalize()}\n{answer}"
            yield RetrievalPair(
                "medquad", group, (row["question"],), passage, answer, held_out_group(group)
            )


def _articles(data: Path) -> Iterator[RetrievalPair]:
    for part, held_out in (("train", False), ("tune", True)):
        contexts = {row["para"]: row for row in rows(data / "squad2" / f"{part}_contexts.jsonl")}
        for row in rows(data / "squad2" / f"{part}.jsonl"):
            if row["no_answer"]:
                continue
            context = contexts[row["para"]]
            title = str(context["title"]).replace("_", " ")
            passage = f"{title}\n{context['context']}"
            answer = str(row["answers"][0][0])
            yield RetrievalPair(
                "squad2", title, (row["question"],), passage, f"{row['para']}:{answer}", held_out
            )


def batches(
    pairs: Sequence[RetrievalPair], *, size: int, seed: int
) -> Iterator[list[RetrievalPair]]:
    """One epoch; each batch is of one source, with up to TOGETHER questions from one page."""
    rng = random.Random(seed)
    found: list[list[RetrievalPair]] = []
    for source in sorted({pair.source for pair in pairs}):
        by_group: dict[str, list[RetrievalPair]] = {}
        for pair in pairs:
            if pair.source == source:
                by_group.setdefault(pair.group, []).append(pair)
        pieces = []
        for group in by_group.values():
            rng.shuffle(group)
            pieces += [group[at : at + TOGETHER] for at in range(0, len(group), TOGETHER)]
        rng.shuffle(pieces)
        whole = [pair for piece in pieces for pair in piece]
        full = range(0, len(whole) - size + 1, size)
        found += [whole[at : at + size] for at in full][:MOST_BATCHES]
    rng.shuffle(found)
    yield from found


def one_view(pair: RetrievalPair, rng: random.Random) -> str:
    """The whole dialogue most of the time, since it is asked with every view."""
    if len(pair.views) == 1 or rng.random() < 0.6:
        return pair.views[-1]
    return rng.choice(pair.views[:-1])
