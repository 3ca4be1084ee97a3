"""Evidence whose passages are published, by rows alone: neither indexed nor embedded."""

from collections.abc import Sequence
from uuid import UUID

from accounts.scope import workspace_scope
from chatbot.answering.contract import Evidence
from knowledge.articles import source_named
from knowledge.models import Article, ArticleState, Passage, Revision


def published(workspace_id: UUID, evidence: Sequence[Evidence]) -> None:
    """An article for each, which everybody may read. What is there already stays as it is."""
    with workspace_scope(workspace_id):
        source = source_named(workspace_id, "found", kind="folder")
        Article.objects.bulk_create(
            [
                Article(
                    id=one.article_id, workspace_id=workspace_id, source=source,
                    external_id=one.doc_id, title=one.title, url=one.url,
                    published_revision_id=one.revision_id, wanted_revision_id=one.revision_id,
                    state=ArticleState.PUBLISHED,
                )
                for one in evidence
            ],
            ignore_conflicts=True,
        )  # fmt: skip
        Revision.objects.bulk_create(
            [
                Revision(
                    id=one.revision_id, workspace_id=workspace_id, article_id=one.article_id,
                    number=1, title=one.title, text=one.text, content_hash=one.revision_id,
                )
                for one in evidence
            ],
            ignore_conflicts=True,
        )  # fmt: skip
        Passage.objects.bulk_create(
            [
                Passage(
                    id=one.passage_id, workspace_id=workspace_id, article_id=one.article_id,
                    revision_id=one.revision_id, position=0, heading_path=list(one.heading_path),
                    start=one.start, end=one.end, text=one.text,
                )
                for one in evidence
            ],
            ignore_conflicts=True,
        )  # fmt: skip
