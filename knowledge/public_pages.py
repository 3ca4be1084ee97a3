"""A published article as a reader gets it: on its own page, and inside the chat window."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from accounts.errors import NotFound
from accounts.scope import workspace_scope
from knowledge.models import Article, Audience
from knowledge.rendering import render_article


@dataclass(frozen=True)
class PublicArticle:
    """`html` is sanitised; `original` is where the article came from, empty for our own."""

    title: str
    html: str
    language: str
    original: str
    written_at: datetime
    audience: str


def public_article(
    workspace_id: UUID, article_id: UUID, *, audiences: Collection[str] = (Audience.PUBLIC,)
) -> PublicArticle:
    """Raises NotFound for what is not published, archived, or for other readers."""
    with workspace_scope(workspace_id):
        found = (
            Article.objects.filter(id=article_id, archived_at=None, audience__in=audiences)
            .exclude(published_revision=None)
            .select_related("published_revision")
            .first()
        )
    if found is None or found.published_revision is None:
        raise NotFound("no such article")
    revision = found.published_revision
    return PublicArticle(
        title=revision.title,
        html=render_article(revision.text, revision.text_format),
        language=found.lang,
        original=found.url,
        written_at=revision.created_at,
        audience=found.audience,
    )
