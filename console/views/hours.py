"""When people answer, by weekday, and what visitors are told outside of it."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import ADMINS
from accounts.errors import Invalid
from accounts.models import Member
from accounts.scope import workspace_scope
from accounts.workspaces import change_settings, settings_of, time_zones
from chatbot import phrases, presence
from console import forms_hours
from console.gate import for_roles, page


@require_http_methods(["GET", "HEAD", "POST"])
@for_roles(ADMINS)
def hours(request: HttpRequest, member: Member) -> HttpResponse:
    form = forms_hours.HoursForm(request.POST) if request.method == "POST" else None
    if form is not None and form.is_valid():
        try:
            change_settings(member.workspace_id, actor=member, seen=None, **form.changes())
        except Invalid as error:
            form.add_error("time_zone", str(error))
        else:
            messages.success(request, _("The hours are saved."))
            return redirect("console-hours", slug=member.workspace.slug)
    with workspace_scope(member.workspace_id):
        row, now = settings_of(member.workspace_id), presence.presence()
    return page(
        request,
        member,
        "hours.html",
        status=400 if form is not None else 200,
        form=form or forms_hours.current(row),
        zones=sorted(time_zones()),
        here=now.here,
        told=phrases.away(get_language() or "en", "asked_for_person", back=now.back, tone=row.tone),
    )
