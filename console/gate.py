"""Who may open a page of the console: a member of the workspace in the path, in a fitting role.

Strangers get a 404, a lesser role a 403; both before anything was read or changed. What the
functions behind a page raise becomes the same answers.
"""

from collections.abc import Callable, Collection
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache

from accounts.access import ADMINS, AGENTS, EDITORS, EVERYBODY, member_for
from accounts.errors import NotAllowed, NotFound
from accounts.models import Member, Role, User
from console.budget_notices import notices

CONSOLE_ROLES = EVERYBODY - {Role.AGENT}  # agents have the desk
CHECK_READERS = AGENTS | {Role.ANALYST}  # answers to check; an analyst gives no verdict
DIAL_READERS = ADMINS | {Role.ANALYST}
Given = ParamSpec("Given")
View = Callable[Concatenate[HttpRequest, Member, Given], HttpResponse]


def for_roles(roles: Collection[str]) -> Callable[[View[Given]], Callable[..., HttpResponse]]:
    """The view gets the member in place of the workspace's slug."""

    def decorate(view: View[Given]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def checked(
            request: HttpRequest, slug: str, *args: Given.args, **kwargs: Given.kwargs
        ) -> HttpResponse:
            assert isinstance(request.user, User)
            try:
                member = member_for(request.user, workspace_slug=slug, roles=roles)
                return view(request, member, *args, **kwargs)
            except NotFound:
                raise Http404 from None
            except NotAllowed:
                raise PermissionDenied from None

        return never_cache(login_required(checked))

    return decorate


def page(
    request: HttpRequest, member: Member, template: str, *, status: int = 200, **context: Any
) -> HttpResponse:
    """Render a page with what all of them need."""
    given = {
        "member": member,
        "workspace": member.workspace,
        "may_edit": member.role in EDITORS,
        "may_administer": member.role in ADMINS,
        "may_see_checks": member.role in CHECK_READERS,
        "may_see_dial": member.role in DIAL_READERS,
        "budget_notices": notices(member),
        **context,
    }
    return render(request, f"console/{template}", given, status=status)
