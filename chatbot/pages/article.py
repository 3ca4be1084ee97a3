"""An article for the chat window, which shows it beside the conversation."""

from uuid import UUID

from django.http import Http404, HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from accounts.access import widget_workspace
from accounts.errors import NotFound
from knowledge.public_pages import public_article


@require_safe
def article(request: HttpRequest, key: str, article_id: UUID) -> JsonResponse:
    """What everybody may read on the article's page; a 404 for all else, whatever the reason."""
    try:
        found = public_article(widget_workspace(key), article_id)
    except NotFound:
        raise Http404 from None
    body = {
        "title": found.title,
        "html": found.html,
        "language": found.language,
        "written_at": found.written_at.isoformat(),
    }
    response = JsonResponse(body)
    # An archived article is not shown any more.
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return response
