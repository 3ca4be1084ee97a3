"""`manage.py ask "question" --workspace W`: one question, its answer and its receipt."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.access import workspace_by_slug
from accounts.errors import NotFound
from chatbot.answering.contract import AnswerRequest
from chatbot.errors import Invalid
from chatbot.texts import checked_text
from inference.errors import InferenceError
from learning.explaining import as_json, explained
from learning.questions import BrokenRow, history, loaded


class Command(BaseCommand):
    help = (
        "Ask the compact model one question: prints the answer, why it was given or not, and the "
        "evidence. Nothing is stored, and the large model is not used."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("question")
        parser.add_argument("--workspace", required=True, metavar="SLUG")
        parser.add_argument(
            "--history",
            type=Path,
            metavar="FILE",
            help='JSON: [["visitor", "…"], ["bot", "…"]], oldest first, without the question',
        )
        parser.add_argument("--json", action="store_true", help="print all of it as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        request = _request(options)
        # Late: they load the models' runtime, which no other command needs.
        from chatbot.answering import models, pipeline

        try:
            models.warm_up()
        except InferenceError as error:
            raise CommandError(f"The compact models cannot be used: {error}") from error
        decision = pipeline.answer(request)
        if options["json"]:
            found = as_json(request.question, decision)
            self.stdout.write(json.dumps(found, ensure_ascii=False, indent=2))
            return
        for line in explained(decision):
            self.stdout.write(line)


def _request(options: dict[str, Any]) -> AnswerRequest:
    """Raises CommandError where something of it cannot be asked."""
    try:
        workspace = workspace_by_slug(options["workspace"])
        question = checked_text(options["question"])
    except NotFound as error:
        raise CommandError(f"There is no workspace {options['workspace']!r}.") from error
    except Invalid as error:
        raise CommandError(f"{error}.") from error
    return AnswerRequest(
        workspace_id=workspace.id, question=question, history=_history(options["history"])
    )


def _history(path: Path | None) -> tuple[tuple[str, str], ...]:
    if path is None:
        return ()
    try:
        return history(loaded(path.read_bytes()))
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}.") from error
    except BrokenRow as error:
        raise CommandError(f"{path}: {error}.") from error
    except (ValueError, RecursionError) as error:
        raise CommandError(f"{path} is not JSON.") from error
