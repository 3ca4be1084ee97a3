"""Which workspace's console? A member of one workspace is sent straight to it."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.access import memberships
from accounts.models import User
from console.gate import CONSOLE_ROLES


@require_safe
@login_required
def choose_console(request: HttpRequest) -> HttpResponse:
    """The workspaces whose console this user's role opens; agents have the desk."""
    assert isinstance(request.user, User)
    found = [member for member in memberships(request.user) if member.role in CONSOLE_ROLES]
    if not found and memberships(request.user):
        said = _("Your role works at the desk; the console is for editors and administrators.")
        messages.info(request, said)
        return redirect("choose_desk")
    if len(found) == 1:
        return redirect(f"/console/{found[0].workspace.slug}/")
    page = {
        "title": _("Console"),
        "choices": [(row.workspace.name, f"/console/{row.workspace.slug}/") for row in found],
    }
    return render(request, "choose_workspace.html", page)
