"""How well questions are grouped by meaning, at each threshold of the average cosine.

    python -m benchmarks.gap_grouping --data FOLDER [--models models]

Questions of banking77 and clinc150 that are labelled by intent, 1 to 12 of each label at random,
joined in batches of 64 as the worker of gaps joins them. B-cubed precision, recall and F1 (Bagga
and Baldwin 1998), means of three samples. docs/decisions/0018 holds what it printed.
"""

import argparse
import json
import random
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from inference.embedder import Embedder
from learning.linkage import Vectors, agglomerate, join

THRESHOLDS = (0.4, 0.45, 0.5, 0.55, 0.6)
SAMPLES, MOST_OF_A_LABEL, BATCH = 3, 12, 64
SETS = {"banking77": "banking77/train.jsonl", "clinc150": "clinc150/train_val.jsonl"}
Labelled = list[tuple[str, str]]  # question, intent


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--models", type=Path, default=Path("models"))
    given = parser.parse_args()
    embedder = Embedder(given.models / "embedder", threads=2)
    print("| set | questions | threshold | precision | recall | F1 |\n|---|---|---|---|---|---|")
    for name, file in SETS.items():
        samples = [sampled(read(given.data / file), seed) for seed in range(SAMPLES)]
        vectors = [embedder.encode([text for text, _ in rows]) for rows in samples]
        sizes = [len(rows) for rows in samples]
        for near in THRESHOLDS:
            found = [
                b_cubed(grouped(one, near), [label for _, label in rows])
                for one, rows in zip(vectors, samples, strict=True)
            ]
            means = " | ".join(f"{value:.2f}" for value in np.mean(found, axis=0))
            print(f"| {name} | {min(sizes)}–{max(sizes)} | {near} | {means} |", flush=True)


def read(path: Path) -> Labelled:
    with path.open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return [(row["text"], row["intent"]) for row in rows if not row.get("oos")]


def sampled(rows: Labelled, seed: int) -> Labelled:
    """1 to 12 questions of each label, in random order."""
    chance = random.Random(seed)
    by_label: dict[str, list[str]] = defaultdict(list)
    for text, label in rows:
        by_label[label].append(text)
    found = [
        (text, label)
        for label, texts in sorted(by_label.items())
        for text in chance.sample(texts, min(len(texts), chance.randint(1, MOST_OF_A_LABEL)))
    ]
    chance.shuffle(found)
    return found


def grouped(vectors: Vectors, near: float) -> list[int]:
    """The group of each question: batches join the groups there are, the rest among itself."""
    members: list[list[int]] = []
    for start in range(0, len(vectors), BATCH):
        batch = np.arange(start, min(start + BATCH, len(vectors)))
        means = [vectors[rows].mean(axis=0) for rows in members]
        numbers = join(vectors[batch], np.array(means, np.float32), near=near)
        for at, number in zip(batch, numbers, strict=True):
            if number >= 0:
                members[number].append(int(at))
        new = batch[numbers < 0]
        labels = agglomerate(vectors[new], near=near) if len(new) else np.array([], np.intp)
        begun: dict[int, list[int]] = defaultdict(list)
        for at, label in zip(new, labels, strict=True):
            begun[int(label)].append(int(at))
        members += begun.values()
    numbers_of = {at: number for number, rows in enumerate(members) for at in rows}
    return [numbers_of[at] for at in range(len(vectors))]


def b_cubed(groups: Sequence[int], labels: Sequence[str]) -> tuple[float, float, float]:
    """Precision, recall and F1, each question counting once."""
    both = Counter(zip(groups, labels, strict=True))
    by_group, by_label = Counter(groups), Counter(labels)
    pairs = list(zip(groups, labels, strict=True))
    precision = float(np.mean([both[one] / by_group[one[0]] for one in pairs]))
    recall = float(np.mean([both[one] / by_label[one[1]] for one in pairs]))
    return precision, recall, 2 * precision * recall / (precision + recall)


if __name__ == "__main__":
    main()
