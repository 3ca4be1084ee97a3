"""Many articles at once: choose, see how many, confirm, watch."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.access import EDITORS
from accounts.models import Member
from console.gate import for_roles, page
from console.views.knowledge import chosen_from, filters_of
from console.words import AUDIENCE_WORDS, BULK_PROBLEM_WORDS, BULK_STATE_WORDS, BULK_WORDS
from knowledge import bulk, tags
from knowledge.articles import KnowledgeError
from knowledge.listing import Chosen
from knowledge.models import BulkState
from learning import live_jobs


@require_POST
@for_roles(EDITORS)
def choose(request: HttpRequest, member: Member) -> HttpResponse:
    """How many articles it would be, and with which value; nothing is changed yet."""
    ids, chosen = _which(request)
    action = request.POST.get("action", "")
    problem = ""
    if action not in bulk.ACTIONS:
        problem = _("Choose what to do.")
    elif ids is not None and not ids:
        problem = _("Check at least one article.")
    if problem:
        messages.error(request, problem)
        query = urlencode({name: value for name, value in filters_of(chosen).items() if value})
        return redirect(f"{reverse('console-articles', args=[member.workspace.slug])}?{query}")
    return _confirmation(request, member, action)


@require_POST
@for_roles(EDITORS)
def confirm(request: HttpRequest, member: Member) -> HttpResponse:
    """Do it: at once, or in the background when there are many."""
    ids, chosen = _which(request)
    action, value = request.POST.get("action", ""), request.POST.get("value", "")
    try:
        change = live_jobs.start_bulk(member, action, value, ids=ids, chosen=chosen)
    except KnowledgeError as error:
        return _confirmation(request, member, action, problem=str(error))
    return redirect("console-bulk-progress", slug=member.workspace.slug, bulk_id=change.id)


def _confirmation(
    request: HttpRequest, member: Member, action: str, *, problem: str = ""
) -> HttpResponse:
    ids, chosen = _which(request)
    return page(
        request,
        member,
        "bulk_confirm.html",
        status=400 if problem else 200,
        action=action,
        words=BULK_WORDS.get(action, ""),
        value=request.POST.get("value", ""),
        problem=problem,
        ids=ids,
        filters={name: value for name, value in filters_of(chosen).items() if value},
        count=bulk.count_of(member.workspace_id, ids, chosen),
        audiences=AUDIENCE_WORDS,
        suggested=tags.beginning_with(member.workspace_id, "", count=100),
        at_once=bulk.AT_ONCE,
    )


def _which(request: HttpRequest) -> tuple[list[UUID] | None, Chosen]:
    """The checked ids, None for all that match; what is no id is left out."""
    chosen = chosen_from(request.POST)
    if request.POST.get("which") == "all":
        return None, chosen
    ids = []
    for text in request.POST.getlist("id")[: bulk.MOST_CHECKED]:
        try:
            ids.append(UUID(text))
        except ValueError:
            continue
    return ids, chosen


@require_safe
@for_roles(EDITORS)
def progress(request: HttpRequest, member: Member, bulk_id: UUID) -> HttpResponse:
    """The page asks for its section again while something is to do."""
    change = bulk.one(member.workspace_id, bulk_id)
    context: dict[str, Any] = {
        "change": change,
        "words": BULK_WORDS[change.action],
        "state_words": BULK_STATE_WORDS[change.state],
        "value": AUDIENCE_WORDS.get(change.value, change.value)
        if change.action == "audience"
        else change.value,
        "is_living": change.state in bulk.LIVING,
        "is_moving": change.state in bulk.LIVING and change.state != BulkState.HELD,
        "problems": [BULK_PROBLEM_WORDS.get(line, line) for line in change.problems],
        "may_decide": change.author_id == member.id,
    }
    template = "bulk_state.html" if request.headers.get("HX-Request") else "bulk.html"
    return page(request, member, template, **context)


@require_POST
@for_roles(EDITORS)
def decide(request: HttpRequest, member: Member, bulk_id: UUID) -> HttpResponse:
    """Go on, with or without the articles by which golden answers get lost."""
    bulk.decide(member, bulk_id, leave_out="leave_out" in request.POST)
    return redirect("console-bulk-progress", slug=member.workspace.slug, bulk_id=bulk_id)


@require_POST
@for_roles(EDITORS)
def stop(request: HttpRequest, member: Member, bulk_id: UUID) -> HttpResponse:
    """What is changed already stays so."""
    bulk.stop(member, bulk_id)
    return redirect("console-bulk-progress", slug=member.workspace.slug, bulk_id=bulk_id)
