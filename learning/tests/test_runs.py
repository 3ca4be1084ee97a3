"""Trainings: one at a time, stopped at the next report, resumed, and ended however they end."""

import os
import stat
from pathlib import Path
from threading import Thread

import pytest
from pytest_django import Settings

from accounts.errors import Invalid, NotFound
from accounts.ids import uuid7
from accounts.models import AuditEntry
from accounts.scope import workspace_scope
from learning import runs
from learning.errors import AlreadyTraining, TrainingCancelled
from learning.models import RunState, TrainingRun
from learning.tests.auditing import work
from outbox.models import OutboxJob
from tests.cast import Cast


def script(folder: Path, lines: str) -> str:
    """A program in place of the Python that trains."""
    path = folder / "python"
    path.write_text(f"#!/bin/sh\n{lines}\n")
    path.chmod(path.stat().st_mode | stat.S_IEXEC)
    return str(path)


def state(cast: Cast, run: TrainingRun) -> str:
    return runs.run_of(cast.workspace.id, run.id).state


def jobs(cast: Cast) -> int:
    with workspace_scope(cast.workspace.id):
        return OutboxJob.objects.filter(kind=runs.KIND, queue="tuning").count()


def test_one_training_at_a_time(cast: Cast) -> None:
    run = runs.start(cast.workspace.id, by=cast.alice)
    with pytest.raises(AlreadyTraining):
        runs.start(cast.workspace.id, by=cast.alice)
    assert state(cast, run) == "queued" and jobs(cast) == 1
    runs.start(cast.other.workspace.id, by=cast.charlie)
    with workspace_scope(cast.workspace.id):
        assert AuditEntry.objects.filter(action="training.started").count() == 1


@pytest.mark.parametrize("wrong", [{"minutes": 0}, {"minutes": 10_000}, {"parts": ["soul"]}])
def test_nonsense_starts_nothing(cast: Cast, wrong: dict[str, object]) -> None:
    with pytest.raises(Invalid):
        runs.start(cast.workspace.id, by=cast.alice, **wrong)  # type: ignore[arg-type]  # on purpose
    assert jobs(cast) == 0


def test_a_report_moves_it_on_until_it_is_cancelled(cast: Cast) -> None:
    run = runs.start(cast.workspace.id, by=cast.alice)
    assert runs.begin(cast.workspace.id, run.id)
    report = runs.reporter(cast.workspace.id, run.id)
    report("observe", 0.25)
    seen = runs.run_of(cast.workspace.id, run.id)
    assert (seen.state, seen.stage, seen.share) == ("running", "observe", 0.25)
    runs.cancel(cast.workspace.id, run.id, by=cast.alice)
    assert state(cast, run) == "cancelling"
    with pytest.raises(TrainingCancelled):
        report("rankers", 0.0)
    runs.stopped(cast.workspace.id, run.id)
    assert state(cast, run) == "cancelled"


def test_what_waits_is_cancelled_at_once_and_can_be_resumed(cast: Cast) -> None:
    run = runs.start(cast.workspace.id, by=cast.alice)
    assert runs.cancel(cast.workspace.id, run.id, by=cast.alice).state == RunState.CANCELLED
    assert runs.begin(cast.workspace.id, run.id) is None
    other = runs.start(cast.workspace.id, by=cast.alice)
    with pytest.raises(AlreadyTraining):
        runs.resume(cast.workspace.id, run.id, by=cast.alice)
    runs.cancel(cast.workspace.id, other.id, by=cast.alice)
    assert runs.resume(cast.workspace.id, run.id, by=cast.alice).state == RunState.QUEUED
    assert jobs(cast) == 3


def test_a_process_that_fails_leaves_words(cast: Cast, settings: Settings, tmp_path: Path) -> None:
    settings.TUNING_PYTHON = script(tmp_path, "exit 3")
    run = runs.start(cast.workspace.id, by=cast.alice)
    runs.run_process(cast.workspace.id, run.id)
    ended = runs.run_of(cast.workspace.id, run.id)
    assert ended.state == "failed" and "code 3" in ended.error and ended.ended_at


def test_a_process_that_takes_too_long_is_ended(
    cast: Cast, settings: Settings, tmp_path: Path
) -> None:
    settings.TUNING_PYTHON = script(tmp_path, f"echo $$ > {tmp_path}/pid; exec sleep 60")
    settings.TRAINING_GRACE_S = 0.5
    run = runs.start(cast.workspace.id, by=cast.alice, minutes=0.001)
    runs.run_process(cast.workspace.id, run.id)
    ended = runs.run_of(cast.workspace.id, run.id)
    assert ended.state == "failed" and "longer than allowed" in ended.error
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)


def test_the_process_is_told_which_training(cast: Cast, settings: Settings, tmp_path: Path) -> None:
    settings.TUNING_PYTHON = script(tmp_path, f'echo "$@" > {tmp_path}/said')
    run = runs.start(cast.workspace.id, by=cast.alice)
    runs.run_process(cast.workspace.id, run.id)
    said = (tmp_path / "said").read_text().split()
    assert said == ["manage.py", "finetune", "--run", str(run.id), "--in", str(cast.workspace.id)]


def test_strangers_find_nothing(cast: Cast) -> None:
    run = runs.start(cast.workspace.id, by=cast.alice)
    for act in (runs.cancel, runs.resume):
        with pytest.raises(NotFound):
            act(cast.other.workspace.id, run.id, by=cast.charlie)
    with pytest.raises(NotFound):
        runs.run_of(cast.other.workspace.id, run.id)
    assert runs.begin(cast.other.workspace.id, run.id) is None
    runs.stopped(cast.other.workspace.id, run.id, error="no")
    assert state(cast, run) == "queued" and runs.newest(cast.other.workspace.id) == []
    with pytest.raises(NotFound):
        runs.cancel(cast.workspace.id, uuid7(), by=cast.alice)


@pytest.mark.django_db(transaction=True)
def test_two_administrators_at_once_start_one(cast: Cast) -> None:
    from django.db import connections

    refused: list[Exception] = []

    def start() -> None:
        try:
            runs.start(cast.workspace.id, by=cast.alice)
        except AlreadyTraining as error:
            refused.append(error)
        finally:
            connections.close_all()

    threads = [Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 3 and len(runs.newest(cast.workspace.id)) == 1


def test_the_worker_s_job_runs_it(
    cast: Cast, settings: Settings, tmp_path: Path, weighing: None
) -> None:
    settings.TUNING_PYTHON = script(tmp_path, "exit 4")
    run = runs.start(cast.workspace.id, by=cast.alice)
    work(cast.workspace.id)
    assert state(cast, run) == "failed"
