"""Six real knowledge bases in six workspaces, one of them Russian, and what is answered in each.

    python -m benchmarks.six_workspaces DATA [--only NAME …] [--questions 400]

Imports kb_* of DATA as an editor would, with the models that ship, into a PostgreSQL of its own;
asks the same few questions in each at the default risk and at a permissive one, and prints what a
visitor would read, with its citation. Then the same program asks all labelled questions of each:
`help_questions/NAME.jsonl`, of our own in other words than the articles' (Russian: 103, written
from articles that people had translated), and for Russian up to 100 headings typed as they stand:
sections of Partner Center, four words at least, that only one article has, evenly drawn. An article
is found at k if a passage of it is among the first k candidates. Intervals: Wilson's 95%.
"""

import argparse
import os
import re
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from benchmarks.help_centres import QUESTIONS
from config.local.private import temporary
from tuning.reading_examples import rows

if TYPE_CHECKING:
    from chatbot.answering.contract import Decision

NAMES = ("sendgrid", "arduino", "logingov", "plausible", "chatwoot", "ms_ru")
PERMISSIVE = 0.5
DEPTHS = (1, 5, 10)
HALVES = ("by meaning", "by words", "both", "as ranked")
MOST_HEADINGS = 100
CHATWOOT = (
    "How do I put the chat bubble on my own site?",
    "Which environment variables does the mail server need?",
    "Can I run Chatwoot on my own Ubuntu server?",
)
IN_OTHER_LANGUAGES = {
    "logingov": (
        "¿Cómo cambio el número de teléfono de mi cuenta?",
        "Comment supprimer mon compte ?",
        "如何更改我的密码？",
    ),
    "ms_ru": (  # as a heading asks, but for some words
        "Как приобрести план Azure?",
        "Кто может изменять профили выплат и налогов?",
    ),
}


@dataclass(frozen=True)
class Asked:
    """doc_id: the article that answers; None where it is not known."""

    question: str
    doc_id: str | None = None
    history: tuple[tuple[str, str], ...] = ()


