"""What administrators decide: the risk dial, the large model, the widget; and the audit log."""

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
from chatbot import errors as chatbot_errors
from chatbot.models import Widget
from chatbot.widgets import ensure_widget, set_greeting, set_origins
from console.changes import changes
from console.forms import SettingsForm, WidgetForm
from console.gate import for_roles, page

MOST_PAGES = 1_000


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
        section="settings",
        form=form or _current(member),
        default_risk_percent=f"{settings.RISK_DEFAULT * 100:g}",
        default_audit_percent=f"{settings.AUDIT_SHARE_DEFAULT * 100:g}",
        default_budget_usd=f"{settings.LLM_BUDGET_USD_PER_DAY:g}",
        large_model=settings.LLM_MODEL,
    )


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
            "budget_usd_per_day": row.budget_usd_per_day,
            "audit_percent": None if row.audit_share is None else round(row.audit_share * 100, 4),
        }
    )


@require_http_methods(["GET", "HEAD", "POST"])
@for_roles(ADMINS)
def widget(request: HttpRequest, member: Member) -> HttpResponse:
    """The tag to copy, the origins that may show the widget, and what it says first."""
    with workspace_scope(member.workspace_id):
        row = ensure_widget(member.workspace)
    form = WidgetForm(request.POST) if request.method == "POST" else None
    if form is not None and form.is_valid():
        try:
            _change_widget(member, row, form)
        except chatbot_errors.Invalid as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The widget is saved."))
            return redirect("console-widget", slug=member.workspace.slug)
    shown = form or WidgetForm(
        initial={"origins": "\n".join(row.origins), "greeting": row.greeting}
    )
    return page(
        request,
        member,
        "widget.html",
        status=400 if form is not None else 200,
        section="widget",
        form=shown,
        loader=f"{settings.BASE_URL}/widget/v1/loader.js",
        key=row.key,
    )


def _change_widget(member: Member, row: Widget, form: WidgetForm) -> None:
    """Both or neither."""
    with workspace_scope(member.workspace_id):
        set_origins(member.workspace_id, row.id, form.wanted_origins(), actor=member)
        greeting = form.cleaned_data["greeting"].replace("\r\n", "\n")
        set_greeting(member.workspace_id, row.id, greeting, actor=member)


@require_safe
@for_roles(ADMINS)
def audit_log(request: HttpRequest, member: Member) -> HttpResponse:
    """Everything that was changed, newest first."""
    asked = request.GET.get("page", "1")
    number = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 5 else 1
    number = min(max(number, 1), MOST_PAGES)
    found, more = changes(member.workspace_id, page=number)
    return page(
        request, member, "audit.html", section="audit", changes=found, number=number, more=more
    )
