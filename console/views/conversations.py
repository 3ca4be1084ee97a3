"""The conversations behind a figure: a list, the same as CSV, and each one to read."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.access import AGENTS
from accounts.models import Member
from chatbot.pages.desk_texts import reason_texts
from chatbot.transcripts import transcript
from console.csvs import csv_file
from console.gate import DIAL_READERS, for_roles, page
from console.report_forms import OnlyForm, place, with_days
from learning import outcomes
from learning.outcomes import Listed

MOST_EXPORTED = 10_000
COLUMNS = (
    "conversation", "day", "started_at", "first_message", "language", "channel", "tier",
    "questions", "helped", "wrong", "reopened", "escalated", "handed_off", "first_answer_s",
    "cost_usd",
)  # fmt: skip


@require_safe
@for_roles(DIAL_READERS)
def list_them(request: HttpRequest, member: Member) -> HttpResponse:
    """Newest first; with htmx the rows alone."""
    form = OnlyForm(with_days(request.GET))
    if not form.is_valid():
        return _refused(request, member, form)
    before = form.cleaned_data["before"]
    found = outcomes.page(member.workspace_id, form.span(), form.only(), before=before)
    return page(
        request,
        member,
        "conversations.html",
        form=form,
        found=found,
        most=outcomes.MOST_COUNTED,
        most_exported=MOST_EXPORTED,
        is_first=before is None,
        rows=[_row(one) for one in found.found],
        back=form.query(),
        query=form.only_query(),
        older=form.only_query(before=place(found.before)) if found.before else "",
    )


@require_safe
@for_roles(DIAL_READERS)
def export(request: HttpRequest, member: Member) -> HttpResponse:
    """The newest 10,000 of the list."""
    form = OnlyForm(with_days(request.GET))
    if not form.is_valid():
        return _refused(request, member, form)
    found = outcomes.page(
        member.workspace_id,
        form.span(),
        form.only(),
        before=form.cleaned_data["before"],
        size=MOST_EXPORTED,
    )
    return csv_file("conversations.csv", COLUMNS, (_cells(one) for one in found.found))


@require_safe
@for_roles(DIAL_READERS)
def read(request: HttpRequest, member: Member, conversation_id: UUID) -> HttpResponse:
    """What was said, without the notes of agents."""
    found = transcript(member.workspace_id, conversation_id)
    return page(
        request,
        member,
        "conversation.html",
        found=found,
        may_answer=member.role in AGENTS,
    )


def _refused(request: HttpRequest, member: Member, form: OnlyForm) -> HttpResponse:
    template = "conversations.html"
    return page(request, member, template, status=400, form=form)


def _row(one: Listed) -> dict[str, Any]:
    row, reasons = one.row, reason_texts()
    tiers = {
        0: _("small talk"), 1: _("compact model"), 2: _("large model"), 3: _("person"),
        None: _("nobody yet"),
    }  # fmt: skip
    return {
        "row": row,
        "question": one.question,
        "tier": tiers[row.tier],
        "escalated": reasons.get(row.escalated, row.escalated),
        "handed_off": reasons.get(row.handed_off, row.handed_off),
    }


def _cells(one: Listed) -> list[object]:
    row = one.row
    flags = (row.helped, row.wrong, row.reopened)
    return [
        str(row.conversation_id),
        str(row.day),
        row.started_at.isoformat(),
        one.question,
        row.language,
        row.channel,
        "" if row.tier is None else row.tier,
        row.questions,
        *(int(flag) for flag in flags),
        row.escalated,
        row.handed_off,
        "" if row.first_answer_s is None else round(row.first_answer_s, 1),
        row.cost_usd,
    ]
