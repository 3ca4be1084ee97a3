"""A shop whose help pages are suggested in the visitor's browser: real vectors, a real snapshot."""

from uuid import UUID

from django.utils import timezone

from accounts.scope import workspace_scope
from accounts.workspaces import change_settings
from knowledge import indexing, snapshots
from knowledge.articles import upsert_article
from knowledge.models import Article
from outbox.models import JobState, OutboxJob
from outbox.queue import claim

PAGES = {
    "refunds": ("Refunds", "# Refunds\n\nYour money is back on your card within five days.\n"),
    "opening": ("Opening hours", "# Opening hours\n\nThe shop is open from nine to six.\n"),
    "parcels": ("Where is my parcel?", "# Where is my parcel?\n\nFollow it by its number.\n"),
    "invoices": ("Invoices", "# Invoices\n\nDownload your invoice as a PDF from your account.\n"),
}


def publish(workspace_id: UUID, pages: dict[str, tuple[str, str]] = PAGES) -> dict[str, Article]:
    """Written, embedded and published, as the knowledge worker does; by doc_id."""
    saved = {
        doc_id: upsert_article(workspace_id, doc_id=doc_id, title=title, text=text)
        for doc_id, (title, text) in pages.items()
    }
    prepared = [indexing.prepare(one.revision) for one in saved.values()]
    indexing.embed_and_publish(workspace_id, prepared)
    return {doc_id: one.article for doc_id, one in saved.items()}


def suggest(workspace_id: UUID) -> None:
    """Switched on, and the snapshot built."""
    change_settings(workspace_id, actor="test", browser_suggestions=True)
    with workspace_scope(workspace_id):
        snapshots.changed(workspace_id)
    build(workspace_id)


def build(workspace_id: UUID) -> int:
    """Do the builds that are asked for, without the pause before them; how many."""
    with workspace_scope(workspace_id):
        rows = OutboxJob.objects.filter(kind=snapshots.KIND, state=JobState.READY)
        rows.update(available_at=timezone.now())
        ids = list(rows.values_list("id", flat=True))
    for job_id in ids:
        job = claim(workspace_id, job_id, lease_s=60.0)
        assert job is not None
        snapshots.run(job)
    return len(ids)
