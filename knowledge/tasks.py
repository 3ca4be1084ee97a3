"""What the knowledge worker does: index and publish revisions, import uploaded files, publish and
archive at the scheduled moment, change many articles step by step."""

from uuid import UUID

from accounts.scope import workspace_scope
from knowledge import bulk, indexing, scheduling, uploads
from knowledge.articles import INDEX_KIND
from knowledge.models import Revision
from outbox.queue import LeasedJob
from outbox.registry import handler


def index_failed(job: LeasedJob) -> None:
    """The list says so. Runs in the transaction that buries the job."""
    indexing.gave_up(UUID(job.payload["revision_id"]))


@handler(INDEX_KIND, lease_s=120.0, max_attempts=5, on_dead=index_failed)
def index_revision(job: LeasedJob) -> None:
    """Cut and embed with no transaction open, publish in one. Running twice is harmless."""
    with workspace_scope(job.workspace_id):
        revision = Revision.objects.filter(id=UUID(job.payload["revision_id"])).first()
        if revision is None:
            job.complete()
            return
    prepared = indexing.prepare(revision)
    indexing.embed_and_publish(job.workspace_id, [prepared], before_commit=job.complete)


@handler(uploads.KIND, lease_s=120.0, max_attempts=3, on_dead=uploads.give_up)
def import_upload(job: LeasedJob) -> None:
    """Parse in the limited subprocess, embed and publish batch by batch."""
    uploads.run(job)


@handler(scheduling.KIND, lease_s=30.0, max_attempts=5, on_dead=scheduling.give_up)
def keep_schedule(job: LeasedJob) -> None:
    """Publish or archive, if this moment is still the one that is wanted."""
    scheduling.run(job)


@handler(bulk.KIND, lease_s=120.0, max_attempts=3, on_dead=bulk.give_up)
def bulk_step(job: LeasedJob) -> None:
    """Some articles; the next step is asked for in the transaction that ends this one."""
    bulk.run(job)
