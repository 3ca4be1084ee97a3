"""Delete a source in steps: its articles first, then its pages, then its row.

Articles are archived or left as they are, and belong to what is written by hand from then on, so
that conversations that cite them keep what they cite.
"""

from uuid import UUID

from accounts.ids import uuid7
from accounts.scope import workspace_scope
from knowledge.articles import source_named
from knowledge.indexing import withdraw
from knowledge.models import Article, Source, SourcePage, SourceState
from outbox.queue import LeasedJob, enqueue

KIND = "delete_source"
HEIR = "console"
STEP_ARTICLES = 200
STEP_PAGES = 2_000


def request(source: Source, *, with_articles: bool) -> None:
    """Needs the scope."""
    Source.objects.filter(id=source.id).update(
        state=SourceState.DELETING, run=uuid7(), ticket=None, next_at=None
    )
    _enqueue(source.workspace_id, source.id, with_articles=with_articles)


def _enqueue(workspace_id: UUID, source_id: UUID, *, with_articles: bool) -> None:
    enqueue(
        KIND,
        workspace_id=workspace_id,
        payload={"source_id": str(source_id), "with_articles": with_articles},
        queue="knowledge",
    )


def step(job: LeasedJob) -> None:
    """One batch, and the job for the next one, in one transaction."""
    source_id, with_articles = UUID(job.payload["source_id"]), bool(job.payload["with_articles"])
    with workspace_scope(job.workspace_id):
        job.complete()
        source = Source.objects.filter(id=source_id, state=SourceState.DELETING).first()
        if source is None:
            return
        ids = list(
            Article.objects.filter(source=source).values_list("id", flat=True)[:STEP_ARTICLES]
        )
        if ids:
            if with_articles:
                withdraw(job.workspace_id, ids)
            heir = source_named(job.workspace_id, HEIR, kind=HEIR)
            Article.objects.filter(id__in=ids).update(source=heir)
        pages = SourcePage.objects.filter(source=source)
        some = list(pages.values_list("id", flat=True)[:STEP_PAGES])
        pages.filter(id__in=some).delete()
        if ids or len(some) == STEP_PAGES:
            _enqueue(job.workspace_id, source_id, with_articles=with_articles)
        else:
            source.delete()
