"""`manage.py finetune --workspace W`: train the workspace's own models here and now."""

import logging
import os
import resource
import time
from argparse import SUPPRESS
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.access import workspace_by_slug
from accounts.errors import NotFound
from accounts.ids import uuid7
from inference.errors import ModelUnavailable
from learning import runs
from learning.errors import LearningError, TrainingCancelled
from learning.models import ModelVersion
from learning.runs import PARTS

SAY_EVERY_S = 5.0
log = logging.getLogger(__name__)


class Command(BaseCommand):
    help = (
        "Train rankers and confidence, and where it pays embedder and reader, on what the "
        "workspace holds; judge them on its golden questions, and register the result as a model "
        "version. Nothing answers with it before somebody promotes it. Needs the packages of "
        "requirements-tuning.txt."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--workspace", metavar="SLUG", help="required")
        parser.add_argument("--minutes", type=float, default=30.0, help="at most; 30 if not given")
        parser.add_argument(
            "--parts", nargs="+", choices=PARTS, default=list(PARTS), help="what may be trained"
        )
        parser.add_argument(
            "--work", type=Path, help="a folder to go on from, if an earlier call was stopped"
        )
        parser.add_argument("--run", type=UUID, help=SUPPRESS)  # by the worker, with its workspace
        parser.add_argument("--in", type=UUID, dest="workspace_id", help=SUPPRESS)

    def handle(self, *args: Any, **options: Any) -> None:
        if options["run"] and options["workspace_id"]:
            _run_asked_for(options["workspace_id"], options["run"])
            return
        try:
            workspace = workspace_by_slug(options["workspace"] or "")
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


def _run_asked_for(workspace_id: UUID, run_id: UUID) -> None:
    """A training that somebody asked for in the console. However it ends, its row says so."""
    os.nice(10)
    parent, report = os.getppid(), runs.reporter(workspace_id, run_id)

    def report_or_end(stage: str, share: float) -> None:
        if os.getppid() != parent:
            raise SystemExit("the worker is gone; the next one starts it again")
        report(stage, share)

    most = settings.TRAINING_MEMORY_MB * 1_000_000
    resource.setrlimit(resource.RLIMIT_DATA, (most, most))
    run = runs.run_of(workspace_id, run_id)
    try:
        from learning.finetuning import finetune

        version = finetune(
            workspace_id,
            run_id=run.id,
            work=runs.work_folder(run),
            minutes=run.minutes,
            parts=run.parts,
            report=report_or_end,
        )
    except TrainingCancelled:
        runs.stopped(workspace_id, run.id)
    except ImportError as error:
        runs.stopped(workspace_id, run.id, error=f"{error.name} is not installed")
    except (LearningError, ModelUnavailable) as error:
        runs.stopped(workspace_id, run.id, error=str(error))
    except Exception as error:
        log.exception("training failed", extra={"event": "training_failed", "run": run.id})
        runs.stopped(workspace_id, run.id, error=f"It failed: {type(error).__name__}; see the log")
    else:
        runs.ended(workspace_id, run.id, version_id=version.id)
