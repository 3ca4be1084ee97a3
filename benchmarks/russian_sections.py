"""How far tier 1 goes in Russian: which sections it names, how sure it is, and how often rightly.

    python -m benchmarks.russian_sections DATA --observe FOLDER    # features, for the fit
    python -m benchmarks.russian_sections --fit FOLDER             # models/sections
    python -m benchmarks.russian_sections DATA                     # what the shipped one does

Microsoft's support in Russian (DATA/kb_ms_ru, 3,317 articles) in a PostgreSQL of its own, found by
words alone as in service, so no model is loaded. Observed: our own questions of
tuning/own_questions/ms_ru.jsonl, titles and headings with some words left out, and both again with
their article taken away. Measured: what none of that holds, by article: our own questions of
benchmarks/help_questions/ms_ru.jsonl, headings of other articles as they stand and with words left
out, all of these with their article taken away, and RuBQ's questions about the world. Right means:
the section of the right article, and for headings the right section. Intervals: Wilson's 95%.
"""

import argparse
import gzip
import json
import os
import random
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np

from benchmarks.help_centres import QUESTIONS
from benchmarks.six_workspaces import _share, headings
from config.local.private import temporary
from tuning import fit_calibration
from tuning.artefact import write_manifest
from tuning.own_examples import QUESTIONS as OBSERVED_QUESTIONS
from tuning.reading_examples import rows

MODELS = Path("models")
HEADINGS, OTHERS = 500, 200
LEFT_OUT = 0.3  # of a heading's words
SEED = 11
RISKS = (0.05, 0.1, 0.15, 0.2, 0.3)


@dataclass(frozen=True)
class Asked:
    """doc_id: the article that answers, None: nothing does. taken: that article is hidden."""

    kind: str
    question: str
    group: str
    doc_id: str | None
    heading: str = ""
    taken: bool = False


class NoVectors:
    """An embedder that is asked for nothing that counts: search is by words."""

    fingerprint = "none"
    max_tokens = 256

    def encode(self, texts: Sequence[str]) -> Any:
        vectors = np.zeros((len(texts), 384), np.float32)
        vectors[:, 0] = 1.0
        return vectors


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("data", type=Path, nargs="?")
    parser.add_argument("--observe", type=Path, metavar="FOLDER")
    parser.add_argument("--fit", type=Path, metavar="FOLDER")
    given = parser.parse_args()
    if given.fit:
        fit(given.fit)
        return
    if given.data is None:
        parser.error("say where the data are")
    with temporary() as services:
        os.environ.update(services.environment)
        os.environ |= {"FIRSTLINE_ENV_FILE": os.devnull}
        os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
        import django

        django.setup()
        workspace_id = _imported(given.data)
        if given.observe:
            observe(workspace_id, observed_questions(given.data), given.observe)
        else:
            report(workspace_id, measured_questions(given.data))


def _imported(data: Path) -> UUID:
    from django.core.management import call_command

    from console.provisioning import create_workspace
    from knowledge import embedding
    from knowledge.importing import import_path

    call_command("migrate", database="owner", verbosity=0)
    embedding.embedder = NoVectors  # type: ignore[assignment]  # a class makes one like a function
    workspace_id = create_workspace("ms-ru", name="ms-ru").workspace.id
    for path in sorted((data / "kb_ms_ru").glob("*.jsonl*")):
        made = import_path(workspace_id, path, name=path.name)
        print(f"{path.name}: {made.published:,} articles, {made.passages:,} passages", flush=True)
    return workspace_id


def measured_questions(data: Path) -> list[Asked]:
    own = [
        Asked("own words", row["question"], row["doc_id"], row["doc_id"])
        for row in rows(QUESTIONS / "ms_ru.jsonl")
    ]
    typed = [
        Asked("headings", one.question, str(one.doc_id), one.doc_id, one.question)
        for one in headings(data)
    ]
    others = list(rows(data / "rubq" / "rubq1_test.jsonl"))[::4][:OTHERS]
    return _with_taken([*own, *typed, *_shortened(typed)], others)


def observed_questions(data: Path) -> list[Asked]:
    """Of no article that is measured on."""
    held = {str(one.doc_id) for one in measured_questions(data)}
    own = [
        Asked("own words", row["question"], row["doc_id"], row["doc_id"])
        for row in rows(OBSERVED_QUESTIONS / "ms_ru.jsonl")
        if row["doc_id"] not in held
    ]
    titles = [one for one in _titles(data) if one.doc_id not in held]
    random.Random(SEED).shuffle(titles)
    return _with_taken([*own, *_shortened(titles[:HEADINGS])], ())


