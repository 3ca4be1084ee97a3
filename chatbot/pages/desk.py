"""The agent desk over HTTP: which workspace, and the page that its scripts fill by socket.

The page holds no conversation: everything of a conversation comes through the desk's socket, which
checks the member's role again on each frame.
"""

from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.access import AGENTS, member_for, memberships
from accounts.errors import NotAllowed, NotFound
from accounts.models import Member, User
from accounts.scope import workspace_scope
from chatbot.pages.desk_texts import desk_texts, reason_texts
from chatbot.pages.inbox_texts import channel_titles, view_titles
from chatbot.texts import MAX_TEXT


@require_safe
@login_required
def choose_desk(request: HttpRequest) -> HttpResponse:
    """The workspaces where this user may answer; straight on where there is only one."""
    assert isinstance(request.user, User)
    found = [member.workspace for member in memberships(request.user) if member.role in AGENTS]
    if len(found) == 1:
        return redirect("desk", slug=found[0].slug)
    choices = [(row.name, reverse("desk", kwargs={"slug": row.slug})) for row in found]
    return render(request, "choose_workspace.html", {"title": _("Desk"), "choices": choices})


@require_safe
@never_cache
@login_required
def desk(request: HttpRequest, slug: str) -> HttpResponse:
    """For agents and administrators. Strangers get a 404, other roles a 403."""
    assert isinstance(request.user, User)
    try:
        member = member_for(request.user, workspace_slug=slug, roles=AGENTS)
    except NotFound:
        raise Http404 from None
    except NotAllowed:
        raise PermissionDenied from None
    page = {
        "workspace": member.workspace,
        "member": member,
        "config": _config(member) | {"csrf": get_token(request)},
        "views": view_titles(),
    }
    return render(request, "chatbot/desk.html", page)


def _config(member: Member) -> dict[str, Any]:
    """What the scripts need to begin; `now` lets them count waiting times by our clock."""
    return {
        "slug": member.workspace.slug,
        "workspace": member.workspace.name,
        "language": get_language(),
        "now": timezone.now().isoformat(),
        "maxText": MAX_TEXT,
        "channels": channel_titles(),
        "languages": [code for code, _name in settings.LANGUAGES],
        "members": _agents(member),
        "texts": desk_texts(),
        "reasons": reason_texts(),
    }


def _agents(member: Member) -> list[tuple[str, str]]:
    """Who may have a conversation, by name, as the filter offers them."""
    with workspace_scope(member.workspace_id):
        rows = Member.objects.filter(role__in=AGENTS, is_active=True).order_by("display_name")
        return [(str(row.id), row.display_name) for row in rows]
