"""What visitors are offered and asked, and the keys by which a server vouches for them."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import ADMINS
from accounts.errors import Invalid
from accounts.models import Member
from accounts.scope import workspace_scope
from accounts.workspaces import change_settings, settings_of
from chatbot import browser_runtime, identity_keys, mailing
from chatbot import errors as chatbot_errors
from chatbot.identity_keys import NewIdentityKey
from console import forms_visitors
from console.forms_visitors import VisitorsForm
from console.gate import for_roles, page
from knowledge import snapshots


@require_http_methods(["GET", "HEAD", "POST"])
@for_roles(ADMINS)
def visitors(request: HttpRequest, member: Member) -> HttpResponse:
    form = VisitorsForm(request.POST) if request.method == "POST" else None
    if form is not None and form.is_valid():
        try:
            with workspace_scope(member.workspace_id):
                change_settings(member.workspace_id, actor=member, seen=None, **form.changes())
                snapshots.changed(member.workspace_id)
        except Invalid as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The settings are saved."))
            return redirect("console-visitors", slug=member.workspace.slug)
    with workspace_scope(member.workspace_id):
        row = settings_of(member.workspace_id)
    return page(
        request,
        member,
        "visitors.html",
        status=400 if form is not None else 200,
        form=form or forms_visitors.current(row),
        mail_works=mailing.works(),
        browser_runtime=browser_runtime.available() is not None,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@for_roles(ADMINS)
def show_identity(request: HttpRequest, member: Member) -> HttpResponse:
    """Make a key. Its secret is on this answer and nowhere else."""
    made: NewIdentityKey | None = None
    problem = ""
    if request.method == "POST":
        try:
            made = identity_keys.make(member.workspace_id, actor=member)
        except chatbot_errors.Invalid as error:
            problem = error.message
    return page(
        request,
        member,
        "identity.html",
        status=400 if problem else 200,
        made=made,
        problem=problem,
        keys=identity_keys.keys(member.workspace_id),
    )


@require_POST
@for_roles(ADMINS)
def retire_identity(request: HttpRequest, member: Member) -> HttpResponse:
    kid = request.POST.get("kid", "")[:40].replace("\x00", "")
    identity_keys.retire(member.workspace_id, kid, actor=member)
    messages.success(request, _("The key vouches for nobody any more."))
    return redirect("console-identity", slug=member.workspace.slug)
