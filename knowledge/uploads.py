"""Files from the console: kept in a row, imported by the knowledge worker.

The web process only stores what came; it is parsed in the worker's limited subprocess. The bytes
lie in the database, so that web process and worker need no disk in common, and go once the file
was read. A file of the same name again is a new revision of the same article.
KnowledgeError: the file is refused; the message is for whoever uploads it.
"""

import hashlib
import tempfile
import time
from dataclasses import asdict
from datetime import datetime
from pathlib import Path, PurePosixPath
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit
from accounts.errors import NotFound
from accounts.models import Member
from accounts.scope import workspace_scope
from knowledge import importing, proposing, uploads_replacing
from knowledge.articles import KnowledgeError, source_named
from knowledge.models import Source, Upload, UploadState
from knowledge.parsing import reader
from knowledge.parsing.formats import ARCHIVE, ROWS, suffix
from knowledge.uploads_replacing import Missing
from outbox.queue import LeasedJob, enqueue

KIND = "import_upload"
LARGEST = 20_000_000  # bytes
LONGEST_NAME = 200
LARGEST_ZIP = 50_000_000
MOST_WAITING = 200
MOST_PROBLEMS = 50  # lines that are kept
PER_PAGE = 25
STEP_S = 30.0
ENOUGH_S = 5.0  # of reading, before it is told how long the rest will take
SOURCE = "uploads"
UNFINISHED = (UploadState.WAITING, UploadState.READING)


def accept(author: Member, name: str, data: bytes, *, replaces: bool = False) -> Upload:
    """Keep a file and have it imported. One that waits already is not taken twice.

    replaces: what an earlier table of questions and answers of this name had besides is archived.
    """
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
            workspace_id=author.workspace_id,
            name=name,
            data=data,
            digest=digest,
            author=author,
            replaces=replaces,
        )
        _next_step(upload)
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


def cancel(author: Member, upload_id: UUID) -> None:
    """Read no further. What was imported stays. Twice is harmless. Raises NotFound."""
    with workspace_scope(author.workspace_id):
        rows = Upload.objects.filter(id=upload_id)
        if not rows.exists():
            raise NotFound("no such upload")
        if rows.filter(state__in=UNFINISHED).update(
            state=UploadState.STOPPED, data=b"", finished_at=timezone.now()
        ):
            audit.record(author, "upload.stopped", target_kind="upload", target_id=upload_id)


def run(job: LeasedJob, *, step_s: float = STEP_S) -> None:
    """One step of a kept file's import, in a thread of the knowledge worker.

    A killed worker's step is done again from the last batch on. Running twice is harmless.
    """
    with workspace_scope(job.workspace_id):
        upload = _waiting(job)
        if upload is None:
            job.complete()
            return
        source = source_named(job.workspace_id, SOURCE, kind="upload")
        way = importing.Way(proposing.required(job.workspace_id), upload.author)
    with tempfile.TemporaryDirectory(prefix="upload-") as folder:
        path = Path(folder) / upload.name
        path.write_bytes(upload.data)
        is_read = _advance(upload, source, path, way, until=time.monotonic() + step_s)
        lost = uploads_replacing.missing(source, path) if is_read and upload.replaces else None
    with workspace_scope(job.workspace_id):
        job.complete()
        if not is_read:
            if _waiting(job) is not None:
                _next_step(upload)
            return
        _finish(upload, source, lost)


def _advance(upload: Upload, source: Source, path: Path, way: importing.Way, until: float) -> bool:
    """Batch by batch from where it was left; False where it is to go on later, or not at all."""
    place = reader.Place(**upload.progress)
    seen, counted = set[str](), 0
    report = importing.Report()

    def listed(files: int) -> None:
        _note(upload, files=max(files, _rows_in(upload)))

    if upload.started_at is None:
        _note(
            upload,
            state=UploadState.READING,
            started_at=timezone.now(),
            files=max(1, _rows_in(upload)),
        )
    with reader.Reader(on_listed=listed) as child:
        found = child.resumed(path, upload.name, place, seen=seen)
        for batch in importing.batches(importing.valid(found, report, seen, importing.Listener())):
            importing.import_batch(source, batch, report, way)
            counted += len(batch)
            if not _keep(upload, place, report, counted):
                return False
            if time.monotonic() > until:
                return False
    return _keep(upload, place, report, counted)


def _rows_in(upload: Upload) -> int:
    """Articles in a file of rows; 0 where only reading it tells."""
    if suffix(upload.name) not in ROWS or upload.name.endswith(".gz"):
        return 0
    return sum(1 for line in bytes(upload.data).split(b"\n") if line.strip())


def _keep(upload: Upload, place: reader.Place, report: importing.Report, count: int) -> bool:
    """What this step came to so far, on top of what `upload` says of the steps before.

    With the place to go on from; False if nobody wants the rest.
    """
    found = [*report.broken, *report.notes]
    lines = [f"{one.place}: {one.reason}" for one in found]
    return _note(
        upload,
        state=UploadState.READING,
        progress=asdict(place),
        read=upload.read + count + len(report.broken),
        published=upload.published + report.published,
        unchanged=upload.unchanged + report.unchanged,
        drafted=upload.drafted + report.drafted,
        problems=[*upload.problems, *lines][:MOST_PROBLEMS],
    )


def _note(upload: Upload, **known: object) -> bool:
    """Tell the page how far it is."""
    with workspace_scope(upload.workspace_id):
        rows = Upload.objects.filter(id=upload.id, state__in=UNFINISHED)
        return bool(rows.update(**known))


def _finish(upload: Upload, source: Source, lost: Missing | None) -> None:
    """Inside the scope."""
    row = Upload.objects.defer("data").get(id=upload.id)
    if lost is not None:
        row.retired = uploads_replacing.retire(source, lost)
        row.problems = [*row.problems, *lost.problems][:MOST_PROBLEMS]
    came = row.published + row.unchanged + row.drafted
    done = Upload.objects.filter(id=upload.id, state__in=UNFINISHED).update(
        state=UploadState.FAILED if row.problems and not came else UploadState.DONE,
        retired=row.retired,
        problems=row.problems,
        data=b"",
        finished_at=timezone.now(),
    )
    changed = {"published": row.published, "archived": row.retired, "drafted": row.drafted}
    if done and any(changed.values()):
        audit.record(
            upload.author or "system",
            "source.imported",
            target_kind="source",
            target_id=source.id,
            name=source.name,
            **changed,
            broken=len(row.problems),
        )


def _next_step(upload: Upload) -> None:
    enqueue(
        KIND,
        workspace_id=upload.workspace_id,
        payload={"upload_id": str(upload.id)},
        queue="knowledge",
    )


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
    upload = _waiting(job)
    if upload is not None:
        problems = [*upload.problems, "The file could not be imported."]
        _note(
            upload,
            state=UploadState.FAILED,
            problems=problems,
            data=b"",
            finished_at=timezone.now(),
        )


def _waiting(job: LeasedJob) -> Upload | None:
    rows = Upload.objects.select_related("author").filter(state__in=UNFINISHED)
    return rows.filter(id=UUID(job.payload["upload_id"])).first()


def recent(workspace_id: UUID, *, number: int = 1) -> tuple[list[Upload], bool]:
    """One page of uploads, newest first and without their bytes, and whether there are more."""
    first = (number - 1) * PER_PAGE
    with workspace_scope(workspace_id):
        rows = Upload.objects.select_related("author").defer("data").order_by("-created_at", "-id")
        found = list(rows[first : first + PER_PAGE + 1])
    return found[:PER_PAGE], len(found) > PER_PAGE
