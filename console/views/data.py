"""How long conversations are kept, and erasing those of one visitor."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import ADMINS
from accounts.errors import NotFound
from accounts.models import Member
from accounts.scope import workspace_scope
from accounts.workspaces import LONGEST_RETENTION_DAYS, change_settings, settings_of
from console.gate import for_roles, page
from learning import erasing


class RetentionForm(forms.Form):
    retention_days = forms.IntegerField(
        label=gettext_lazy("Days that conversations are kept"),
        help_text=gettext_lazy(
            "After the last message. Empty: they are kept until you erase them."
        ),
        min_value=1,
        max_value=LONGEST_RETENTION_DAYS,
        required=False,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@for_roles(ADMINS)
def data(request: HttpRequest, member: Member) -> HttpResponse:
    """Erasing begins in the following night, so a slip can be mended."""
    form = RetentionForm(request.POST) if request.method == "POST" else None
    if form is not None and form.is_valid():
        days = form.cleaned_data["retention_days"]
        change_settings(member.workspace_id, actor=member, retention_days=days)
        messages.success(request, _("The settings are saved."))
        return redirect("console-data", slug=member.workspace.slug)
    words = request.GET.get("visitor", "").strip()[:200]
    visitor = _found(member, words)
    with workspace_scope(member.workspace_id):
        row = settings_of(member.workspace_id)
        due = erasing.due_for_erasing(row.retention_days) if row.retention_days else 0
    return page(
        request,
        member,
        "data.html",
        status=400 if form is not None else 200,
        form=form or RetentionForm(initial={"retention_days": row.retention_days}),
        due=due,
        many=due >= erasing.MOST_COUNTED,
        words=words,
        visitor=visitor,
    )


def _found(member: Member, words: str) -> erasing.Visitor | None:
    try:
        return erasing.find_visitor(member.workspace_id, words) if words else None
    except NotFound:
        return None


@require_POST
@for_roles(ADMINS)
def erase_visitor(request: HttpRequest, member: Member, contact_id: UUID) -> HttpResponse:
    count = erasing.erase_visitor(member.workspace_id, contact_id, actor=member)
    said = ngettext(
        "The visitor and %(count)s conversation are erased.",
        "The visitor and %(count)s conversations are erased.",
        count,
    )
    messages.success(request, said % {"count": count})
    return redirect("console-data", slug=member.workspace.slug)
