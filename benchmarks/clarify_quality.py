"""When does the bot ask back, and is what was meant among its options?

    python -m benchmarks.clarify_quality WORKSPACE=FILE… [--risk 0.2] [--limit 150] [--kept FILE]

FILE: labelled questions as for `manage.py evaluate`, WORKSPACE: where their articles are imported.
With `WORKSPACE=FILE+bare` the questions are asked without their dialogue, which leaves open what
many of them are about. Of the questions that the dial would not answer at this risk are printed:
how often the bot asks back; how often the gold passage's section is then among the options, and
how often it is what stands first anyway; after a choice of it, how often the text found is right,
whether it may be shown or not, how often the bot answers, and how often rightly; and the same with
the option's heading as the question. Questions without
an answer, near misses and those from outside, have lines of their own: there it should be rare.
Intervals: Wilson's 95%. Then the same for other constants of the rule. --kept keeps what was
observed, and goes on from there.
"""

import argparse
import itertools
import json
import os
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from tqdm import tqdm

from benchmarks.risk_guarantee import wilson

if TYPE_CHECKING:
    from chatbot.answering.clarify import Rule
    from chatbot.answering.contract import AnswerRequest, Evidence, Option
    from learning.questions import Question

BARE = "+bare"
COLUMNS = (
    "questions not answered",
    "asks back",
    "meant is an option",
    "meant stands first",
    "after the choice right",
    "answered",
    "of these right",
    "heading as the question: right",
    "answered and wrong",
)


@dataclass(frozen=True)
class Asked:
    """A question that the dial would not answer. gold: of each row of evidence."""

    where: str
    question: "Question"
    workspace_id: UUID
    evidence: "tuple[Evidence, ...]"
    gold: tuple[bool, ...]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("sets", nargs="+", metavar="WORKSPACE=FILE")
    parser.add_argument("--risk", type=float, default=0.2)
    parser.add_argument("--limit", type=int, default=150, help="of the questions of each set")
    parser.add_argument("--kept", type=Path, help="a file for what was observed")
    given = parser.parse_args()
    print("python -m benchmarks.clarify_quality", " ".join(sys.argv[1:]), flush=True)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from config.local.private import ensure_services

    with ensure_services(["manage.py", "clarify_quality"]):
        import django

        django.setup()
        from chatbot.answering.clarify import RULE

        sets = {name: list(_observed(name, given)) for name in given.sets}
        _report(sets, RULE, given.risk)
    _compare(list(itertools.chain.from_iterable(sets.values())))


def _observed(name: str, given: argparse.Namespace) -> Iterator[Asked]:
    from accounts.access import workspace_by_slug
    from learning.questions import read_questions

    slug, _, file = name.partition("=")
    workspace = workspace_by_slug(slug)
    questions = read_questions(
        Path(file.removesuffix(BARE)), on_broken=lambda *_: None, limit=given.limit
    )
    kept = _kept(given.kept)
    if name.endswith(BARE):
        questions = [replace(one, history=()) for one in questions]
    for question in tqdm(questions, desc=slug, disable=None):
        found = kept.get((name, question.id)) or _ask(question, workspace.id, given.risk)
        if given.kept and (name, question.id) not in kept:
            with given.kept.open("a", encoding="utf-8") as file_:
                print(json.dumps([name, question.id, found]), file=file_)
        if not found["answered"] and found["evidence"]:
            evidence = tuple(_evidence(row) for row in found["evidence"])
            yield Asked(
                _kind(name, question), question, workspace.id, evidence, tuple(found["gold"])
            )


def _kept(path: Path | None) -> dict[tuple[str, str], dict[str, Any]]:
    if path is None or not path.exists():
        return {}
    lines = path.read_text(encoding="utf-8").splitlines()
    return {(name, number): found for name, number, found in map(json.loads, lines)}


def _ask(question: "Question", workspace_id: UUID, risk: float) -> dict[str, Any]:
    """What was read, if it is not answered."""
    from chatbot.answering.contract import ESCALATE, AnswerRequest
    from chatbot.answering.pipeline import answer
    from learning.judging import is_gold

    decision = answer(
        AnswerRequest(workspace_id, question.question, history=question.history, risk=risk)
    )
    read = [row for row in decision.evidence if row.relevance is not None]
    return {
        "answered": decision.kind != ESCALATE,
        "evidence": [asdict(row) for row in read],
        "gold": [question.answerable is not False and is_gold(row, question) for row in read],
    }


def _evidence(row: dict[str, Any]) -> "Evidence":
    from chatbot.answering.contract import Evidence

    return Evidence(**row | {"heading_path": tuple(row["heading_path"])})