@dataclass
class Score:
    """found: half → depth → how many."""

    count: int = 0
    found: dict[str, Counter[int]] = field(
        default_factory=lambda: {half: Counter() for half in HALVES}
    )
    answered: dict[float, int] = field(default_factory=Counter)
    right: dict[float, int] = field(default_factory=Counter)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("data", type=Path)
    parser.add_argument("--only", nargs="+", choices=NAMES, default=NAMES)
    parser.add_argument("--questions", type=int, default=400, help="of each set, at most")
    given = parser.parse_args()
    print("python -m benchmarks.six_workspaces", " ".join(sys.argv[1:]), flush=True)
    with temporary() as services:
        os.environ.update(services.environment)
        os.environ |= {"FIRSTLINE_ENV_FILE": os.devnull}
        os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", database="owner", verbosity=0)
        places = {name: _imported(given.data, name) for name in given.only}
        for name, workspace_id in places.items():
            for one in _few(given.data, name):
                _show(name, workspace_id, one)
        for name, workspace_id in places.items():
            for kind, asked in _labelled(given.data, name).items():
                step = max(len(asked) // given.questions, 1)
                _report(f"{name}, {kind}", _scored(workspace_id, asked[::step][: given.questions]))


def _imported(data: Path, name: str) -> UUID:
    from console.provisioning import create_workspace
    from knowledge.importing import import_path

    workspace_id = create_workspace(name.replace("_", "-"), name=name).workspace.id
    for path in sorted((data / f"kb_{name}").glob("*.jsonl*")):
        report = import_path(workspace_id, path, name=path.name)
        print(
            f"{name}, {path.name}: {report.published:,} articles, {report.passages:,} passages, "
            f"{len(report.broken)} broken; {report.passages_per_s:.0f} passages a second",
            flush=True,
        )
    return workspace_id


def _few(data: Path, name: str) -> list[Asked]:
    """Three or more real questions in the workspace's own languages."""
    if name == "chatwoot":
        return [Asked(text) for text in CHATWOOT]
    known = [one for one in _labelled(data, name)["own words"] if not one.history]
    more = [Asked(text) for text in IN_OTHER_LANGUAGES.get(name, ())]
    return [*known[:: max(len(known) // 5, 1)][:5], *more]


def _show(name: str, workspace_id: UUID, one: Asked) -> None:
    print(f"\n{name}: {one.question}", flush=True)
    for risk in (None, PERMISSIVE):
        decision = _decision(workspace_id, one, risk)
        at = "default" if risk is None else f"{risk:.0%}"
        said = " ".join(decision.text.split())[:300] or "(nothing)"
        kind = decision.kind if decision.kind == "answer" else f"{decision.kind}: {decision.reason}"
        print(f"  risk {at} [{kind}, confidence {decision.confidence:.2f}] {said}", flush=True)
        for cited in decision.citations:
            print(f"    source: {cited.title} · {cited.heading}", flush=True)


def _decision(workspace_id: UUID, one: Asked, risk: float | None) -> "Decision":
    from chatbot.answering import pipeline
    from chatbot.answering.contract import AnswerRequest

    request = AnswerRequest(workspace_id, one.question, history=one.history, risk=risk)
    return pipeline.answer(request)


def _labelled(data: Path, name: str) -> dict[str, list[Asked]]:
    """Sets of questions whose article is known."""
    path = QUESTIONS / f"{name}.jsonl"
    if not path.exists():
        return {}
    own = [_asked(row) for row in rows(path) if row.get("answer", True)]
    sets = {"own words": own}
    if name == "ms_ru":
        sets["headings"] = list(headings(data))
    return sets


def _asked(row: Mapping[str, Any]) -> Asked:
    """The words of the dialogue before it are left out where they point into an article."""
    said = [(role, text) for role, text in row.get("history", []) if isinstance(text, str)]
    return Asked(row["question"], row["doc_id"], tuple(said))


def headings(data: Path) -> Iterator[Asked]:
    found: dict[str, list[str]] = {}
    for row in rows(data / "kb_ms_ru" / "partner_center_ru.jsonl"):
        for heading in re.findall(r"^#{2,3} (.+)$", row["text"], re.MULTILINE):
            found.setdefault(heading.strip(), []).append(row["doc_id"])
    alone = [
        Asked(heading, ids[0])
        for heading, ids in found.items()
        if len(ids) == 1 and 4 <= len(heading.split()) <= 14
    ]
    yield from alone[:: max(len(alone) // MOST_HEADINGS, 1)][:MOST_HEADINGS]


def _scored(workspace_id: UUID, asked: Sequence[Asked]) -> Score:
    from chatbot.answering.contract import ANSWER

    score = Score()
    for one in asked:
        decision = _decision(workspace_id, one, PERMISSIVE)
        score.count += 1
        for half, order in _orders(workspace_id, one, decision).items():
            for depth in DEPTHS:
                score.found[half][depth] += one.doc_id in order[:depth]
        for risk in (_default(), PERMISSIVE):
            threshold = _threshold(decision, risk)
            sure = threshold is not None and decision.confidence >= threshold
            if sure and decision.kind == ANSWER:
                score.answered[risk] += 1
                score.right[risk] += decision.evidence[0].doc_id == one.doc_id
    return score


def _threshold(decision: "Decision", risk: float) -> float | None:
    """The shipped one of whatever weighed the question."""
    from django.conf import settings

    from chatbot.answering import sections
    from chatbot.answering.models import loaded

    by_heading = sections.shipped(settings.MODELS_DIR) if decision.by_heading else None
    return (by_heading or loaded().calibration).threshold(risk)


def _default() -> float:
    from django.conf import settings

    return float(settings.RISK_DEFAULT)


def _orders(workspace_id: UUID, one: Asked, decision: "Decision") -> dict[str, list[str]]:
    """The articles of the candidates, best first: of each half alone, fused, and as ranked."""
    from chatbot.answering.models import loaded
    from chatbot.answering.views import view_texts
    from knowledge.retrieval import Filters, View, search

    texts = view_texts(one.question, one.history)
    models = loaded()
    vectors = list(models.embedder.encode(texts))
    halves = {
        "by meaning": [View("", vector) for vector in vectors],
        "by words": [View(text, None) for text in texts],
        "both": [View(text, vector) for text, vector in zip(texts, vectors, strict=True)],
    }
    found = {
        half: search(
            workspace_id,
            views=views,
            filters=Filters(),
            k=max(DEPTHS),
            model_version=models.embedder.fingerprint,
        )
        for half, views in halves.items()
    }
    orders = {half: [row.doc_id for row in part] for half, part in found.items()}
    return {**orders, "as ranked": [row.doc_id for row in decision.evidence]}


def _report(name: str, score: Score) -> None:
    print(f"\n{name}: {score.count} questions", flush=True)
    for half, found in score.found.items():
        told = ", ".join(f"@{depth} {_share(found[depth], score.count)}" for depth in DEPTHS)
        print(f"  recall {half}: {told}", flush=True)
    for risk, answered in score.answered.items():
        print(
            f"  risk {risk:.0%}: answered {_share(answered, score.count)}, from the right article "
            f"{_share(score.right[risk], answered)}",
            flush=True,
        )


def _share(part: int, whole: int) -> str:
    """With Wilson's 95% interval."""
    from learning.intervals import wilson

    bounds = wilson(part, whole)
    if bounds is None:
        return "of none"
    low, high = bounds
    return f"{part / whole:.3f} [{low:.3f}, {high:.3f}]"


if __name__ == "__main__":
    main()
