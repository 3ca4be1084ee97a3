"""What administrators decide: the risk dial and who answers; and the audit log."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import ADMINS
from accounts.errors import Invalid
from accounts.models import Member
from accounts.scope import workspace_scope
from accounts.workspaces import change_settings, settings_of
from chatbot.escalation.connections import connections
from console.changes import changes
from console.forms import SettingsForm
from console.forms_budget import budget_initial
from console.gate import for_roles, page
from console.numbers import page_number

LAST_PAGE = 1_000


@require_http_methods(["GET", "HEAD", "POST"])
@for_roles(ADMINS)
def general(request: HttpRequest, member: Member) -> HttpResponse:
    form = SettingsForm(request.POST) if request.method == "POST" else None
    if form is not None and form.is_valid():
        try:
            change_settings(member.workspace_id, actor=member, seen=None, **form.changes())
        except Invalid as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The settings are saved."))
            return redirect("console-settings", slug=member.workspace.slug)
    status = 400 if form is not None else 200
    return page(
        request,
        member,
        "settings.html",
        status=status,
        form=form or _current(member),
        default_risk_percent=f"{settings.RISK_DEFAULT * 100:g}",
        default_audit_percent=f"{settings.AUDIT_SHARE_DEFAULT * 100:g}",
        default_budget_usd=f"{settings.LLM_BUDGET_USD_PER_DAY:g}",
        large_models=_large_models(member),
    )


def _large_models(member: Member) -> str:
    with workspace_scope(member.workspace_id):
        return ", ".join(one.model for one in connections(member.workspace_id))


def _current(member: Member) -> SettingsForm:
    with workspace_scope(member.workspace_id):
        row = settings_of(member.workspace_id)
    percent = None if row.risk is None else round(row.risk * 100, 4)
    return SettingsForm(
        initial={
            "risk_percent": percent,
            "compact_model_allowed": row.compact_model_allowed,
            "large_model_allowed": row.large_model_allowed,
            "consent_required": row.consent_required,
            "people_allowed": row.people_allowed,
            "clarify": row.clarify,
            "decline": row.decline,
            "review_required": row.review_required,
            "check_required": row.check_required,
            "schedule_waits": row.schedule_waits,
            "imports_reviewed": row.imports_reviewed,
            **budget_initial(row),
            "audit_percent": None if row.audit_share is None else round(row.audit_share * 100, 4),
        }
    )


@require_safe
@for_roles(ADMINS)
def audit_log(request: HttpRequest, member: Member) -> HttpResponse:
    """Everything that was changed, newest first."""
    number = page_number(request.GET, last=LAST_PAGE)
    found, more = changes(member.workspace_id, page=number)
    return page(request, member, "audit.html", changes=found, number=number, more=more)
