"""`manage.py evaluate FILE.jsonl --workspace W --out RESULTS.jsonl`: how good are the answers?"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from accounts.access import workspace_by_slug
from accounts.errors import NotFound
from accounts.models import Workspace
from inference.errors import InferenceError
from learning.evaluation import (
    candidates_row,
    features_row,
    outcomes,
    result_row,
    written,
)
from learning.judging import Outcome
from learning.questions import Question, read_questions
from learning.scoring import printed, table

MOST_READ = 30


class Command(BaseCommand):
    help = (
        "Ask the compact model every question of a JSON-lines file (id, question, and optionally "
        "history, doc_id, spans, answers, answerable, group), write what it decided, and print "
        "how often it was right. The large model is not used. Exit code 1 if a row was broken; "
        "the others are asked all the same."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE.jsonl")
        parser.add_argument("--workspace", required=True, metavar="SLUG")
        parser.add_argument("--out", type=Path, required=True, metavar="RESULTS.jsonl")
        parser.add_argument(
            "--risk", type=float, help="share of wrong answers allowed; the workspace's own if not"
        )
        parser.add_argument("--limit", type=int, help="ask the first LIMIT rows only")
        parser.add_argument(
            "--features-out",
            type=Path,
            metavar="FILE",
            help="also write what the confidence is computed from, and whether it was right",
        )

        parser.add_argument(
            "--candidates-out",
            type=Path,
            metavar="FILE",
            help="also write what the rankers see of each candidate, and which ones are right",
        )
        parser.add_argument(
            "--read",
            type=int,
            metavar="N",
            help="read N passages (1 to 30); as the ranker says if not",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        self._broken = False
        try:
            workspace = workspace_by_slug(options["workspace"])
        except NotFound as error:
            raise CommandError(f"There is no workspace {options['workspace']!r}.") from error
        _check(options)
        questions = self._questions(options["file"], options["limit"])
        found = self._ask(workspace, questions, options)
        for line in printed(table(found)):
            self.stdout.write(line)
        if self._broken:
            raise CommandError("Some rows could not be asked; see the lines above.")

    def _questions(self, path: Path, limit: int | None) -> list[Question]:
        try:
            questions = read_questions(path, on_broken=self._say_broken, limit=limit)
        except OSError as error:
            raise CommandError(f"{path} cannot be read: {error.strerror}.") from error
        if not questions:
            raise CommandError(f"{path} holds no question that can be asked.")
        return questions

    def _say_broken(self, number: int, reason: str) -> None:
        self._broken = True
        self.stderr.write(f"Row {number}: {reason}")

    def _ask(
        self, workspace: Workspace, questions: Sequence[Question], options: Mapping[str, Any]
    ) -> list[Outcome]:
        # Late: they load the models' runtime, which no other command needs.
        from chatbot.answering import models, pipeline

        asked = outcomes(
            questions,
            pipeline.answer,
            workspace_id=workspace.id,
            risk=options["risk"],
            read=options["read"],
        )
        try:
            models.warm_up()
            bar = tqdm(asked, total=len(questions), unit=" questions", disable=None)
            return _recorded(bar, options)
        except InferenceError as error:
            raise CommandError(f"The compact models cannot be used: {error}") from error
        except OSError as error:
            raise CommandError(f"The results cannot be written: {error}") from error


def _recorded(asked: Iterable[Outcome], options: Mapping[str, Any]) -> list[Outcome]:
    """Write each as it comes."""
    rows_of: dict[str, Callable[[Outcome], Mapping[str, Any] | None]] = {
        "out": result_row,
        "features_out": features_row,
        "candidates_out": candidates_row,
    }
    found = []
    with ExitStack() as stack:
        add = {
            name: stack.enter_context(written(options[name])) for name in rows_of if options[name]
        }
        for one in asked:
            for name, write in add.items():
                row = rows_of[name](one)
                if row is not None:
                    write(row)
            found.append(one)
    return found


def _check(options: Mapping[str, Any]) -> None:
    """Raises CommandError before anything is asked or written."""
    if options["risk"] is not None and not 0 < options["risk"] < 1:
        raise CommandError("--risk must lie between 0 and 1.")
    if options["limit"] is not None and options["limit"] < 1:
        raise CommandError("--limit must be at least 1.")
    if options["read"] is not None and not 1 <= options["read"] <= MOST_READ:
        raise CommandError(f"--read must lie between 1 and {MOST_READ}.")
    names = ("file", "out", "features_out", "candidates_out")
    places = [options[name] for name in names]
    used = [place.resolve() for place in places if place is not None]
    if len(set(used)) < len(used):
        raise CommandError("FILE and what is written must be different files.")
    for place in used[1:]:
        if place.is_dir():
            raise CommandError(f"{place} is a folder.")
        if not place.parent.is_dir():
            raise CommandError(f"There is no folder {place.parent}.")
