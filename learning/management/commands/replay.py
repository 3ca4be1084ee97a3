"""`manage.py replay --workspace W --since 30d --risk 0.02`: what would have happened."""

import json
import re
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.access import workspace_by_slug
from accounts.errors import Invalid, NotFound
from accounts.scope import workspace_scope
from chatbot.turns import question_of
from learning import replay_runs
from learning.rehearsing import ModelsMissing
from learning.replay import Replayed, Wanted

SHOWN = 10  # changes of each kind in print; the file holds all that were counted
MOST_KEPT = 1_000
WORDS = {
    "answered": "answered by tier 1", "calls": "calls of the large model",
    "people": "passed to people", "minutes": "minutes of people", "usd": "cost in US dollars",
}  # fmt: skip


class Command(BaseCommand):
    help = (
        "What would have happened to real questions with another risk, model version, large model "
        "or an unpublished text. Reads alone; no large model is asked."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--workspace", required=True, metavar="SLUG")
        parser.add_argument("--since", default="30d", metavar="DAYS", help="such as 30d or 4w")
        parser.add_argument("--risk", type=float, metavar="R", help="share of wrong answers")
        parser.add_argument("--model-version", type=int, metavar="NUMBER")
        parser.add_argument(
            "--provider", default="", metavar="VENDOR/MODEL", help="or none: people in its place"
        )
        parser.add_argument(
            "--draft", default="", metavar="ARTICLE", help="its newest unpublished text"
        )
        parser.add_argument(
            "--revision", type=int, metavar="NUMBER",
            help="of the article of --draft: this text of it, an earlier one too",
        )  # fmt: skip
        parser.add_argument("--limit", type=int, default=10_000, metavar="N")
        parser.add_argument("--seed", type=int, default=0, help="of the sample that --limit takes")
        parser.add_argument("--json", type=Path, metavar="FILE", help="write all of it as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        wanted = Wanted(
            days=_days(options["since"]),
            risk=options["risk"],
            version=options["model_version"],
            provider=options["provider"],
            doc_id=options["draft"],
            revision=options["revision"],
            limit=options["limit"],
            seed=options["seed"],
        )
        changed: list[Replayed] = []
        try:
            workspace = workspace_by_slug(options["workspace"])
            if wanted.runs_models:
                _warm_up()
            report = replay_runs.whole(
                workspace.id, wanted,
                each=lambda one: changed.append(one) if len(changed) < MOST_KEPT else None,
            )  # fmt: skip
        except NotFound as error:
            raise CommandError(f"{error}.".capitalize()) from error
        except Invalid as error:
            raise CommandError(f"{error}.") from error
        except ModelsMissing as error:
            raise CommandError("The models cannot be used.") from error
        with workspace_scope(workspace.id):
            rows = [_row(one) for one in changed]
        self._print(report, rows)
        if options["json"]:
            _write(options["json"], {**report, "changed": rows})

    def _print(self, report: dict[str, Any], rows: list[dict[str, Any]]) -> None:
        say = self.stdout.write
        say(f"{report['questions']} questions")
        for name, words in WORDS.items():
            one = report["figures"][name]
            by, low, high = one["now"] - one["was"], one["low"], one["high"]
            say(f"  {words}: {one['was']:.2f} -> {one['now']:.2f}, by {by:+.2f} "
                f"[{low:+.2f}, {high:+.2f}]")  # fmt: skip
        for title in ("changes", "verdicts"):
            found = ", ".join(f"{name} {count}" for name, count in sorted(report[title].items()))
            say(f"{title}: {found or 'none'}")
        say(f"{report['judged']} of the questions have a verdict")
        for note in notes(report):
            say(note)
        shown: dict[str, int] = {}
        for row in rows:
            shown[row["change"]] = shown.get(row["change"], 0) + 1
            if shown[row["change"]] <= SHOWN:
                say(f"{row['change']}: {row['question']!r} {row['was']['kind']} -> "
                    f"{row['now']['kind']} {row['now']['text'][:120]!r}")  # fmt: skip


def notes(report: dict[str, Any]) -> list[str]:
    """What the figures rest on."""
    how = (
        "Both sides were asked anew, of what is published now."
        if report["runs_models"]
        else "From what was stored of each question; no model ran."
    )
    measured = "measured" if report["minutes_measured"] else "assumed"
    return [
        how,
        f"A person's time for a conversation: {report['minutes_each']:.1f} minutes, {measured}.",
        (
            f"Of the calls {report['answered_share']:.0%} are taken to answer, as "
            f"{report['calls_known']} calls of these days did."
        ),
        f"{report['other_models']} questions were weighed by other models than those of today.",
    ]


def _row(one: Replayed) -> dict[str, Any]:
    return {
        "change": one.change,
        "turn": str(one.receipt.turn_id),
        "conversation": str(one.receipt.turn.conversation_id),
        "question": question_of(one.receipt.turn_id, until=one.receipt.created_at),
        "was": one.was.as_json(),
        "now": one.now.as_json(),
    }


def _days(text: str) -> int:
    found = re.fullmatch(r"(\d{1,4})([dw]?)", text)
    if found is None:
        raise CommandError("--since is a number of days, such as 30d or 4w.")
    return int(found[1]) * (7 if found[2] == "w" else 1)


def _warm_up() -> None:
    """Late: it loads the models' runtime."""
    from chatbot.answering import models
    from inference.errors import InferenceError

    try:
        models.warm_up()
    except InferenceError as error:
        raise CommandError(f"The compact models cannot be used: {error}") from error


def _write(path: Path, report: dict[str, Any]) -> None:
    try:
        path.write_text(json.dumps(report, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        raise CommandError(f"{path} cannot be written: {error.strerror}.") from error
