"""Queues, their agents and targets, capacity, and what happens by itself."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import ADMINS
from accounts.errors import Invalid
from accounts.models import Member
from accounts.scope import workspace_scope
from chatbot.queues import setting_up, staff
from console import forms_queues
from console.gate import for_roles, page


@require_http_methods(["GET", "HEAD", "POST"])
@for_roles(ADMINS)
def list_all(request: HttpRequest, member: Member) -> HttpResponse:
    """The queues, the agents' capacity, and the rules, which this page saves."""
    row, priorities = setting_up.rules(member.workspace_id)
    form = forms_queues.RulesForm(request.POST) if request.method == "POST" else None
    if form is not None and form.is_valid():
        setting_up.set_rules(member, *form.given())
        messages.success(request, _("The rules are saved."))
        return redirect("console-queues", slug=member.workspace.slug)
    with workspace_scope(member.workspace_id):
        agents = staff.colleagues()
    return page(
        request,
        member,
        "queues.html",
        status=400 if form is not None else 200,
        queues=setting_up.queues(member.workspace_id),
        agents=agents,
        form=form or forms_queues.current_rules(row, priorities),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@for_roles(ADMINS)
def edit(request: HttpRequest, member: Member, queue_id: UUID | None = None) -> HttpResponse:
    """Make a queue, or change one."""
    row = setting_up.queue(member.workspace_id, queue_id) if queue_id else None
    with workspace_scope(member.workspace_id):
        agents = staff.colleagues()
    form = forms_queues.QueueForm(
        request.POST if request.method == "POST" else None,
        agents=agents,
        initial=forms_queues.shown(row) if row else {},
    )
    if form.is_bound and form.is_valid():
        try:
            setting_up.save(member, form.wanted(), queue_id)
        except Invalid as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The queue is saved."))
            return redirect("console-queues", slug=member.workspace.slug)
    return page(
        request,
        member,
        "queue.html",
        status=400 if form.is_bound else 200,
        queue=row,
        form=form,
        kinds=forms_queues.TARGET_WORDS.values(),
    )


@require_POST
@for_roles(ADMINS)
def delete(request: HttpRequest, member: Member, queue_id: UUID) -> HttpResponse:
    try:
        setting_up.delete(member, queue_id)
    except Invalid as error:
        messages.error(request, str(error))
    else:
        messages.success(
            request, _("The queue is deleted. What waited in it waits in the default one.")
        )
    return redirect("console-queues", slug=member.workspace.slug)


@require_POST
@for_roles(ADMINS)
def set_capacity(request: HttpRequest, member: Member, member_id: UUID) -> HttpResponse:
    try:
        given = int(request.POST.get("capacity", ""))
        setting_up.set_capacity(member, member_id, given)
    except ValueError:
        messages.error(request, _("Write the capacity as a number."))
    except Invalid as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The capacity is saved."))
    return redirect("console-queues", slug=member.workspace.slug)
