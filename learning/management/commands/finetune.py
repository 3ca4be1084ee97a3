"""`manage.py finetune --workspace W`: train the workspace's own models here and now."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.access import workspace_by_slug
from accounts.errors import NotFound
from accounts.ids import uuid7
from inference.errors import ModelUnavailable
from learning.errors import LearningError
from learning.models import ModelVersion

SAY_EVERY_S = 5.0


class Command(BaseCommand):
    help = (
        "Train rankers and confidence, and where it pays embedder and reader, on what the "
        "workspace holds; judge them on its golden questions, and register the result as a model "
        "version. Nothing answers with it before somebody promotes it. Needs the packages of "
        "requirements-tuning.txt."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        from learning.finetuning import PARTS

        parser.add_argument("--workspace", required=True, metavar="SLUG")
        parser.add_argument("--minutes", type=float, default=30.0, help="at most; 30 if not given")
        parser.add_argument(
            "--parts", nargs="+", choices=PARTS, default=list(PARTS), help="what may be trained"
        )
        parser.add_argument(
            "--work", type=Path, help="a folder to go on from, if an earlier call was stopped"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            workspace = workspace_by_slug(options["workspace"])
        except NotFound as error:
            raise CommandError(f"There is no workspace {options['workspace']!r}.") from error
        if options["minutes"] <= 0:
            raise CommandError("--minutes must be more than nothing.")
        from learning.finetuning import finetune

        run_id = uuid7()
        work = options["work"] or Path(settings.TRAINING_DIR) / str(workspace.id) / str(run_id)
        try:
            version = finetune(
                workspace.id,
                run_id=run_id,
                work=work,
                minutes=options["minutes"],
                parts=options["parts"],
                report=self._report(),
            )
        except ImportError as error:
            raise CommandError(
                f"{error.name} is not installed: this command needs requirements-tuning.txt."
            ) from error
        except (LearningError, ModelUnavailable) as error:
            raise CommandError(f"{error}. What was done lies in {work}.") from error
        self._summarise(version)

    def _report(self) -> Callable[[str, float], None]:
        last: tuple[str, float] = ("", 0.0)

        def report(stage: str, share: float) -> None:
            nonlocal last
            now = time.monotonic()
            if stage != last[0] or now - last[1] > SAY_EVERY_S:
                last = (stage, now)
                self.stdout.write(f"{stage}: {100 * share:.0f}%")

        return report

    def _summarise(self, version: ModelVersion) -> None:
        for row in version.evaluation["figures"]:
            self.stdout.write(
                f"{row['measure']}: {row['before']} before, {row['after']} after; the difference "
                f"is {row['low']} to {row['high']} (95%), {row['questions']} questions"
            )
        for note in version.evaluation.get("notes", []):
            self.stdout.write(note)
        said = "passed" if version.evaluation["passed"] else "did not pass: it will not serve"
        self.stdout.write(f"Model version {version.number} {said}.")