def _titles(data: Path) -> list[Asked]:
    """Titles and headings that only one article has, of four to fourteen words."""
    found: dict[str, list[str]] = {}
    for path in sorted((data / "kb_ms_ru").glob("*.jsonl*")):
        for row in _articles(path):
            for heading in {row["title"], *re.findall(r"^#{2,3} (.+)$", row["text"], re.M)}:
                found.setdefault(heading.strip(), []).append(row["doc_id"])
    return [
        Asked("headings", heading, ids[0], ids[0], heading)
        for heading, ids in sorted(found.items())
        if len(ids) == 1 and 4 <= len(heading.split()) <= 14
    ]


def _articles(path: Path) -> Iterator[dict[str, Any]]:
    if path.suffix != ".gz":
        yield from rows(path)
        return
    with gzip.open(path, "rt", encoding="utf-8", newline="\n") as file:
        yield from map(json.loads, file)


def _shortened(asked: Iterable[Asked]) -> Iterator[Asked]:
    """As somebody types who remembers some of the words."""
    chance = random.Random(SEED)
    for one in asked:
        words = one.heading.split()
        dropped = set(chance.sample(range(len(words)), max(1, round(LEFT_OUT * len(words)))))
        kept = [word for at, word in enumerate(words) if at not in dropped]
        yield Asked("headings in part", " ".join(kept), one.group, one.doc_id, one.heading)


def _with_taken(asked: Sequence[Asked], others: Iterable[dict[str, Any]]) -> list[Asked]:
    taken = [
        Asked(f"{one.kind}, article taken away", one.question, one.group, one.doc_id, taken=True)
        for one in asked
    ]
    world = [Asked("other worlds", row["question"], f"rubq-{row['uid']}", None) for row in others]
    return [*asked, *taken, *world]


def _named(workspace_id: UUID, one: Asked) -> tuple[dict[str, float], bool] | None:
    """What the calibration looks at, and whether the section is the right one."""
    from knowledge.retrieval import Filters, View, search
    from knowledge.sections import named

    found = search(
        workspace_id,
        views=[View(one.question, None)],
        filters=Filters(),
        k=30,
        model_version="none",
    )
    chosen = named(
        workspace_id,
        one.question,
        [row for row in found if not one.taken or row.doc_id != one.doc_id],
    )
    if chosen is None:
        return None
    same = chosen.candidate.doc_id == one.doc_id
    place = [chosen.candidate.title, *chosen.heading_path]
    return dict(chosen.seen), same and (not one.heading or one.heading in place)


def observe(workspace_id: UUID, asked: Sequence[Asked], folder: Path) -> None:
    """A file for each kind of question, in the form that tuning.fit_calibration reads."""
    folder.mkdir(parents=True, exist_ok=True)
    files: dict[str, list[str]] = {}
    for number, one in enumerate(asked):
        found = _named(workspace_id, one)
        row = {
            "id": str(number),
            "group": one.group,
            "question": one.question,
            "features": found[0] if found else {},
            "correct": bool(found and found[1]),
            "answerable": not one.taken and one.doc_id is not None,
        }
        files.setdefault(one.kind, []).append(json.dumps(row, ensure_ascii=False))
    for kind, lines in files.items():
        name = re.sub(r"\W+", "-", kind) + ".jsonl"
        (folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8")


def fit(folder: Path) -> None:
    observed = fit_calibration.load(sorted(folder.glob("*.jsonl")))
    fitted = fit_calibration.fit(observed)
    out = MODELS / "sections"
    out.mkdir(parents=True, exist_ok=True)
    text = json.dumps({**fitted, "models": {}}, indent=1) + "\n"
    (out / "calibration.json").write_text(text, encoding="utf-8")
    write_manifest(out, kind="calibration", name="sections", settings={})
    print(json.dumps(fit_calibration.report(observed, fitted), indent=1, ensure_ascii=False))


def report(workspace_id: UUID, asked: Sequence[Asked]) -> None:
    from inference.calibration import Calibration

    calibration = Calibration(MODELS / "sections")
    found: dict[str, list[tuple[float, bool]]] = {}
    for one in asked:
        row = _named(workspace_id, one)
        score = (calibration.confidence(row[0]), row[1]) if row else (0.0, False)
        found.setdefault(one.kind, []).append(score)
    for kind, scores in found.items():
        right = sum(is_right for _, is_right in scores)
        print(f"\n{kind}: {len(scores)} questions, right section {_share(right, len(scores))}")
        for risk in RISKS:
            at = calibration.threshold(risk)
            answered = [good for score, good in scores if at is not None and score >= at]
            told = f"of these right {_share(sum(answered), len(answered))}" if answered else ""
            print(f"  risk {risk:.0%}: answered {_share(len(answered), len(scores))} {told}")


if __name__ == "__main__":
    main()
