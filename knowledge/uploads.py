"""Files from the console: kept in a row, imported by the knowledge worker.

The web process only stores what came; it is parsed in the worker's limited subprocess. The bytes
lie in the database, so that web process and worker need no disk in common, and go once the file
was read. A file of the same name again is a new revision of the same article.
KnowledgeError: the file is refused; the message is for whoever uploads it.
"""

import hashlib
import tempfile
from datetime import datetime
from pathlib import Path, PurePosixPath
from uuid import UUID

from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import Member
from accounts.scope import workspace_scope
from knowledge import importing
from knowledge.articles import KnowledgeError, source_named
from knowledge.models import Upload, UploadState
from knowledge.parsing.formats import ARCHIVE, ROWS, suffix
from outbox.queue import LeasedJob, enqueue

KIND = "import_upload"
LARGEST = 20_000_000  # bytes
LONGEST_NAME = 200
LARGEST_ZIP = 50_000_000
MOST_WAITING = 200
MOST_PROBLEMS = 50  # lines that are kept
ENOUGH_S = 5.0  # of reading, before it is told how long the rest will take
SOURCE = "uploads"
UNFINISHED = (UploadState.WAITING, UploadState.READING)


def accept(author: Member, name: str, data: bytes) -> Upload:
    """Keep a file and have it imported. One that waits already is not taken twice."""
    name = _checked(name, data)
    digest = hashlib.sha256(data).hexdigest()
    with workspace_scope(author.workspace_id):
        waiting = Upload.objects.filter(state__in=UNFINISHED)
        known = waiting.filter(name=name, digest=digest).first()
        if known is not None:
            return known
        if waiting.count() >= MOST_WAITING:
            raise KnowledgeError(_("Too many files are waiting; try again in a few minutes."))
        upload = Upload.objects.create(
            workspace_id=author.workspace_id, name=name, data=data, digest=digest, author=author
        )
        enqueue(
            KIND,
            workspace_id=author.workspace_id,
            payload={"upload_id": str(upload.id)},
            queue="knowledge",
        )
        audit.record(
            author, "upload.received", target_kind="upload", target_id=upload.id, name=name
        )
    return upload


def _checked(name: str, data: bytes) -> str:
    name = PurePosixPath(name.replace("\\", "/")).name.strip()
    if not name or name.startswith(".") or not name.isprintable() or len(name) > LONGEST_NAME:
        raise KnowledgeError(_("The file needs a name of at most 200 characters."))
    if not suffix(name):
        raise KnowledgeError(_("%(name)s is of no format that can be imported.") % {"name": name})
    if not data:
        raise KnowledgeError(_("%(name)s is empty.") % {"name": name})
    check_size(name, len(data))
    return name


def check_size(name: str, size: int) -> None:
    """For a surface that need not read what is too large. Raises KnowledgeError."""
    largest = LARGEST_ZIP if suffix(name) == ARCHIVE else LARGEST
    if size > largest:
        said = _("%(name)s is larger than %(megabytes)s MB.")
        raise KnowledgeError(said % {"name": name, "megabytes": largest // 1_000_000})


def run(job: LeasedJob) -> None:
    """Import a kept file, in the knowledge worker. Running twice is harmless."""
    with workspace_scope(job.workspace_id):
        upload = _waiting(job)
        if upload is None:
            job.complete()
            return
        source = source_named(job.workspace_id, SOURCE, kind="upload")
    with tempfile.TemporaryDirectory(prefix="upload-") as folder:
        path = Path(folder) / upload.name
        path.write_bytes(upload.data)
        listener = _progress(upload)
        if suffix(upload.name) in ROWS and not upload.name.endswith(".gz"):
            listener.on_listed(sum(1 for line in bytes(upload.data).split(b"\n") if line.strip()))
        report = importing.import_into(
            source, path, actor=upload.author or "system", listener=listener
        )
    problems = [f"{one.place}: {one.reason}" for one in report.broken[:MOST_PROBLEMS]]
    failed = bool(problems) and not report.published and not report.unchanged
    with workspace_scope(job.workspace_id):
        Upload.objects.filter(id=upload.id).update(
            state=UploadState.FAILED if failed else UploadState.DONE,
            published=report.published,
            unchanged=report.unchanged,
            problems=problems,
            data=b"",
            finished_at=timezone.now(),
        )
        job.complete()


def _progress(upload: Upload) -> importing.Listener:
    """Tell the page how far it is; what was imported already stays if the worker is killed."""
    with workspace_scope(upload.workspace_id):
        Upload.objects.filter(id=upload.id).update(
            state=UploadState.READING, read=0, unchanged=0, started_at=timezone.now()
        )

    def found(files: int) -> None:
        with workspace_scope(upload.workspace_id):
            Upload.objects.filter(id=upload.id).update(files=files)

    def read(count: int) -> None:
        with workspace_scope(upload.workspace_id):
            Upload.objects.filter(id=upload.id).update(read=F("read") + count)

    def unchanged(count: int) -> None:
        with workspace_scope(upload.workspace_id):
            Upload.objects.filter(id=upload.id).update(unchanged=F("unchanged") + count)

    return importing.Listener(read, lambda broken: read(1), found, unchanged)


def remaining_s(upload: Upload, *, now: datetime) -> float | None:
    """How long the rest will take, at the speed of the articles that had to be embedded.

    What was imported before, as after a kill, is skipped at once and says nothing about the rest.
    None: not known yet.
    """
    worked = upload.read - upload.unchanged
    if upload.state != UploadState.READING or upload.started_at is None or worked <= 0:
        return None
    spent = (now - upload.started_at).total_seconds()
    if spent < ENOUGH_S:
        return None
    return max(upload.files - upload.read, 0) * spent / worked


def give_up(job: LeasedJob) -> None:
    """The worker failed at it again and again; runs in the transaction that buries the job."""
    Upload.objects.filter(id=UUID(job.payload["upload_id"])).update(
        state=UploadState.FAILED,
        problems=["The file could not be imported."],
        data=b"",
        finished_at=timezone.now(),
    )


def _waiting(job: LeasedJob) -> Upload | None:
    rows = Upload.objects.select_related("author").filter(state__in=UNFINISHED)
    return rows.filter(id=UUID(job.payload["upload_id"])).first()


def recent(workspace_id: UUID, *, count: int = 20) -> list[Upload]:
    """The newest uploads, without their bytes."""
    with workspace_scope(workspace_id):
        rows = Upload.objects.select_related("author").defer("data").order_by("-created_at", "-id")
        return list(rows[:count])
