"""The page behind a link in a mail: its reader says that the transcript may come.

Opening it sends nothing, since mail programs open links by themselves; pressing the button does.
"""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.errors import NotFound
from chatbot import transcript_mail


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    done = request.method == "POST"
    try:
        row = transcript_mail.confirm(token) if done else transcript_mail.wished(token)
    except NotFound:
        raise Http404 from None
    with translation.override(row.conversation.language):
        page = {"workspace": row.workspace, "email": row.email, "done": done}
        response = render(request, "chatbot/transcript.html", page)
    response["Referrer-Policy"] = "same-origin"
    return response