def _kind(name: str, question: "Question") -> str:
    slug, _, file = name.partition("=")
    if question.answerable is False:
        return "outside" if "outside" in file else f"{slug}, near miss"
    return f"{slug}, dialogue left out" if name.endswith(BARE) else slug


def _report(sets: dict[str, list[Asked]], rule: "Rule", risk: float) -> None:
    by_kind: dict[str, list[Asked]] = defaultdict(list)
    for one in itertools.chain.from_iterable(sets.values()):
        by_kind[one.where].append(one)
    print(f"| {' | '.join(COLUMNS)} |\n|{'---|' * len(COLUMNS)}")
    for where, rows in by_kind.items():
        options = [(one, _options(one, rule)) for one in rows]
        asked = [(one, offered) for one, offered in options if offered]
        known = [pair for pair in asked if pair[0].question.locatable]
        meant = [(*pair, at) for pair in known if (at := _meant(*pair)) is not None]
        chosen = [_choose(one, _request(one, offered, at, risk)) for one, offered, at in meant]
        answered = [right for was, right in chosen if was]
        headed = [_choose(one, _heading(one, offered[at], risk)) for one, offered, at in meant]
        misled = sum(was and not right for was, right in headed)
        print(
            f"| {where} | {_share(len(asked), len(rows))} | {_share(len(meant), len(known))} "
            f"| {_share(sum(one.gold[0] for one, _ in known), len(known))} "
            f"| {_share(sum(right for _, right in chosen), len(chosen))} "
            f"| {_share(len(answered), len(chosen))} | {_share(sum(answered), len(answered))} "
            f"| {_share(sum(right for _, right in headed), len(headed))} "
            f"| {_share(misled, len(headed))} |",
            flush=True,
        )


def _options(asked: Asked, rule: "Rule") -> "tuple[Option, ...]":
    from chatbot.answering.clarify import readings

    return readings(asked.question.question, asked.question.history, asked.evidence, rule=rule)


def _meant(asked: Asked, offered: "Sequence[Option]") -> int | None:
    """The place of the option whose section holds the gold passage."""
    rows = zip(asked.evidence, asked.gold, strict=True)
    gold = {(row.article_id, row.heading_path) for row, is_gold in rows if is_gold}
    places = (
        at
        for at, one in enumerate(offered)
        if (one.section.article_id, one.section.heading_path) in gold
    )
    return next(places, None)


def _request(asked: Asked, offered: "Sequence[Option]", at: int, risk: float) -> "AnswerRequest":
    """As chatbot.asking has it asked when the visitor presses this option."""
    from chatbot.answering.contract import AnswerRequest

    return AnswerRequest(
        asked.workspace_id,
        asked.question.question,
        history=(*asked.question.history, ("visitor", offered[at].label)),
        risk=risk,
        chosen=offered[at].section,
        rejected=tuple(one.section for place, one in enumerate(offered) if place != at),
    )


def _heading(asked: Asked, option: "Option", risk: float) -> "AnswerRequest":
    """The other way: its label is the question, after the earlier one."""
    from chatbot.answering.contract import AnswerRequest

    history = (*asked.question.history, ("visitor", asked.question.question))
    return AnswerRequest(
        asked.workspace_id, option.label, history=history, risk=risk, chosen=option.section
    )


def _choose(asked: Asked, request: "AnswerRequest") -> tuple[bool, bool]:
    """Answered, and right or what would have been."""
    from chatbot.answering.pipeline import answer
    from learning.judging import Outcome

    outcome = Outcome(asked.question, answer(request), total_ms=0.0)
    return outcome.answered, outcome.right


def _compare(every: Sequence[Asked]) -> None:
    """Other constants: how often it asks, where there is an answer and where there is none."""
    from chatbot.answering.clarify import Rule

    known = [one for one in every if one.question.locatable]
    none = [one for one in every if one.question.answerable is False]
    print("\n| relevant | margin | near | asks back | meant is an option | asks without an answer |"
          "\n|---|---|---|---|---|---|")  # fmt: skip
    for relevant, margin, near in itertools.product((0.5, 0.7, 0.9), (-3, 0), (0.1, 0.25, 0.5)):
        rule = Rule(relevant, margin, near)
        offered = [(one, found) for one in known if (found := _options(one, rule))]
        meant = sum(_meant(one, found) is not None for one, found in offered)
        wrongly = sum(bool(_options(one, rule)) for one in none)
        print(
            f"| {relevant} | {margin} | {near} | {_share(len(offered), len(known))} "
            f"| {_share(meant, len(offered))} | {_share(wrongly, len(none))} |"
        )


def _share(part: int, whole: int) -> str:
    if not whole:
        return "none"
    low, high = wilson(part, whole)
    return f"{part / whole:.3f} ({low:.3f} to {high:.3f}), {part} of {whole}"


if __name__ == "__main__":
    main()
