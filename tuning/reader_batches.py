"""Reading examples as tensors, in the form in which the reader reads when it serves."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from inference.wordpiece import WordPiece
from tuning.reading_examples import ReadingExample

MAX_TOKENS, MAX_QUESTION_TOKENS, MAX_TITLE_TOKENS, MAX_ANSWER_TOKENS = 320, 96, 24, 96
SETTINGS = {
    "model": "model.onnx",
    "max_tokens": MAX_TOKENS,
    "max_question_tokens": MAX_QUESTION_TOKENS,
    "max_title_tokens": MAX_TITLE_TOKENS,
    "max_answer_tokens": MAX_ANSWER_TOKENS,
    "tolerance": 0.05,
}


@dataclass(frozen=True)
class ReaderRow:
    """`first`, `last`: positions of the answer's tokens; 0, 0 where there is none."""

    ids: list[int]
    types: list[int]
    first: int
    last: int
    relevant: float
    group: str = ""


def encode(words: WordPiece, example: ReadingExample) -> ReaderRow | None:
    """[CLS] question [SEP] title : passage [SEP]; None where the answer was cut off."""
    asked = words.encode(example.question).ids[:MAX_QUESTION_TOKENS]
    title = words.encode(example.title).ids[:MAX_TITLE_TOKENS]
    head = [words.cls, *asked, words.sep]
    second = [*title, words.divider]
    room = MAX_TOKENS - len(head) - len(second) - 1
    passage = words.encode(example.passage)
    ids = [*head, *second, *passage.ids[:room], words.sep]
    types = [0] * len(head) + [1] * (len(ids) - len(head))
    first = last = 0
    if example.start is not None and example.end is not None:
        inside = [
            number
            for number, (a, b) in enumerate(passage.offsets[:room])
            if b > example.start and a < example.end
        ]
        needed = len(example.passage[: example.end].rstrip())
        if not inside or passage.offsets[inside[-1]][1] < needed:
            return None
        first = len(head) + len(second) + inside[0]
        last = len(head) + len(second) + inside[-1]
    return ReaderRow(ids, types, first, last, float(example.relevant), example.group)


def encode_all(tokenizer: Path, examples: Sequence[ReadingExample]) -> list[ReaderRow]:
    words = WordPiece(tokenizer)
    found = (encode(words, example) for example in examples)
    return [row for row in found if row is not None]


def batches(rows: Sequence[ReaderRow], *, size: int, seed: int) -> Iterator[list[ReaderRow]]:
    """One epoch: groups stay together, and a pool is sorted by length to save padding.

    A batch has `size` rows, or a few more where a group would be cut.
    """
    rng = random.Random(seed)
    groups: dict[str, list[ReaderRow]] = {}
    for number, row in enumerate(rows):
        groups.setdefault(row.group or f"\n{number}", []).append(row)
    order = list(groups.values())
    rng.shuffle(order)
    pool = size * 16
    for at in range(0, len(order), pool):
        near = sorted(order[at : at + pool], key=lambda group: max(len(row.ids) for row in group))
        found = list(_filled(near, size))
        rng.shuffle(found)
        yield from found


def _filled(groups: Sequence[list[ReaderRow]], size: int) -> Iterator[list[ReaderRow]]:
    batch: list[ReaderRow] = []
    for group in groups:
        batch += group
        if len(batch) >= size:
            yield batch
            batch = []
    if batch:
        yield batch


def tensors(rows: Sequence[ReaderRow]) -> dict[str, Any]:
    """input_ids, attention_mask, token_type_ids: (B, T); first, last, relevant: (B,).

    group: (B,) numbers, equal within a group.
    """
    import torch

    width = max(len(row.ids) for row in rows)
    names = [row.group or f"\n{number}" for number, row in enumerate(rows)]
    numbers = {name: number for number, name in enumerate(dict.fromkeys(names))}
    ids = torch.zeros(len(rows), width, dtype=torch.long)
    mask, types = torch.zeros_like(ids), torch.zeros_like(ids)
    for number, row in enumerate(rows):
        ids[number, : len(row.ids)] = torch.tensor(row.ids)
        types[number, : len(row.ids)] = torch.tensor(row.types)
        mask[number, : len(row.ids)] = 1
    return {
        "input_ids": ids,
        "attention_mask": mask,
        "token_type_ids": types,
        "first": torch.tensor([row.first for row in rows]),
        "last": torch.tensor([row.last for row in rows]),
        "relevant": torch.tensor([row.relevant for row in rows]),
        "group": torch.tensor([numbers[name] for name in names]),
    }
