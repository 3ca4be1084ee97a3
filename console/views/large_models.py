"""The large models that a workspace asks by its own account, in order."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import ADMINS
from accounts.errors import Invalid
from accounts.models import Member
from accounts.scope import workspace_scope
from chatbot.escalation import large_models, trial
from chatbot.escalation.connections import connections
from chatbot.escalation.vendors import VENDORS
from chatbot.models import LargeModel
from console.forms_large_models import LargeModelForm
from console.gate import for_roles, page
from console.words import TRIAL_WORDS


@sensitive_post_parameters("key")
@require_http_methods(["GET", "HEAD", "POST"])
@for_roles(ADMINS)
def show(request: HttpRequest, member: Member) -> HttpResponse:
    """The chain, and a form for one more."""
    form = LargeModelForm(request.POST or None)
    if form.is_bound and form.is_valid():
        try:
            large_models.add(member, form.wanted())
        except Invalid as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The large model is added. Try it before visitors do."))
            return redirect("console-large-models", slug=member.workspace.slug)
    return page(
        request, member, "large_models.html",
        status=400 if form.is_bound else 200,
        form=form, servers=_servers(member), **_table(member),
    )  # fmt: skip


@dataclass(frozen=True)
class Shown:
    """A row with its words. `said`: how the last trial went."""

    row: LargeModel
    vendor: str
    said: str


def _table(member: Member) -> dict[str, Any]:
    rows = [
        Shown(row, _(VENDORS[row.vendor].label), str(TRIAL_WORDS.get(row.check_result, "")))
        for row in large_models.listed(member.workspace_id)
    ]
    return {"rows": rows, "is_tried": any(one.row.check_result == trial.WAITING for one in rows)}


def _servers(member: Member) -> str:
    """The name of the model that the server's settings give."""
    with workspace_scope(member.workspace_id):
        return "".join(one.model for one in connections(member.workspace_id))


@require_safe
@for_roles(ADMINS)
def rows(request: HttpRequest, member: Member) -> HttpResponse:
    """The table alone: it asks again while a trial is under way."""
    return page(request, member, "large_model_rows.html", **_table(member))


@sensitive_post_parameters("key")
@require_http_methods(["GET", "HEAD", "POST"])
@for_roles(ADMINS)
def change(request: HttpRequest, member: Member, row_id: UUID) -> HttpResponse:
    row = _row(member, row_id)
    form = LargeModelForm(request.POST) if request.method == "POST" else LargeModelForm.of(row)
    if form.is_bound and form.is_valid():
        try:
            large_models.change(member, row_id, form.wanted())
        except Invalid as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The large model is saved."))
            return redirect("console-large-models", slug=member.workspace.slug)
    return page(
        request, member, "large_model.html",
        status=400 if form.is_bound else 200, form=form, row=row,
    )  # fmt: skip


def _row(member: Member, row_id: UUID) -> LargeModel:
    for row in large_models.listed(member.workspace_id):
        if row.id == row_id:
            return row
    raise Http404


@require_POST
@for_roles(ADMINS)
def act(request: HttpRequest, member: Member, row_id: UUID, action: str) -> HttpResponse:
    """up, down, remove or try."""
    match action:
        case "up" | "down":
            large_models.move(member, row_id, up=action == "up")
        case "remove":
            large_models.remove(member, row_id)
            messages.success(request, _("The large model is removed."))
        case "try":
            if not trial.ask_for(member, row_id):
                raise Http404
        case _:
            raise Http404
    return redirect("console-large-models", slug=member.workspace.slug)
