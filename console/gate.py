"""Who may open a page of the console, and what every page of it is given."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.access import ADMINS, AGENTS, EDITORS, EVERYBODY
from accounts.gate import for_roles
from accounts.models import Member, Role
from console.budget_notices import notices

CONSOLE_ROLES = EVERYBODY - {Role.AGENT}  # agents have the desk
CHECK_READERS = AGENTS | {Role.ANALYST}  # answers to check; an analyst gives no verdict
DIAL_READERS = ADMINS | {Role.ANALYST}
__all__ = ["CHECK_READERS", "CONSOLE_ROLES", "DIAL_READERS", "for_roles", "page"]


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
