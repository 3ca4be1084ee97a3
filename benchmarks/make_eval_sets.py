"""Knowledge bases and labelled questions for `manage.py evaluate`, from public data sets.

    python -m benchmarks.make_eval_sets --data FOLDER --out FOLDER

doc2dial: dialogues over public-service pages; where variants of a page hold the same words, each
place is gold. `held_out` marks the pages that the reader was not trained on
(tuning.reading_examples draws them); the same rows stand alone in doc2dial_held_out.eval.jsonl.
squad2: questions on Wikipedia articles that the reader was not trained on, with as many that the
article does not answer, among the articles of the training part. dstc11: what guests ask about
hotels and restaurants; a place's answers, without their questions, are its article, and the place
is named in the dialogue. medquad: one question about each of some illnesses, whose answer is a
one-sentence section of a page with several. The places and illnesses asked about are those that
nothing was trained on (tuning.retrieval_pairs.held_out_group); the others are distractors.
sendgrid, plausible, logingov, arduino: real help centres with questions of our own, some of which
they don't answer (benchmarks.help_centres). outside: for each knowledge base, questions that it
holds nothing about.

`group` is what questions have in common: the page's title, or the paragraph where there are too
few titles to draw from. The same data give the same files.
"""

import argparse
import gzip
import json
import random
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks import help_centres
from tuning.reading_examples import held_out_pages, rows
from tuning.retrieval_pairs import held_out_group

SEED = 11
PLACES = 600  # questions about places
ILLNESSES, SECTIONS, SHORT = 400, 3, 350  # pages; sections at least; characters of an answer
EACH = 200  # questions that another set lends to `outside`
BETWEEN = "\n\n"  # paragraphs of an article

Row = dict[str, Any]


def doc2dial_articles(data: Path) -> list[Row]:
    return [
        {"doc_id": row["doc_id"], "title": row["title"], "text": row["text"]}
        for row in rows(data / "doc2dial" / "docs.jsonl")
    ]


def doc2dial_questions(data: Path) -> Iterator[Row]:
    """What a user said, with the dialogue before it and where the agent's answer stands."""
    pages = {row["doc_id"]: row for row in doc2dial_articles(data)}
    held_out = set(held_out_pages(data))
    roles = {"user": "visitor", "agent": "bot"}
    for row in rows(data / "doc2dial" / "turns.jsonl"):
        if row["query_role"] != "user":
            continue
        title = pages[row["doc_id"]]["title"]
        place = (row["doc_id"], row["answer_start"], row["answer_end"])
        yield {
            "id": row["id"],
            "question": row["query"],
            "history": [[roles[role], text] for role, text in row["history"]],
            "doc_id": row["doc_id"],
            "spans": [list(place), *_in_variants(pages, place)],
            "answers": [row["answer_text"].strip()],
            "answerable": True,
            "group": title,
            "held_out": title in held_out,
        }


def _in_variants(pages: Mapping[str, Row], place: tuple[str, int, int]) -> Iterator[list[Any]]:
    """The same words in variants of the page, which have its title."""
    doc_id, start, end = place
    words = pages[doc_id]["text"][start:end]
    for other, page in pages.items():
        at = page["text"].find(words)
        if other != doc_id and page["title"] == pages[doc_id]["title"] and at >= 0:
            yield [other, at, at + len(words)]


def squad2_articles(data: Path) -> tuple[list[Row], dict[str, tuple[str, int]]]:
    """One article for each title; and for each paragraph its article and where it begins."""
    texts: dict[str, str] = {}
    places: dict[str, tuple[str, int]] = {}
    for part in ("tune_contexts.jsonl", "train_contexts.jsonl"):
        for row in rows(data / "squad2" / part):
            before = texts[row["title"]] + BETWEEN if row["title"] in texts else ""
            places[row["para"]] = (row["title"], len(before))
            texts[row["title"]] = before + row["context"]
    articles = [
        {"doc_id": title, "title": title.replace("_", " "), "text": text}
        for title, text in texts.items()
    ]
    return articles, places


def squad2_questions(data: Path, places: dict[str, tuple[str, int]]) -> Iterator[Row]:
    for row in rows(data / "squad2" / "tune.jsonl"):
        doc_id, first = places[row["para"]]
        answerable = not row["no_answer"]
        spans = {(first + at, first + at + len(text)) for text, at in row["answers"]}
        yield {
            "id": row["id"],
            "question": row["question"],
            "doc_id": doc_id,
            "spans": [[doc_id, start, end] for start, end in sorted(spans)] if answerable else [],
            "answers": [text for text, _ in row["answers"]] if answerable else [],
            "answerable": answerable,
            "group": row["para"],
        }


def dstc11_articles(data: Path) -> tuple[list[Row], list[Row]]:
    """One article a place, of its answers alone; and its questions with where the answer stands."""
    texts: dict[str, str] = {}
    asked: list[Row] = []
    for row in rows(data / "dstc11_track5" / "knowledge.jsonl"):
        if row["type"] != "faq":
            continue
        doc_id = f"{row['domain']}: {row['entity']}"
        before = texts[doc_id] + BETWEEN if doc_id in texts else ""
        texts[doc_id] = before + row["text"]
        if not held_out_group(doc_id):
            continue
        asked.append(
            {
                "id": row["id"],
                "question": row["question"],
                "history": [["visitor", f"I have a question about {row['entity'].title()}."]],
                "doc_id": doc_id,
                "spans": [[doc_id, len(before), len(before) + len(row["text"])]],
                "answers": [row["text"]],
                "answerable": True,
                "group": doc_id,
            }
        )
    articles = [
        {"doc_id": doc_id, "title": doc_id.split(": ", 1)[1].title(), "text": text}
        for doc_id, text in texts.items()
    ]
    return articles, random.Random(SEED).sample(asked, min(PLACES, len(asked)))


