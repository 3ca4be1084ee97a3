"""How well a reader reads, apart from everything else: SQuAD 2.0, and Doc2Dial in the right page.

    python -m benchmarks.reading_quality --data FOLDER [--readers models/reader …] [--limit N]

squad2: the tune part's questions, each with its paragraph; F1 as SQuAD 2.0 counts it (no answer is
right where there is none). The margin from which an answer counts is chosen on one half of the
paragraphs and applied to the other, both ways. doc2dial: turns about pages that no reader was
trained on, with the whole dialogue; every passage of the right page is read, the best margin
answers, F1 of words with the grounding. help: our own questions about four help centres that no
reader was trained on, with every passage of the article that answers, or looks as if it did; the
chance that the best margin of an answerable one lies above that of one without an answer, too.
Several readers are compared on the same questions.
Intervals: 1,000 bootstrap samples of paragraphs or pages.
"""

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tqdm import tqdm

from benchmarks import help_centres
from inference.reader import MAX_PASSAGES, Reader, ReaderPassage, Reading, question_with_history
from knowledge.passages import cut
from learning.matching import token_f1
from learning.metrics import Estimate, Metric, estimates
from tuning.reading_examples import held_out_pages, rows


@dataclass(frozen=True)
class Read:
    """margin: of the best span over no answer. f1: of its words with gold, 0 without gold."""

    group: str
    answerable: bool
    margin: float
    f1: float


def squad2(reader: Reader, data: Path, limit: int | None) -> list[Read]:
    contexts = {row["para"]: row for row in rows(data / "squad2" / "tune_contexts.jsonl")}
    found = []
    for row in tqdm(list(rows(data / "squad2" / "tune.jsonl"))[:limit], disable=None):
        context = contexts[row["para"]]
        title = str(context["title"]).replace("_", " ")
        text = str(context["context"])
        (reading,) = reader.read(row["question"], [ReaderPassage(title, (), text)])
        answers = [answer for answer, _ in row["answers"]]
        f1 = 0.0 if row["no_answer"] else token_f1(_words(text, reading), answers)
        found.append(Read(row["para"], not row["no_answer"], _margin(reading), f1))
    return found


def doc2dial(reader: Reader, data: Path, limit: int | None) -> list[Read]:
    titles = set(held_out_pages(data))
    pages = {
        row["doc_id"]: row
        for row in rows(data / "doc2dial" / "docs.jsonl")
        if row["title"] in titles
    }
    turns = [
        row
        for row in rows(data / "doc2dial" / "turns.jsonl")
        if row["doc_id"] in pages and row["query_role"] == "user"
    ]
    found = []
    for row in tqdm(turns[:limit], disable=None):
        page = pages[row["doc_id"]]
        text, title = str(page["text"]), str(page["title"])
        passages = [
            ReaderPassage(title, one.heading_path, text[one.start : one.end]) for one in cut(text)
        ]
        question = question_with_history(row["query"], row["history"])
        readings = reader.read(question, passages)
        best = max(range(len(readings)), key=lambda at: _margin(readings[at]))
        words = _words(passages[best].text, readings[best])
        f1 = token_f1(words, [text[row["answer_start"] : row["answer_end"]]])
        found.append(Read(title, True, _margin(readings[best]), f1))
    return found


def help_articles(reader: Reader, data: Path, limit: int | None) -> list[Read]:
    found = []
    for name in (*help_centres.CALIBRATED, help_centres.KEPT_APART):
        articles = {row["doc_id"]: row for row in help_centres.articles(data, name)}
        asked = list(help_centres.questions(data, name))[:limit]
        for row in tqdm(asked, desc=name, disable=None):
            article = articles[row["doc_id"]]
            text, title = str(article["text"]), str(article["title"])
            passages = [
                ReaderPassage(title, one.heading_path, text[one.start : one.end])
                for one in cut(text)[:MAX_PASSAGES]
            ]
            question = question_with_history(row["question"], row["history"])
            readings = reader.read(question, passages)
            best = max(range(len(readings)), key=lambda at: _margin(readings[at]))
            f1 = token_f1(_words(passages[best].text, readings[best]), row["answers"] or [""])
            found.append(Read(row["doc_id"], row["answerable"], _margin(readings[best]), f1))
    return found


