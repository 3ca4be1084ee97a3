"""What the knowledge worker does: index and publish revisions, import uploaded files."""

from uuid import UUID

from accounts.scope import workspace_scope
from knowledge import indexing, uploads
from knowledge.articles import INDEX_KIND
from knowledge.models import Revision
from outbox.queue import LeasedJob
from outbox.registry import handler


@handler(INDEX_KIND, lease_s=120.0, max_attempts=5)
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
