"""How often a kept answer is given again, and how often to somebody who asked something else.

    python -m benchmarks.cache_quality --data DATA [--write MODELS]

Same and other questions: the labelled pairs of haptik_open (short messages, near ones; other
pairs are drawn down to as many as the same), and stackfaq_paraphrases, where each paraphrase looks
for its question among all, once with and once without it. Thresholds of the cosine are the
stricter one of both sets, chosen on one half of the groups by inference.learn_then_test. The
reader's bound is what KEPT of the paraphrases of help_paraphrases.jsonl keep, on one half of them.
All figures are of the other halves, with Wilson's 95% intervals.
"""

import argparse
import hashlib
import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.help_centres import QUESTIONS, articles
from chatbot.escalation.cache_calibration import FILE, FOLDER, KIND
from chatbot.escalation.cache_reading import gain
from chatbot.escalation.likeness import differ
from inference.embedder import Embedder
from inference.learn_then_test import threshold
from inference.reader import Reader
from knowledge.passages import cut
from learning.intervals import wilson
from tuning import placed_questions
from tuning.artefact import write_manifest
from tuning.fit_calibration import RISKS
from tuning.reading_examples import rows

PARAPHRASES = Path(__file__).parent / "help_paraphrases.jsonl"
CENTRES = ("plausible", "logingov")
KEPT = 0.9  # of the questions that ask the same, the share that the reader's bound lets through
APART = -1.0  # a cosine for questions that a number, a code or a denial sets apart
Pair = tuple[str, str, bool, str]  # cached, asked, whether they ask the same, group


@dataclass(frozen=True)
class Pairs:
    """cosine: (N,), APART where facts differ; same: (N,) of 0 and 1; groups: (N,) names."""

    cosine: NDArray[np.float64]
    same: NDArray[np.float64]
    groups: NDArray[Any]


@dataclass(frozen=True)
class Case:
    """An entry, and what is asked then. gain: as the reader says."""

    id: str
    kind: str  # same, near or other
    plain: float
    cosine: float
    gain: float


def half(name: str) -> int:
    return hashlib.sha256(name.encode()).digest()[0] % 2


def haptik(data: Path, which: int) -> list[Pair]:
    """Pairs whose messages both lie in the half; as many of other meaning as of the same."""
    found = {}
    for row in rows(data / "haptik_open" / "short_text_similarity_train.jsonl"):
        one, other = row["sentence1"], row["sentence2"]
        if one != other and half(one) == half(other) == which:
            found[one, other] = row["label"] == "1"
    same = [(*pair, True, pair[0]) for pair, label in found.items() if label]
    others = [(*pair, False, pair[0]) for pair, label in found.items() if not label]
    others.sort(key=lambda pair: hashlib.sha256("|".join(pair[:2]).encode()).digest())
    return [*same, *others[: len(same)]]


def stackfaq(data: Path, which: int, vector: "Vectors") -> Iterator[Pair]:
    """The nearest question of the half, and the nearest one where its own is not there."""
    found = list(rows(data / "stackfaq_paraphrases" / "stackfaq.jsonl"))
    cached = [one for one in dict.fromkeys(row["faq"] for row in found) if half(one) == which]
    table = np.stack([vector(one) for one in cached])
    for row in found:
        own, asked = row["faq"], row["paraphrase"]
        if own not in cached or asked == own:
            continue
        near = table @ vector(asked)
        best = cached[int(near.argmax())]
        yield best, asked, best == own, own
        near[cached.index(own)] = APART
        yield cached[int(near.argmax())], asked, False, own


