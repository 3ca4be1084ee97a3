"""Who may open a page below a workspace's slug: one of its members, in a fitting role.

Strangers get a 404, a lesser role a 403; both before anything was read or changed. What the
functions behind a page raise becomes the same answers.
"""

from collections.abc import Callable, Collection
from functools import wraps
from typing import Concatenate, ParamSpec

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache

from accounts.access import member_for
from accounts.errors import NotAllowed, NotFound
from accounts.models import Member, User

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
