"""What else answers our questions: texts for judges, and what their word changes (decision 0042).

    python -m benchmarks.judged_places --data FOLDER [--centres arduino …] [--limit N]
    … --work FOLDER                 also how many are answered rightly, by `manage.py evaluate`
    … --work FOLDER --pool FILE     instead writes the texts to judge

Printed for each help centre: how many questions have places beside their own that were judged to
answer (`also` in help_questions), how many places these are, and of how many questions that were
written so that nothing answers. With --work the same answers count twice, by the one place of each
question and by all. A pool holds what the bot would show from each of the first six passages, every
text of a question once, without gold or scores, in the order of a shuffle; `place` has the form of
`also`.
"""

import argparse
import json
import random
import zlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks import help_centres
from benchmarks.help_centres import Row
from benchmarks.managed import manage, workspace, written
from knowledge.extent import block_around
from tuning import placed_questions
from tuning.reading_examples import rows

READ = 6  # passages of a question that are read for a pool
RISK = 0.15
SEED = 7
CENTRES = (*help_centres.CALIBRATED, help_centres.KEPT_APART)


def counted(data: Path, name: str) -> str:
    texts = {row["doc_id"]: row["text"] for row in help_centres.articles(data, name)}
    asked = list(placed_questions.read(help_centres.QUESTIONS / f"{name}.jsonl", texts))
    more = [one for one in asked if one.also]
    return (
        f"{len(more)} of {len(asked)} questions have {sum(len(one.also) for one in more)} more "
        f"places; of those without an answer {sum(one.start is None for one in more)}"
    )


def right(data: Path, work: Path, name: str, limit: int | None) -> Iterator[str]:
    """By the one place that a question was written for, and by all; the answers are the same."""
    for said, judged in (("its own place", False), ("all places", True)):
        asked = list(help_centres.questions(data, name, judged=judged))[:limit]
        for line in _evaluated(work, name, asked, []).splitlines():
            if line.startswith("right"):
                yield f"by {said}: {line}"


def pool(data: Path, work: Path, name: str, limit: int | None) -> list[Row]:
    articles = {row["doc_id"]: row for row in help_centres.articles(data, name)}
    asked = list(help_centres.questions(data, name))[:limit]
    _evaluated(work, name, asked, ["--read", str(READ)])
    found = {row["id"]: row["evidence"] for row in rows(_results(work, name))}
    return [
        {
            "id": one["id"],
            "question": one["question"],
            "history": one["history"],
            "title": articles[place[0]]["title"],
            "text": articles[place[0]]["text"][place[1] : place[2]],
            "place": place,
        }
        for one in asked
        for place in shown_places(found.get(one["id"], []), articles)
    ]


def shown_places(evidence: Sequence[Row], articles: Mapping[str, Row]) -> list[list[Any]]:
    """Of a row of evaluate's results: what would be shown from each passage that was read, once.

    The first passage's place is that of what is shown already, the others' that of the words alone.
    """
    places = {}
    for rank, one in enumerate(evidence[:READ]):
        start, end = one["answer_start"], one["answer_end"]
        if start is None or end <= start:
            continue
        text = articles[one["doc_id"]]["text"]
        if rank:
            start, end = block_around(text, start, end)
        digest = zlib.crc32(text[start:end].encode())
        places[one["doc_id"], start, end] = [one["doc_id"], start, end, digest]
    return list(places.values())


def _evaluated(work: Path, name: str, asked: Sequence[Row], extra: Sequence[str]) -> str:
    path = written(work / name / "judged.jsonl", asked)
    options = ["--workspace", name, "--risk", str(RISK), *extra]
    return manage(work, "evaluate", path, *options, "--out", str(_results(work, name)))


def _results(work: Path, name: str) -> Path:
    return (work / name / "judged.results.jsonl").resolve()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path)
    parser.add_argument("--centres", nargs="+", choices=CENTRES, default=CENTRES)
    parser.add_argument("--pool", type=Path)
    parser.add_argument("--limit", type=int, help="ask the first questions of each centre only")
    given = parser.parse_args()
    if given.pool and not given.work:
        parser.error("--pool needs --work")
    texts: list[Row] = []
    for name in given.centres:
        print(f"{name}: {counted(given.data, name)}", flush=True)
        if given.work:
            workspace(given.work, name, help_centres.articles(given.data, name))
        if given.pool:
            texts += pool(given.data, given.work, name, given.limit)
        elif given.work:
            for line in right(given.data, given.work, name, given.limit):
                print(f"{name}, {line}", flush=True)
    if given.pool:
        random.Random(SEED).shuffle(texts)
        given.pool.write_text(
            "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in texts), encoding="utf-8"
        )
        print(f"{len(texts)} texts in {given.pool}")


if __name__ == "__main__":
    main()
