"""Sentences with the passages they cite, labelled: do the passages say it?

Supported are what agents of Doc2Dial told a customer, each with the passage that the data set names
as its ground: people's own paraphrases. Unsupported are the same sentences with another passage of
the same page, what agents said of other places of the page, and sentences into which an error was
put: another number, a denial more or less, another name, another word, a claim added. The pages are
those that the reader was not trained on, unless `trained` is asked for.
"""

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from chatbot.escalation import facts
from chatbot.escalation.sentences import sentences_of
from knowledge.passages import cut
from tuning.reading_examples import held_out_pages, rows

SEED = 17
FEWEST_WORDS = 3  # of content in a sentence; with fewer it states nothing
SAME = 0.8  # of the ground's words in another passage: it may say the same
AROUND = 5  # passages that are sent beside the one that is cited
NEGATED = re.compile(r"\b(?:not|never|cannot|without)\b\s?", re.IGNORECASE)
VERB = re.compile(r"\b(can|will|must|should|is|are|may|have|do)\b")
NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
Row = dict[str, Any]


@dataclass(frozen=True)
class Pair:
    """kind: "true", "verbatim", or how it came to be unsupported. evidence: what was sent; cited:
    its rows."""

    group: str
    kind: str
    question: str
    sentence: str
    evidence: tuple[Row, ...]
    cited: tuple[int, ...]

    @property
    def supported(self) -> bool:
        return self.kind in {"true", "verbatim"}


@dataclass(frozen=True)
class _Said:
    """A sentence of an agent with its ground: passages of the page by number."""

    group: str
    question: str
    sentence: str
    ground: str
    passages: tuple[Row, ...]
    gold: tuple[int, ...]


def pairs(data: Path, *, trained: bool = False) -> list[Pair]:
    """The same data give the same pairs. trained: of the pages that the reader has learned from."""
    rng = random.Random(SEED)
    said = list(_dialogues(data, trained))
    by_group: dict[str, list[_Said]] = {}
    for one in said:
        by_group.setdefault(one.group, []).append(one)
    return [pair for one in said for pair in _of(one, by_group[one.group], rng)]


def in_the_passages_words(data: Path) -> list[Pair]:
    """As a model that keeps to the words would say it: a statement of the ground, each once."""
    rng = random.Random(SEED)
    found = {}
    for one in _dialogues(data, trained=False):
        sentence = _statement(" ".join(one.ground.split()))
        if sentence:
            pair = replace(_pair(one, "true", one.sentence, one.gold, rng), sentence=sentence)
            found[one.group, sentence] = replace(pair, kind="verbatim")
    return list(found.values())


def _dialogues(data: Path, trained: bool) -> Iterator[_Said]:
    held = set(held_out_pages(data))
    pages = {
        str(row["doc_id"]): row
        for row in rows(data / "doc2dial" / "docs.jsonl")
        if (row["title"] in held) != trained
    }
    cuts = {key: _passages(str(row["title"]), str(row["text"])) for key, row in pages.items()}
    for question, response, key, start, end in _turns(data / "doc2dial"):
        sentence = _statement(response)
        if key not in pages or not sentence:
            continue
        gold = tuple(
            number
            for number, row in enumerate(cuts[key])
            if min(end, row["end"]) - max(start, row["start"]) > 0
        )
        ground = str(pages[key]["text"])[start:end]
        if gold and len(facts.content(ground)) >= FEWEST_WORDS:
            title = str(pages[key]["title"])
            yield _Said(title, question, sentence, ground, cuts[key], gold[:2])


def _turns(folder: Path) -> Iterator[tuple[str, str, str, int, int]]:
    for row in rows(folder / "turns.jsonl"):
        if row["query_role"] == "user":
            yield (
                str(row["query"]),
                str(row["response"]),
                str(row["doc_id"]),
                int(row["answer_start"]),
                int(row["answer_end"]),
            )
    for row in rows(folder / "pairs.jsonl"):
        for place in [] if row["no_info_reply"] else (row["located"] or [])[:1]:
            yield (
                str(row["query"]),
                str(row["response"]),
                str(place["doc_id"]),
                int(place["start"]),
                int(place["end"]),
            )


def _passages(title: str, text: str) -> tuple[Row, ...]:
    return tuple(
        _row(title, one.heading_path, text[one.start : one.end], one.start) for one in cut(text)
    )


def _row(title: str, path: tuple[str, ...], text: str, start: int) -> Row:
    return {
        "title": title,
        "heading_path": path,
        "text": text,
        "url": "",
        "start": start,
        "end": start + len(text),
        "article_id": "00000000-0000-7000-8000-000000000001",
    }