def _margin(reading: Reading) -> float:
    return reading.span_score - reading.no_answer_score


def _words(text: str, reading: Reading) -> str:
    return text[reading.start or 0 : reading.end or 0]


def squad2_table(found: Sequence[Read]) -> dict[str, Estimate]:
    groups = [one.group for one in found]
    answerable = np.array([one.answerable for one in found])
    margins = np.array([one.margin for one in found])
    f1 = np.array([one.f1 for one in found])
    half = np.array([sum(map(ord, group)) % 2 for group in groups])
    given = np.zeros(len(found), dtype=np.bool_)
    for number in (0, 1):
        given[half == number] = margins[half == number] > _cut_off(
            margins[half != number], np.where(answerable, f1, 0.0)[half != number],
            answerable[half != number],
        )  # fmt: skip
    score = np.where(given, np.where(answerable, f1, 0.0), (~answerable).astype(float))
    everything = np.ones(len(found), dtype=np.bool_)
    return estimates(
        {
            "F1": Metric(lambda at: float(score[at].mean()), everything),
            "F1 of answerable, answered": Metric(lambda at: float(f1[at].mean()), answerable),
            "unanswerable recognised": Metric(lambda at: float((~given[at]).mean()), ~answerable),
        },
        groups,
    )


def _cut_off(margins: np.ndarray, f1: np.ndarray, answerable: np.ndarray) -> float:
    """The margin above which answering gives the best mean F1."""
    order = np.argsort(-margins)
    gained = np.cumsum(f1[order]) + (~answerable).sum() - np.cumsum(~answerable[order])
    return float(margins[order[int(np.argmax(gained))]]) - 1e-6


def doc2dial_table(found: Sequence[Read]) -> dict[str, Estimate]:
    f1 = np.array([one.f1 for one in found])
    everything = np.ones(len(found), dtype=np.bool_)
    metric = Metric(lambda at: float(f1[at].mean()), everything)
    return estimates({"span F1 in the right page": metric}, [one.group for one in found])


def help_table(found: Sequence[Read]) -> dict[str, Estimate]:
    f1 = np.array([one.f1 for one in found])
    margins = np.array([one.margin for one in found])
    answerable = np.array([one.answerable for one in found])
    everything = np.ones(len(found), dtype=np.bool_)

    def told_apart(at: np.ndarray) -> float:
        with_answer, without = margins[at][answerable[at]], margins[at][~answerable[at]]
        above = (with_answer[:, None] > without[None, :]).mean() if without.size else np.nan
        return float(above)

    metrics = {
        "F1 in the right article": Metric(lambda at: float(f1[at].mean()), answerable),
        "answerable told apart": Metric(told_apart, everything),
    }
    return estimates(metrics, [one.group for one in found])


SETS: dict[
    str,
    tuple[
        Callable[[Reader, Path, int | None], list[Read]],
        Callable[[Sequence[Read]], dict[str, Estimate]],
    ],
] = {
    "squad2": (squad2, squad2_table),
    "doc2dial": (doc2dial, doc2dial_table),
    "help": (help_articles, help_table),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--readers", type=Path, nargs="+", default=[Path("models/reader")])
    parser.add_argument("--limit", type=int)
    given = parser.parse_args()
    print("python -m benchmarks.reading_quality", " ".join(sys.argv[1:]), flush=True)
    for folder in given.readers:
        reader = Reader(folder)
        for name, (read, table) in SETS.items():
            found = read(reader, given.data, given.limit)
            for metric, one in table(found).items():
                print(
                    f"{folder}  {name:<9}{metric:<27}{one.value:.3f} "
                    f"[{one.low:.3f}, {one.high:.3f}]  {one.count} questions",
                    flush=True,
                )


if __name__ == "__main__":
    main()
