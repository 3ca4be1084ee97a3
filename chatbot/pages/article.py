"""An article for the chat window, which shows it beside the conversation, and its pictures."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from accounts.access import widget_workspace
from accounts.errors import NotFound
from accounts.scope import workspace_scope
from chatbot.asking import audiences_for
from chatbot.sessions import contact_of
from knowledge import pictures
from knowledge.models import Audience
from knowledge.public_pages import public_article
from knowledge.views import picture_response


@require_safe
@vary_on_headers("Authorization")
def article(request: HttpRequest, key: str, article_id: UUID) -> JsonResponse:
    """What this visitor may read: what everybody may, and more where the site said who they are.

    A 404 for all else, whatever the reason: nobody learns what there is.
    """
    try:
        workspace_id = widget_workspace(key)
        audiences = _audiences(request, workspace_id)
        found = public_article(workspace_id, article_id, audiences=audiences)
    except NotFound:
        raise Http404 from None
    body = {
        "title": found.title,
        "html": found.html,
        "language": found.language,
        "written_at": found.written_at.isoformat(),
        "public": found.audience == Audience.PUBLIC,  # it has a page of its own
    }
    response = JsonResponse(body)
    # An archived article is not shown any more; a visitor's own is kept nowhere.
    response.headers["Cache-Control"] = "private, no-cache" if body["public"] else "no-store"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return response


@require_safe
@vary_on_headers("Authorization")
def picture(
    request: HttpRequest, key: str, article_id: UUID, digest: str, kind: str
) -> HttpResponse:
    """A picture of an article that this visitor may read; by the same token, never by address."""
    try:
        workspace_id = widget_workspace(key)
        audiences = _audiences(request, workspace_id)
        found = pictures.shown_in(workspace_id, article_id, digest, audiences=audiences)
        response = picture_response(found, kind)
    except NotFound:
        raise Http404 from None
    response.headers["Cache-Control"] = "no-store"
    return response


def _audiences(request: HttpRequest, workspace_id: UUID) -> tuple[str, ...]:
    """By the visitor's token, in a header alone; an unknown one is nobody's."""
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    with workspace_scope(workspace_id):
        return audiences_for(contact_of(token) if kind == "Visitor" else None)
