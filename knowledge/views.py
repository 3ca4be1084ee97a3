"""The public page of an article, which citations lead to, and the pictures in articles."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.access import member_for, workspace_by_slug
from accounts.errors import NotFound
from accounts.models import User, Workspace
from knowledge import pictures
from knowledge.models import Picture
from knowledge.public_pages import public_article
from knowledge.rendering import begins_with


@require_safe
def article(request: HttpRequest, workspace: str, article_id: UUID) -> HttpResponse:
    """A published article that everybody may read.

    Anything else is one and the same 404, which says that readers who are signed in may see more:
    citations lead here too from the chat of such a reader.
    """
    owner = Workspace.objects.filter(slug=workspace).first()
    try:
        found = public_article(owner.id, article_id) if owner else None
    except NotFound:
        found = None
    if found is None:
        return render(request, "knowledge/not_here.html", status=404)
    page = {
        "article": found,
        "workspace": owner,
        "titled": begins_with(found.html, found.title),
    }
    return render(request, "knowledge/article.html", page)


@require_safe
def picture(request: HttpRequest, workspace: str, digest: str, kind: str) -> HttpResponse:
    """A picture that a published public article shows; members see all of their workspace's."""
    try:
        owner = workspace_by_slug(workspace)
        found = pictures.readable(owner.id, digest, is_member=_is_member(request, workspace))
        return picture_response(found, kind)
    except NotFound:
        raise Http404 from None


def picture_response(found: Picture, kind: str) -> HttpResponse:
    """The file to look at, and nothing else. Raises NotFound for another kind, or if it is gone."""
    if found.kind != kind:
        raise NotFound("no such picture")
    data = pictures.content(found)
    response = HttpResponse(data, content_type=pictures.TYPES[found.kind])
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Content-Disposition"] = "inline"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    # Not for long: an archived article's picture is not shown any more.
    response.headers["Cache-Control"] = "private, max-age=300"
    return response


def _is_member(request: HttpRequest, workspace: str) -> bool:
    if not isinstance(request.user, User):
        return False
    try:
        member_for(request.user, workspace_slug=workspace)
    except NotFound:
        return False
    return True
