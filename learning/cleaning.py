"""Files that nothing needs any more: of rejected and deleted versions, of trainings that ended.

What serves, is tried, was built or served before (for the way back) keeps its files. Whatever is
younger than a day stays, as a version's files are kept before its row is. A training that was
stopped or failed can be resumed, so its folder stays for a month.
"""

import shutil
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from accounts.scope import workspace_scope
from knowledge import artefacts
from learning import runs
from learning.models import ModelVersion, TrainingRun, VersionState
from learning.models.runs import ACTIVE, RunState
from outbox.queue import LeasedJob

ARTEFACTS, TRAININGS = "clean_artefacts", "clean_trainings"
GRACE = timedelta(days=1)
RESUMABLE = timedelta(days=30)


def clean_artefacts(job: LeasedJob) -> int:
    """Delete the files of the workspace that no version needs; how many."""
    gone = unneeded(job.workspace_id)
    removed = artefacts.remove(job.workspace_id, gone, older_than=timezone.now() - GRACE)
    with workspace_scope(job.workspace_id):
        job.complete()
    return removed


def unneeded(workspace_id: UUID) -> set[str]:
    """Digests of files that are kept, but not for a version that could answer."""
    with workspace_scope(workspace_id):
        versions = ModelVersion.objects.exclude(state=VersionState.REJECTED)
        kept = {
            digest
            for parts in versions.values_list("parts", flat=True)
            for files in parts.values()
            for digest in files.values()
        }
    return artefacts.stored(workspace_id) - kept


def clean_trainings(job: LeasedJob) -> int:
    """Delete work folders on this machine, where trainings run; how many."""
    now, removed = timezone.now(), 0
    root = Path(settings.TRAINING_DIR) / str(job.workspace_id)
    for folder in sorted(root.iterdir()) if root.is_dir() else []:
        with workspace_scope(job.workspace_id):
            run = _run_of(folder)
        if _is_done_with(folder, run, now):
            shutil.rmtree(folder, ignore_errors=True)
            removed += 1
    with workspace_scope(job.workspace_id):
        job.complete()
    return removed


def _run_of(folder: Path) -> TrainingRun | None:
    try:
        return TrainingRun.objects.filter(id=UUID(folder.name)).first()
    except ValueError:
        return None


def _is_done_with(folder: Path, run: TrainingRun | None, now: datetime) -> bool:
    if run is None:
        return now.timestamp() - folder.stat().st_mtime > GRACE.total_seconds()
    if run.state in ACTIVE or run.ended_at is None:
        return False
    return now - run.ended_at > (GRACE if run.state == RunState.DONE else RESUMABLE)


QUEUES = {ARTEFACTS: "knowledge", TRAININGS: runs.QUEUE}
