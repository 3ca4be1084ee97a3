"""Files over HTTP: given and read by the visitor, by a token in a header, and by members.

Nothing here is found by knowing an address: each request is asked whose it is, and a cookie does
not count for the visitor. What is sent is never run: no type but the file's own, no script, no
origin.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import quote
from uuid import UUID

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from accounts import ratelimit
from accounts.access import AGENTS, EVERYBODY, member_for, widget_workspace
from accounts.errors import NotAllowed, NotFound, RateLimited
from accounts.models import Role, User
from accounts.scope import workspace_scope
from chatbot import attachments
from chatbot.filing.contract import Refused
from chatbot.filing.words import LARGEST, refusal
from chatbot.models import Attachment, Conversation
from chatbot.sessions import visitor_of

FORM_BYTES = 20_000  # around the file
AT_ONCE, PER_S = 20, 0.2  # files of one visitor or member
READERS = EVERYBODY - {Role.EDITOR}  # who may read conversations
STATUS = {"too_large": 413, "rate_limited": 429, "not_allowed": 403}
View = Callable[..., HttpResponse]


def _guarded(view: View) -> View:
    """Problems as JSON with a code and words; what is not yours is not there."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except (NotFound, NotAllowed):
            raise Http404 from None
        except Refused as error:
            return _problem(error.code)
        except RateLimited as error:
            response = _problem("rate_limited")
            response["Retry-After"] = str(error.retry_after_s)
            return response

    return guarded


def _problem(code: str) -> HttpResponse:
    said = {"code": code, "problem": refusal(code)}
    return JsonResponse(said, status=STATUS.get(code, 400))


@csrf_exempt
@require_POST
@never_cache
@_guarded
def give(request: HttpRequest, key: str, conversation_id: UUID) -> HttpResponse:
    """A visitor's file: kept, not sent yet. 200 with what it is, else a problem in words."""
    conversation = _visitors(request, key, conversation_id)
    ratelimit.check("files", key=str(conversation.contact_id), burst=AT_ONCE, per_second=PER_S)
    return _kept(request, conversation)


@csrf_exempt
@require_http_methods(["GET", "HEAD", "DELETE"])
@never_cache
@_guarded
def visitors_file(
    request: HttpRequest, key: str, conversation_id: UUID, attachment_id: UUID
) -> HttpResponse:
    """For the visitor whose conversation it is. DELETE takes back what was not sent yet."""
    conversation = _visitors(request, key, conversation_id)
    if request.method == "DELETE":
        with workspace_scope(conversation.workspace_id):
            attachments.drop(conversation, attachment_id, member=None)
        return HttpResponse(status=204)
    return _file(request, conversation, attachment_id, is_member=False)


def _visitors(request: HttpRequest, key: str, conversation_id: UUID) -> Conversation:
    """By the token in the header, from a page of our own. Raises NotFound for all else."""
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    if kind != "Visitor" or not token or not _from_our_page(request):
        raise NotFound("no token")
    workspace_id = widget_workspace(key)
    with workspace_scope(workspace_id):
        visitor_of(token, conversation_id)
        return Conversation.objects.get(id=conversation_id)


def _from_our_page(request: HttpRequest) -> bool:
    origin = request.headers.get("Origin", "").lower()
    own = {settings.BASE_URL.lower(), f"{request.scheme}://{request.get_host()}".lower()}
    return not origin or origin in own


@require_POST
@never_cache
@login_required
@_guarded
def give_as_member(request: HttpRequest, slug: str, conversation_id: UUID) -> HttpResponse:
    """An agent's file: kept, not sent yet."""
    assert isinstance(request.user, User)
    member = member_for(request.user, workspace_slug=slug, roles=AGENTS)
    conversation = _of_workspace(member.workspace_id, conversation_id)
    ratelimit.check("files", key=str(member.id), burst=AT_ONCE, per_second=PER_S)
    return _kept(request, conversation, member=member)


@require_http_methods(["GET", "HEAD", "DELETE"])
@never_cache
@login_required
@_guarded
def members_file(
    request: HttpRequest, slug: str, conversation_id: UUID, attachment_id: UUID
) -> HttpResponse:
    """For the members of the workspace who may read conversations. DELETE as for visitors."""
    assert isinstance(request.user, User)
    roles = AGENTS if request.method == "DELETE" else READERS
    member = member_for(request.user, workspace_slug=slug, roles=roles)
    conversation = _of_workspace(member.workspace_id, conversation_id)
    if request.method == "DELETE":
        with workspace_scope(member.workspace_id):
            attachments.drop(conversation, attachment_id, member=member)
        return HttpResponse(status=204)
    return _file(request, conversation, attachment_id, is_member=True)


def _of_workspace(workspace_id: UUID, conversation_id: UUID) -> Conversation:
    with workspace_scope(workspace_id):
        found = Conversation.objects.filter(id=conversation_id).first()
    if found is None:
        raise NotFound("no such conversation")
    return found


def _kept(request: HttpRequest, conversation: Conversation, **more: Any) -> HttpResponse:
    """The size is said before a byte is read."""
    length = request.headers.get("Content-Length", "")
    if not length.isdigit() or int(length) > LARGEST + FORM_BYTES:
        raise Refused("too_large")
    file = request.FILES.get("file")
    if file is None or file.name is None:
        raise Refused("damaged")
    upload = attachments.Upload(file.name, file.read(LARGEST + 1), **more)
    row = attachments.keep(conversation, upload)
    return JsonResponse(attachments.part(row))


def _file(
    request: HttpRequest, conversation: Conversation, attachment_id: UUID, *, is_member: bool
) -> HttpResponse:
    """Sent ones are for both; one that was not sent yet is for the side that gave it alone."""
    with workspace_scope(conversation.workspace_id):
        row = Attachment.objects.filter(conversation=conversation, id=attachment_id).first()
    if row is None or (row.message_id is None and (row.member_id is not None) != is_member):
        raise NotFound("no such file")
    data = attachments.content(row, preview="preview" in request.GET)
    response = HttpResponse(data, content_type=attachments.TYPES[row.kind])
    shown = "inline" if row.kind != "pdf" else "attachment"
    response["Content-Disposition"] = f"{shown}; filename*=UTF-8''{quote(row.name)}"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["X-Content-Type-Options"] = "nosniff"
    return response
