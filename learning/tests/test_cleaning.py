"""Old files go: those of rejected and deleted versions, and of trainings that ended."""

import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from pytest_django import Settings

from accounts.ids import uuid7
from accounts.scope import workspace_scope
from knowledge import artefacts
from knowledge.tests.worker import claimed
from learning import cleaning, runs
from learning.models import ModelVersion, TrainingRun, VersionState
from outbox.queue import LeasedJob, enqueue
from tests.cast import Cast

OLD_S = 3 * 86_400


@pytest.fixture(autouse=True)
def places(settings: Settings, tmp_path: Path) -> Path:
    backend = settings.STORAGES["artefacts"]["BACKEND"]
    place = {"BACKEND": backend, "OPTIONS": {"location": tmp_path / "kept"}}
    settings.STORAGES = settings.STORAGES | {"artefacts": place}
    settings.TRAINING_DIR = tmp_path / "training"
    return tmp_path


def job(cast: Cast, kind: str) -> LeasedJob:
    with workspace_scope(cast.workspace.id):
        row = enqueue(kind, workspace_id=cast.workspace.id, payload={}, queue=cleaning.QUEUES[kind])
    assert row is not None
    return claimed(cast.workspace.id, row.id)


def version(cast: Cast, folder: Path, number: int, state: VersionState) -> set[str]:
    """One with a part of its own; the digests of its files."""
    folder.mkdir()
    (folder / "manifest.json").write_text(f"{{{number}}}")
    files = artefacts.keep(cast.workspace.id, folder)
    with workspace_scope(cast.workspace.id):
        ModelVersion.objects.create(
            workspace=cast.workspace, number=number, state=state, parts={"ranker": files}
        )
    return set(files.values())


def test_files_of_rejected_and_deleted_versions_go_and_those_for_the_way_back_stay(
    cast: Cast, places: Path
) -> None:
    states = (VersionState.SERVING, VersionState.RETIRED, VersionState.REJECTED)
    kept = [version(cast, places / str(n), n, state) for n, state in enumerate(states, start=1)]
    deleted = version(cast, places / "9", 9, VersionState.BUILT)
    with workspace_scope(cast.workspace.id):
        ModelVersion.objects.filter(number=9).delete()
    assert cleaning.clean_artefacts(job(cast, cleaning.ARTEFACTS)) == 0  # too young
    for path in (places / "kept").rglob("*"):
        at = path.stat().st_mtime - OLD_S
        os.utime(path, (at, at))
    assert cleaning.clean_artefacts(job(cast, cleaning.ARTEFACTS)) == 2
    assert artefacts.stored(cast.workspace.id) == kept[0] | kept[1]
    assert artefacts.stored(cast.other.workspace.id) == set() and deleted


def test_work_folders_go_when_their_training_is_over(cast: Cast) -> None:
    now, folders = timezone.now(), {}
    for state, days in (("done", 2), ("failed", 2), ("cancelled", 40), ("running", 40)):
        with workspace_scope(cast.workspace.id):
            run = TrainingRun.objects.create(
                workspace=cast.workspace,
                state=state,
                minutes=1.0,
                ended_at=None if state == "running" else now - timedelta(days=days),
            )
        folders[state] = runs.work_folder(run)
        folders[state].mkdir(parents=True)
    lost = folders["done"].parent / str(uuid7())
    lost.mkdir()
    assert cleaning.clean_trainings(job(cast, cleaning.TRAININGS)) == 2
    left = {state for state, folder in folders.items() if folder.exists()}
    assert left == {"failed", "running"} and lost.exists()