def medquad_articles(data: Path) -> tuple[list[Row], list[Row]]:
    """Pages of three sections or more, and one question a page; its section is the answer."""
    pages: dict[str, list[Row]] = {}
    with gzip.open(
        data / "medquad" / "medquad_with_answers.jsonl.gz", "rt", encoding="utf-8"
    ) as file:
        for line in file:
            row = json.loads(line)
            pages.setdefault(f"{row['src']}: {row['focus']}", []).append(row)
    several = sorted(key for key, found in pages.items() if len(found) >= SECTIONS)
    articles, asked = [], []
    random.Random(SEED).shuffle(several)
    several.sort(key=lambda key: not held_out_group(key))
    for doc_id in several[:ILLNESSES]:
        text, places = "", []
        for row in pages[doc_id]:
            text += f"## {row['qtype'].capitalize()}\n\n"
            places.append((row, len(text), len(text) + len(row["answer"])))
            text += row["answer"] + BETWEEN
        articles.append({"doc_id": doc_id, "title": doc_id.split(": ", 1)[1], "text": text})
        if not held_out_group(doc_id):
            continue
        short = [place for place in places if _one_sentence(place[0]["answer"])]
        for row, start, end in random.Random(SEED).sample(short, min(1, len(short))):
            asked.append(
                {
                    "id": f"{row['src']}: {row['id']}",
                    "question": row["question"],
                    "doc_id": doc_id,
                    "spans": [[doc_id, start, end]],
                    "answers": [row["answer"]],
                    "answerable": True,
                    "group": doc_id,
                }
            )
    return articles, asked


def _one_sentence(answer: str) -> bool:
    return len(answer) <= SHORT and not re.search(r"[.!?:]\s", answer.strip())


def outside(lent: Iterable[tuple[str, Sequence[str]]]) -> Iterator[Row]:
    """Questions of other sets, each set's drawn with one seed."""
    for name, questions in lent:
        several = sorted(set(questions))
        drawn = random.Random(SEED).sample(several, min(EACH, len(several)))
        for number, question in enumerate(drawn):
            yield {"id": f"{name}:{number}", "question": question, "answerable": False}


def _write(path: Path, written: Sequence[Row]) -> None:
    lines = [json.dumps(row, ensure_ascii=False) + "\n" for row in written]
    path.write_text("".join(lines), encoding="utf-8", newline="\n")
    kinds = Counter(
        "articles" if "text" in row else "answerable" if row["answerable"] else "unanswerable"
        for row in written
    )
    print(f"{path.name:<36}", ", ".join(f"{count} {kind}" for kind, count in kinds.items()))


def make(data: Path, out: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    dialogues = list(doc2dial_questions(data))
    articles, places = squad2_articles(data)
    asked = list(squad2_questions(data, places))
    out_of_scope = [
        row["text"]
        for row in rows(data / "clinc150" / "train_val.jsonl")
        if row["oos"] and row["split"] == "val"
    ]
    banking = [row["text"] for row in rows(data / "banking77" / "train.jsonl")]
    everywhere = [("clinc150", out_of_scope), ("banking77", banking)]
    encyclopedic = [row["question"] for row in asked if row["answerable"]]
    opening = [row["question"] for row in dialogues if not row["history"]]
    held_out = [row for row in dialogues if row["held_out"]]
    _write(out / "doc2dial.kb.jsonl", doc2dial_articles(data))
    _write(out / "doc2dial.eval.jsonl", dialogues)
    _write(out / "doc2dial_held_out.eval.jsonl", held_out)
    _write(out / "squad2.kb.jsonl", articles)
    _write(out / "squad2_tune.eval.jsonl", asked)
    answered = [row for row in asked if row["answerable"]]
    _write(out / "squad2_answerable.eval.jsonl", answered)
    pages, about_illnesses = medquad_articles(data)
    _write(out / "medquad.kb.jsonl", pages)
    _write(out / "medquad.eval.jsonl", about_illnesses)
    places_articles, places_asked = dstc11_articles(data)
    _write(out / "dstc11.kb.jsonl", places_articles)
    _write(out / "dstc11.eval.jsonl", places_asked)
    lent = [*everywhere, ("squad2", encyclopedic)]
    _write(out / "doc2dial_outside.eval.jsonl", list(outside(lent)))
    lent = [*everywhere, ("doc2dial", opening)]
    _write(out / "squad2_outside.eval.jsonl", list(outside(lent)))
    _write(out / "dstc11_outside.eval.jsonl", list(outside(lent)))
    _write(out / "medquad_outside.eval.jsonl", list(outside(lent)))
    for name in (*help_centres.CALIBRATED, help_centres.KEPT_APART):
        asked = list(help_centres.questions(data, name))
        _write(out / f"{name}.kb.jsonl", help_centres.articles(data, name))
        _write(out / f"{name}.eval.jsonl", asked)
        answered = [row for row in asked if row["answerable"]]
        _write(out / f"{name}_answerable.eval.jsonl", answered)
        _write(out / f"{name}_outside.eval.jsonl", list(outside(lent)))


def main() -> None:
    parser = argparse.ArgumentParser(description="Make evaluation sets from public data.")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args()
    make(given.data, given.out)


if __name__ == "__main__":
    main()