class Vectors:
    """Each text is embedded once."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._known: dict[str, NDArray[np.float32]] = {}

    def __call__(self, text: str) -> NDArray[np.float32]:
        if text not in self._known:
            self._known[text] = self._embedder.encode([text.strip()])[0]
        return self._known[text]

    def cosine(self, one: str, other: str) -> float:
        return float(self(one) @ self(other))


def compared(pairs: Iterable[Pair], vector: Vectors) -> Pairs:
    found = list(pairs)
    cosines = [
        APART if differ(one, other) else vector.cosine(one, other) for one, other, *_ in found
    ]
    return Pairs(
        np.array(cosines),
        np.array([float(same) for _, _, same, _ in found]),
        np.array([group for *_, group in found]),
    )


def cases(data: Path, vector: Vectors, reader: Reader) -> Iterator[Case]:
    """Of each question with a paraphrase: that, a near miss of it, and the nearest other one."""
    written = {row["id"]: row for row in rows(PARAPHRASES)}
    for centre in CENTRES:
        pages = {row["doc_id"]: row for row in articles(data, centre)}
        texts = {name: row["text"] for name, row in pages.items()}
        every = placed_questions.read(QUESTIONS / f"{centre}.jsonl", texts)
        alone = [one for one in every if one.start is not None and not one.history]
        for one in alone:
            if one.id not in written:
                continue
            others = [row.question for row in alone if row.id != one.id]
            asked = {
                "same": written[one.id]["same"],
                "near": written[one.id]["near"],
                "other": max(others, key=lambda text: vector.cosine(one.question, text)),
            }
            evidence = passages(pages[one.doc_id], one)
            for kind, text in asked.items():
                plain = vector.cosine(one.question, text)
                cosine = APART if differ(one.question, text) else plain
                yield Case(one.id, kind, plain, cosine, gain(reader, one.question, text, evidence))


def passages(
    page: Mapping[str, Any], asked: placed_questions.PlacedQuestion
) -> list[dict[str, Any]]:
    """Of the article, those that the answer stands in."""
    assert asked.start is not None and asked.end is not None
    return [
        {
            "title": page["title"],
            "heading_path": list(one.heading_path),
            "text": page["text"][one.start : one.end],
        }
        for one in cut(page["text"])
        if one.start < asked.end and one.end > asked.start
    ]


def chosen(sets: Sequence[Pairs], read: Sequence[Case]) -> dict[str, dict[str, float] | None]:
    """Risk → thresholds, None where no cosine keeps it in both sets."""
    gains = sorted(one.gain for one in read if one.kind == "same")
    bound = math.floor(1e4 * gains[int((1 - KEPT) * len(gains))]) / 1e4
    found: dict[str, dict[str, float] | None] = {}
    for risk in RISKS:
        levels = [threshold(one.cosine, one.same, risk, groups=one.groups) for one in sets]
        if any(level is None for level in levels):
            found[str(risk)] = None
            continue
        strictest = max(level for level in levels if level is not None)
        found[str(risk)] = {"cosine": math.ceil(1e4 * strictest) / 1e4, "gain": bound}
    return found


def share(mask: NDArray[np.bool_]) -> str:
    count, of = int(mask.sum()), len(mask)
    interval = wilson(count, of)
    return f"{count / of:.3f} [{interval[0]:.3f}, {interval[1]:.3f}]" if interval else "-"


def of_pairs(name: str, pairs: Pairs, thresholds: Mapping[str, Any]) -> Iterator[str]:
    same, others = int(pairs.same.sum()), int((1 - pairs.same).sum())
    yield f"| {name} | cosine | hits, same ({same}) | false hits, other ({others}) | wrong hits |"
    yield "|---|---|---|---|---|"
    for risk, level in thresholds.items():
        if level is None:
            yield f"| risk {risk} | none | 0 | 0 | - |"
            continue
        hit = pairs.cosine >= level["cosine"]
        asked = pairs.same == 1
        cells = " | ".join(map(share, (hit[asked], hit[~asked], ~asked[hit])))
        yield f"| risk {risk} | {level['cosine']} | {cells} |"


def of_cases(read: Sequence[Case], thresholds: Mapping[str, Any]) -> Iterator[str]:
    yield "| risk | asked | count | cosine alone | and facts | and the reader |"
    yield "|---|---|---|---|---|---|"
    for risk, level in thresholds.items():
        if level is None:
            continue
        for kind in ("same", "near", "other"):
            mine = [one for one in read if one.kind == kind]
            plain = np.array([one.plain >= level["cosine"] for one in mine])
            facts = np.array([one.cosine >= level["cosine"] for one in mine])
            whole = facts & np.array([one.gain >= level["gain"] for one in mine])
            cells = " | ".join(map(share, (plain, facts, whole)))
            yield f"| {risk} | {kind} | {len(mine)} | {cells} |"


def write(thresholds: Mapping[str, Any], models: Path, marks: Mapping[str, str]) -> None:
    folder = models / FOLDER
    folder.mkdir(exist_ok=True)
    text = json.dumps({"thresholds": thresholds, "models": marks}, indent=1) + "\n"
    (folder / FILE).write_text(text, encoding="utf-8")
    write_manifest(folder, kind=KIND, name=KIND, settings={})


def main() -> None:
    parser = argparse.ArgumentParser(description="Thresholds of the cache of checked answers.")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--models", type=Path, default=Path("models"))
    parser.add_argument("--write", type=Path, help="a models folder, for exactly these models")
    given = parser.parse_args()
    embedder, reader = Embedder(given.models / "embedder"), Reader(given.models / "reader")
    vector = Vectors(embedder)
    halves = [
        (
            compared(haptik(given.data, which), vector),
            compared(stackfaq(given.data, which, vector), vector),
        )
        for which in (0, 1)
    ]
    read = list(cases(given.data, vector, reader))
    thresholds = chosen(halves[0], [one for one in read if half(one.id) == 0])
    for name, pairs in zip(("haptik_open", "stackfaq"), halves[1], strict=True):
        print("\n".join([*of_pairs(name, pairs, thresholds), ""]))
    print("\n".join(of_cases([one for one in read if half(one.id) == 1], thresholds)))
    print(f"\nthe reader's bound: {[level for level in thresholds.values() if level][:1]}")
    if given.write:
        marks = {"embedder": embedder.fingerprint, "reader": reader.fingerprint}
        write(thresholds, given.write, marks)


if __name__ == "__main__":
    main()
