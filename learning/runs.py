"""Trainings: start, cancel, resume, and how far they are. The only writer of TrainingRun.state.

A training runs in a process of its own, started by the worker of the queue `tuning`. That process
asks at each report whether it may go on. A worker that dies leaves its job to the next one, which
starts the process again; it goes on from its folder.
"""

import contextlib
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts import audit
from accounts.errors import Invalid, NotFound
from accounts.models import Member
from accounts.scope import workspace_scope
from learning.errors import AlreadyTraining, TrainingCancelled
from learning.models import RunState, TrainingRun
from outbox.queue import enqueue

KIND, QUEUE = "finetune", "tuning"
PARTS = ("ranker", "calibration", "embedder", "reader")
MOST_MINUTES = 24 * 60.0
REPORT_EVERY_S = 1.0
SAID = 400


def start(
    workspace_id: UUID, *, by: Member, minutes: float = 30.0, parts: Sequence[str] = PARTS
) -> TrainingRun:
    """Ask for a training. Raises AlreadyTraining where one is under way, Invalid."""
    if not 0 < minutes <= MOST_MINUTES:
        raise Invalid("A training takes between 0 and 1440 minutes")
    if not parts or not set(parts) <= set(PARTS):
        raise Invalid(f"What is trained is one of {', '.join(PARTS)}")
    with workspace_scope(workspace_id):
        try:
            with transaction.atomic():
                run = TrainingRun.objects.create(
                    workspace_id=workspace_id, parts=list(parts), minutes=minutes, started_by=by
                )
        except IntegrityError as error:
            raise AlreadyTraining("a training is under way") from error
        _enqueue(run)
        audit.record(by, "training.started", target_kind="training", target_id=run.id)
    return run


def cancel(workspace_id: UUID, run_id: UUID, *, by: Member) -> TrainingRun:
    """It ends at its next report; what it has done is kept. One that has ended stays as it is."""
    with workspace_scope(workspace_id):
        run = _locked(run_id)
        if run.state == RunState.QUEUED:
            _end(run, RunState.CANCELLED)
        elif run.state == RunState.RUNNING:
            run.state = RunState.CANCELLING
            run.save(update_fields=["state"])
        else:
            return run
        audit.record(by, "training.cancelled", target_kind="training", target_id=run.id)
        return run


def resume(workspace_id: UUID, run_id: UUID, *, by: Member) -> TrainingRun:
    """A training that was cancelled or failed goes on from what it has done.

    Raises AlreadyTraining where another one is under way; one that is done stays as it is.
    """
    with workspace_scope(workspace_id):
        run = _locked(run_id)
        if run.state not in {RunState.CANCELLED, RunState.FAILED}:
            return run
        run.state, run.error, run.ended_at = RunState.QUEUED, "", None
        try:
            with transaction.atomic():
                run.save(update_fields=["state", "error", "ended_at"])
        except IntegrityError as error:
            raise AlreadyTraining("a training is under way") from error
        _enqueue(run)
        audit.record(by, "training.resumed", target_kind="training", target_id=run.id)
        return run


def newest(workspace_id: UUID, count: int = 5) -> list[TrainingRun]:
    with workspace_scope(workspace_id):
        rows = TrainingRun.objects.select_related("started_by").order_by("-created_at", "-id")
        return list(rows[:count])


def run_of(workspace_id: UUID, run_id: UUID) -> TrainingRun:
    """Raises NotFound."""
    with workspace_scope(workspace_id):
        found = TrainingRun.objects.filter(id=run_id).first()
    if found is None:
        raise NotFound("no such training")
    return found


def reporter(workspace_id: UUID, run_id: UUID) -> Callable[[str, float], None]:
    """What the training calls as it goes on: at most one UPDATE a second.

    Raises TrainingCancelled once it was cancelled.
    """
    last: tuple[str, float] = ("", 0.0)

    def report(stage: str, share: float) -> None:
        nonlocal last
        now = time.monotonic()
        if stage == last[0] and now - last[1] < REPORT_EVERY_S:
            return
        last = (stage, now)
        with workspace_scope(workspace_id):
            mine = TrainingRun.objects.filter(id=run_id, state=RunState.RUNNING)
            if not mine.update(stage=stage, share=share):
                raise TrainingCancelled("it was cancelled")

    return report


def begin(workspace_id: UUID, run_id: UUID) -> TrainingRun | None:
    """The run, marked as running; None where it was cancelled or has ended meanwhile."""
    with workspace_scope(workspace_id):
        run = TrainingRun.objects.select_for_update().filter(id=run_id).first()
        if run is None or run.state not in {RunState.QUEUED, RunState.RUNNING}:
            if run is not None and run.state == RunState.CANCELLING:
                _end(run, RunState.CANCELLED)
            return None
        run.state = RunState.RUNNING
        run.save(update_fields=["state"])
        return run


def ended(workspace_id: UUID, run_id: UUID, *, version_id: UUID) -> None:
    with workspace_scope(workspace_id):
        run = _locked(run_id)
        run.version_id = version_id
        _end(run, RunState.DONE)


def stopped(workspace_id: UUID, run_id: UUID, *, error: str = "") -> None:
    """Cancelled, or failed with words for people. One that has ended already stays as it is."""
    with workspace_scope(workspace_id):
        run = TrainingRun.objects.select_for_update().filter(id=run_id).first()
        if run is None or run.state not in {RunState.RUNNING, RunState.CANCELLING, RunState.QUEUED}:
            return
        cancelled = run.state == RunState.CANCELLING
        run.error = "" if cancelled else error[:SAID]
        _end(run, RunState.CANCELLED if cancelled else RunState.FAILED)


def work_folder(run: TrainingRun) -> Path:
    return Path(settings.TRAINING_DIR) / str(run.workspace_id) / str(run.id)


def run_process(workspace_id: UUID, run_id: UUID) -> None:
    """Run it in a process of its own, and wait. However that ends, the run has ended too."""
    run = begin(workspace_id, run_id)
    if run is None:
        return
    python = settings.TUNING_PYTHON or sys.executable
    command = [python, "manage.py", "finetune", "--run", str(run.id), "--in", str(workspace_id)]
    with subprocess.Popen(command, cwd=settings.BASE_DIR, stdin=subprocess.DEVNULL) as process:
        try:
            code = process.wait(60 * run.minutes + settings.TRAINING_GRACE_S)
        except subprocess.TimeoutExpired:
            stopped(workspace_id, run_id, error="It took longer than allowed and was ended")
            code = 0
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
    if code:
        stopped(workspace_id, run_id, error=f"Its process ended with code {code}; see the log")


def _locked(run_id: UUID) -> TrainingRun:
    run = TrainingRun.objects.select_for_update().filter(id=run_id).first()
    if run is None:
        raise NotFound("no such training")
    return run


def _enqueue(run: TrainingRun) -> None:
    payload: dict[str, Any] = {"run_id": str(run.id)}
    enqueue(KIND, workspace_id=run.workspace_id, payload=payload, queue=QUEUE)


def _end(run: TrainingRun, state: RunState) -> None:
    run.state, run.ended_at = state, timezone.now()
    run.save(update_fields=["state", "ended_at", "error", "version_id"])
