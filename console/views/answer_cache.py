"""Answers of the large model that are kept to be given again: the switch, the list, forgetting."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.access import ADMINS
from accounts.models import Member
from accounts.scope import workspace_scope
from chatbot import cached_answers
from chatbot.escalation import cached_evidence
from chatbot.models import CachedAnswer
from console.asking_words import ASKER_WORDS
from console.gate import for_roles, page
from knowledge.retrieval import seen_by

SWITCH = {"standard": None, "on": True, "off": False}


@dataclass(frozen=True)
class Shown:
    """is_stale: what it rests on was changed, so that it is not given any more."""

    row: CachedAnswer
    answer: str
    asker: str
    is_stale: bool


@require_safe
@for_roles(ADMINS)
def show(request: HttpRequest, member: Member) -> HttpResponse:
    before = _before(request)
    found = cached_answers.listed(member.workspace_id, before=before)
    rows = found[: cached_answers.PER_PAGE]
    switch = cached_answers.switch_of(member.workspace_id)
    return page(
        request, member, "answer_cache.html",
        rows=_shown(member, rows),
        next=rows[-1].id if len(found) > len(rows) else None,
        totals=cached_answers.totals(member.workspace_id),
        switch=switch,
        chosen=next(name for name, value in SWITCH.items() if value is switch.said),
        is_first=before is None,
    )  # fmt: skip


def _before(request: HttpRequest) -> UUID | None:
    try:
        return UUID(request.GET["before"]) if "before" in request.GET else None
    except ValueError:
        raise Http404 from None


def _shown(member: Member, rows: Any) -> list[Shown]:
    entries = [(row.rests_on, seen_by(row.audience)) for row in rows]
    with workspace_scope(member.workspace_id):
        living = cached_evidence.live_each(entries)
    return [
        Shown(
            row,
            " ".join(row.sentences),
            "" if row.audience == "public" else str(ASKER_WORDS[row.audience]),
            rests_on is None,
        )
        for row, rests_on in zip(rows, living, strict=True)
    ]


@require_POST
@for_roles(ADMINS)
def switch(request: HttpRequest, member: Member) -> HttpResponse:
    said = request.POST.get("cache", "")
    if said not in SWITCH:
        raise Http404
    cached_answers.switch(member, SWITCH[said])
    messages.success(request, _("Saved."))
    return redirect("console-answer-cache", slug=member.workspace.slug)


@require_POST
@for_roles(ADMINS)
def forget(request: HttpRequest, member: Member, entry_id: UUID) -> HttpResponse:
    cached_answers.forget(member, entry_id)
    messages.success(request, _("The answer is forgotten."))
    return redirect("console-answer-cache", slug=member.workspace.slug)


@require_POST
@for_roles(ADMINS)
def forget_all(request: HttpRequest, member: Member) -> HttpResponse:
    gone = cached_answers.forget_all(member)
    told = ngettext("%(count)s answer is forgotten.", "%(count)s answers are forgotten.", gone)
    messages.success(request, told % {"count": gone})
    return redirect("console-answer-cache", slug=member.workspace.slug)
