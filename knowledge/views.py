"""The public page of an article, which citations lead to."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.models import Workspace
from accounts.scope import workspace_scope
from knowledge.models import Article, Audience
from knowledge.rendering import render_article


@require_safe
def article(request: HttpRequest, workspace: str, article_id: UUID) -> HttpResponse:
    """A published article that everybody may read. Anything else is a 404."""
    owner = Workspace.objects.filter(slug=workspace).first()
    if owner is None:
        raise Http404
    with workspace_scope(owner.id):
        found = (
            Article.objects.filter(id=article_id, archived_at=None, audience=Audience.PUBLIC)
            .exclude(published_revision=None)
            .select_related("published_revision")
            .first()
        )
        if found is None or found.published_revision is None:
            raise Http404
        revision = found.published_revision
    page = {
        "article": found,
        "workspace": owner,
        "title": revision.title,
        "content": render_article(revision.text, revision.text_format),
    }
    return render(request, "knowledge/article.html", page)
