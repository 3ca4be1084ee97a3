"""How well a reader reads, apart from everything else: SQuAD 2.0, Doc2Dial and help articles.

    python -m benchmarks.reading_quality --data FOLDER [--readers models/reader …] [--limit N]
        [--sets squad2 doc2dial help]

squad2: the tune part's questions, each with its paragraph; F1 as SQuAD 2.0 counts it (no answer is
right where there is none). The margin from which an answer counts is chosen on one half of the
paragraphs and applied to the other, both ways. doc2dial: turns about pages that no reader was
trained on, with the whole dialogue; every passage of the right page is read, the best margin
answers, F1 of words with the grounding. help: our own questions about four help centres that no
reader was trained on, with every passage of the article that answers, or looks as if it did, by
help centre, too; and the chance that the best margin of an answerable one lies above that of one
without an answer. Of pages and articles also the F1 of what would be shown, the sentences, list or
table around the span, and of the best span of the best passage, as if that one was known.
Several readers are asked the same; what each has more than the first is printed after its figures,
paired (benchmarks.reading_figures).
"""

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from tqdm import tqdm

from benchmarks import help_centres
from benchmarks.reading_figures import (
    Metrics,
    Read,
    differences,
    figures,
    help_metrics,
    page_metrics,
    squad2_metrics,
)
from inference.reader import MAX_PASSAGES, Reader, ReaderPassage, Reading, question_with_history
from knowledge.extent import block_around
from knowledge.passages import cut
from learning.matching import token_f1
from tuning.reading_examples import held_out_pages, rows


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
        question = question_with_history(row["query"], row["history"])
        gold = [text[row["answer_start"] : row["answer_end"]]]
        found.append(Read(title, True, *in_page(reader, question, (title, text), gold)))
    return found


def help_articles(reader: Reader, data: Path, limit: int | None) -> list[Read]:
    found = []
    for name in (*help_centres.CALIBRATED, help_centres.KEPT_APART):
        articles = {row["doc_id"]: row for row in help_centres.articles(data, name)}
        asked = list(help_centres.questions(data, name))[:limit]
        for row in tqdm(asked, desc=name, disable=None):
            article = articles[row["doc_id"]]
            page = str(article["title"]), str(article["text"])
            question = question_with_history(row["question"], row["history"])
            read = in_page(reader, question, page, row["answers"])
            found.append(Read(row["doc_id"], row["answerable"], *read, part=name))
    return found


def in_page(
    reader: Reader, question: str, page: tuple[str, str], gold: Sequence[str]
) -> tuple[float, float, float, float]:
    """margin, f1, shown_f1 and known_f1 of a page, (title, text), as Read has them."""
    title, text = page
    passages = cut(text)[:MAX_PASSAGES]
    readings = reader.read(
        question,
        [ReaderPassage(title, one.heading_path, text[one.start : one.end]) for one in passages],
    )
    words = [
        _words(text[one.start : one.end], reading)
        for one, reading in zip(passages, readings, strict=True)
    ]
    best = max(range(len(readings)), key=lambda at: _margin(readings[at]))
    shown = ""
    if words[best]:
        start = passages[best].start + (readings[best].start or 0)
        shown = text[slice(*block_around(text, start, start + len(words[best])))]
    scores = [token_f1(one, gold) for one in words]
    return _margin(readings[best]), scores[best], token_f1(shown, gold), max(scores)


def _margin(reading: Reading) -> float:
    return reading.span_score - reading.no_answer_score


def _words(text: str, reading: Reading) -> str:
    return text[reading.start or 0 : reading.end or 0]


SETS: dict[str, tuple[Callable[[Reader, Path, int | None], list[Read]], Metrics]] = {
    "squad2": (squad2, squad2_metrics),
    "doc2dial": (doc2dial, page_metrics),
    "help": (help_articles, help_metrics),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--readers", type=Path, nargs="+", default=[Path("models/reader")])
    parser.add_argument("--sets", nargs="+", choices=SETS, default=list(SETS))
    parser.add_argument("--limit", type=int, help="questions of each set; of each help centre")
    given = parser.parse_args()
    print("python -m benchmarks.reading_quality", " ".join(sys.argv[1:]), flush=True)
    firsts: dict[str, list[Read]] = {}
    for folder in given.readers:
        reader = Reader(folder)
        for name in given.sets:
            read, metrics = SETS[name]
            found = read(reader, given.data, given.limit)
            first = firsts.setdefault(name, found)
            for line in _lines(metrics, found, first):
                print(f"{folder}  {name:<9}{line}", flush=True)


def _lines(metrics: Metrics, found: Sequence[Read], first: Sequence[Read]) -> list[str]:
    """Of each figure; of another reader than the first also what it has more."""
    more = {} if found is first else differences(metrics, found, first)
    lines = []
    for name, one in figures(metrics, found).items():
        line = f"{name:<31}{one.value:.3f} [{one.low:.3f}, {one.high:.3f}]"
        if name in more:
            far = more[name]
            line += f"  {far.value:+.3f} [{far.low:+.3f}, {far.high:+.3f}]"
        lines.append(f"{line}  {one.count} questions")
    return lines


if __name__ == "__main__":
    main()
