"""Answers of people and of the large model: confirm them, see what became of each, take it back."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.access import EDITORS
from accounts.errors import Invalid
from accounts.models import Member
from console.gate import for_roles, page
from console.numbers import page_number
from learning import confirmed_listing, confirming
from learning.review_jobs import ask_for_review


@require_safe
@for_roles(EDITORS)
def list_all(request: HttpRequest, member: Member) -> HttpResponse:
    """What waits to be confirmed, and what was."""
    progress = ask_for_review(member.workspace_id)
    number = page_number(request.GET)
    waiting, more_waiting = confirmed_listing.candidates(member.workspace_id, number=number)
    done, more_done = confirmed_listing.confirmed(member.workspace_id, number=number)
    return page(
        request,
        member,
        "confirmed.html",
        section="confirmed",
        progress=progress,
        waiting=waiting,
        done=done,
        previous=number - 1,
        next=number + 1 if more_waiting or more_done else 0,
    )


@require_POST
@for_roles(EDITORS)
def confirm(request: HttpRequest, member: Member, turn_id: UUID) -> HttpResponse:
    """Golden question, draft and training pair in one step; twice is once."""
    try:
        row = confirming.confirm(member, turn_id)
    except Invalid:
        messages.error(request, _("This answer was called wrong."))
    else:
        said = _("Confirmed. It is a golden question now, and the next training learns it.")
        if row.drafted:
            said = _("Confirmed. It is a golden question now, and the draft of its article waits.")
        messages.success(request, said)
    return redirect("console-confirmed", slug=member.workspace.slug)


@require_POST
@for_roles(EDITORS)
def undo(request: HttpRequest, member: Member, confirmed_id: UUID) -> HttpResponse:
    confirming.undo(member, confirmed_id)
    messages.success(request, _("Taken back: its golden question is gone."))
    return redirect("console-confirmed", slug=member.workspace.slug)
