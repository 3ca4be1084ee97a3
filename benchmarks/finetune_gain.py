"""What a training on a workspace's own questions gains, on four knowledge bases.

    .venv-tuning/bin/python -m benchmarks.finetune_gain --data FOLDER --work FOLDER
        [--sets policyqa …] [--questions 400] [--minutes 30] [--parts ranker calibration …]

For each set: a workspace in a private database under the work folder, its articles, its golden
questions, and `manage.py finetune`, whose figures are printed: paired differences with 95%
intervals, on questions that the version did not learn from.

arduino: a real help centre of 414 articles, with 207 questions of our own, of which it answers 165
(benchmarks.help_centres). policyqa: privacy policies of 20 companies; the company is named in the
dialogue. covid_qa: questions on scientific articles. doc2dial: dialogues over the public-service
pages that embedder and reader were not trained on (the shipped rankers and the calibration were:
they have less to gain). Questions of one paragraph, article or page are one group.
"""

import argparse
import hashlib
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from benchmarks import help_centres, make_eval_sets
from benchmarks.managed import manage, workspace, written
from tuning.reading_examples import rows

PARTS = ("ranker", "calibration", "embedder", "reader")  # of learning.finetuning
Row = dict[str, Any]


def policyqa(data: Path) -> tuple[list[Row], list[Row]]:
    """Articles and questions. A policy's paragraphs, in the order of the file, are its article."""
    texts: dict[str, str] = {}
    places: dict[tuple[str, str], int] = {}
    questions = []
    for row in rows(data / "policyqa" / "dev.jsonl"):
        title, context = str(row["title"]), str(row["context"])
        if (title, context) not in places:
            before = texts.get(title, "")
            texts[title] = f"{before}\n\n{context}" if before else context
            places[title, context] = len(texts[title]) - len(context)
        answer, at = row["answers"][0]
        start = places[title, context] + at
        questions.append(
            {
                "id": row["id"],
                "question": row["question"],
                "history": [["visitor", f"I read the privacy policy of {title}."]],
                "doc_id": title,
                "spans": [[title, start, start + len(answer)]],
                "answers": [answer],
                "group": hashlib.sha256(f"{title} {context}".encode()).hexdigest()[:12],
            }
        )
    return [{"doc_id": k, "title": k, "text": v} for k, v in texts.items()], questions


def covid_qa(data: Path) -> tuple[list[Row], list[Row]]:
    articles = {
        str(row["para"]): {
            "doc_id": str(row["para"]),
            "title": str(row["title"])[:200],
            "text": row["context"],
        }
        for row in rows(data / "covid_qa" / "contexts.jsonl")
    }
    questions = []
    for row in rows(data / "covid_qa" / "covid_qa_200423.jsonl"):
        key, answers = str(row["para"]), row["answers"]
        spans = [[key, at, at + len(text)] for text, at in answers]
        texts = [text for text, _ in answers]
        one = {"id": row["id"], "question": row["question"], "doc_id": key, "group": key}
        questions.append({**one, "spans": spans, "answers": texts})
    return list(articles.values()), questions


def doc2dial(data: Path) -> tuple[list[Row], list[Row]]:
    asked = [row for row in make_eval_sets.doc2dial_questions(data) if row["held_out"]]
    return make_eval_sets.doc2dial_articles(data), asked


def arduino(data: Path) -> tuple[list[Row], list[Row]]:
    name = help_centres.KEPT_APART
    return help_centres.articles(data, name), list(help_centres.questions(data, name))


SETS = {"arduino": arduino, "policyqa": policyqa, "covid_qa": covid_qa, "doc2dial": doc2dial}


def drawn(questions: Sequence[Row], count: int) -> Iterator[Row]:
    """By a digest of the id: the same ones each time, whatever the order of the file."""
    ordered = sorted(questions, key=lambda row: hashlib.sha256(str(row["id"]).encode()).digest())
    yield from ordered[:count]


def gain(name: str, given: argparse.Namespace) -> str:
    """The lines of `manage.py finetune` after its progress."""
    work: Path = given.work
    articles, questions = SETS[name](given.data)
    slug = name.replace("_", "-")
    folder = work / slug
    workspace(work, slug, articles)
    asked = written(folder / "golden.jsonl", list(drawn(questions, given.questions)))
    manage(work, "golden", "import", asked, "--workspace", slug, "--replace")
    options = ["--minutes", str(given.minutes), "--work", str(folder / "run"), "--parts"]
    said = manage(work, "finetune", "--workspace", slug, *options, *given.parts)
    return "\n".join(line for line in said.splitlines() if not line.endswith("%"))


def main() -> None:
    parser = argparse.ArgumentParser(description="What fine-tuning gains.")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--sets", nargs="+", choices=SETS, default=list(SETS))
    parser.add_argument("--questions", type=int, default=400)
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS))
    given = parser.parse_args()
    for name in given.sets:
        print(f"{name}, {given.questions} golden questions at most", flush=True)
        began = time.monotonic()
        print(gain(name, given), flush=True)
        print(f"{(time.monotonic() - began) / 60:.1f} minutes in all", flush=True)


if __name__ == "__main__":
    main()