def _statement(response: str) -> str:
    """The response's one statement; empty where it makes none or several."""
    found = [
        sentence
        for sentence in sentences_of(response)
        if not sentence.rstrip().endswith("?") and len(facts.content(sentence)) >= FEWEST_WORDS
    ]
    return found[0] if len(found) == 1 else ""


def _of(one: _Said, neighbours: Sequence[_Said], rng: random.Random) -> Iterator[Pair]:
    true = _pair(one, "true", one.sentence, one.gold, rng)
    yield true
    elsewhere = _elsewhere(one)
    if elsewhere:
        words = facts.content(one.sentence)
        near = max(elsewhere, key=lambda n: len(words & facts.content(one.passages[n]["text"])))
        yield _pair(one, "near passage", one.sentence, (near,), rng)
        yield _pair(one, "other passage", one.sentence, (rng.choice(elsewhere),), rng)
        yield _pair(one, "claim added", _longer(one, rng.choice(elsewhere), rng), one.gold, rng)
    foreign = [other for other in neighbours if _grounded_elsewhere(other, one)]
    if foreign:
        yield replace(true, kind="other reply", sentence=rng.choice(foreign).sentence)
    for kind, wrong in (
        ("number", _other_number(one.sentence, rng)),
        ("denial", _denied(one.sentence)),
        ("name", _other_name(one, rng)),
        ("word", _other_word(one, rng)),
    ):
        if wrong and wrong != one.sentence:
            yield replace(true, kind=kind, sentence=wrong)


def _pair(one: _Said, kind: str, sentence: str, cited: tuple[int, ...], rng: random.Random) -> Pair:
    """With some other passages of the page around those that are cited."""
    others = [number for number in range(len(one.passages)) if number not in cited]
    sent = sorted([*cited, *rng.sample(others, min(AROUND, len(others)))])
    evidence = tuple(one.passages[number] for number in sent)
    numbers = tuple(sent.index(number) for number in cited)
    return Pair(one.group, kind, one.question, sentence, evidence, numbers)


def _elsewhere(one: _Said) -> list[int]:
    """Passages of the page that do not hold the ground's words."""
    ground = facts.content(one.ground)
    return [
        number
        for number, row in enumerate(one.passages)
        if number not in one.gold and len(ground & facts.content(row["text"])) < SAME * len(ground)
    ]


def _grounded_elsewhere(other: _Said, one: _Said) -> bool:
    there = {word for n in one.gold for word in facts.content(one.passages[n]["text"])}
    ground = facts.content(other.ground)
    return len(ground & there) < SAME * len(ground)


def _longer(one: _Said, number: int, rng: random.Random) -> str:
    """The sentence with a claim of another passage."""
    offered = sentences_of(one.passages[number]["text"])
    claim = " ".join(rng.choice(offered).split()[:12]).rstrip(".,;: ")
    return f"{one.sentence.rstrip('.! ')}, and {claim[:1].lower()}{claim[1:]}."


def _other_number(sentence: str, rng: random.Random) -> str:
    found = list(NUMBER.finditer(sentence))
    if not found:
        return ""
    match = rng.choice(found)
    digits = re.sub(r"\D", "", match[0])
    return (
        sentence[: match.start()] + str(int(digits) + rng.randint(1, 9)) + sentence[match.end() :]
    )


def _denied(sentence: str) -> str:
    if facts.negates(sentence):
        return NEGATED.sub("", sentence, count=1)
    return VERB.sub(r"\1 not", sentence, count=1)


def _other_name(one: _Said, rng: random.Random) -> str:
    """A word with a capital gives way to one of another passage."""
    own = sorted(facts.names(one.sentence))
    gold = {name for n in one.gold for name in facts.names(one.passages[n]["text"])}
    others = {name for row in one.passages for name in facts.names(row["text"])} - gold
    if not own or not others:
        return ""
    other = rng.choice(sorted(others))
    return re.sub(re.escape(rng.choice(own)), other.title(), one.sentence, count=1, flags=re.I)


def _other_word(one: _Said, rng: random.Random) -> str:
    """One of the longer words gives way to one that the ground's passages do not have."""
    words = [w for w in re.findall(r"[^\W\d_]{5,}", one.sentence) if w.islower()]
    there = {word for n in one.gold for word in facts.content(one.passages[n]["text"])}
    offered = {w for row in one.passages for w in re.findall(r"[^\W\d_]{5,}", row["text"])}
    others = sorted(w for w in offered if w.islower() and not facts.content(w) & there)
    if not words or not others:
        return ""
    return re.sub(rf"\b{rng.choice(words)}\b", rng.choice(others), one.sentence, count=1)
