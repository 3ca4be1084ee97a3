"""The workspace's tags: rename, merge, delete; and suggestions while one is typed."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.access import EDITORS
from accounts.models import Member
from console.gate import for_roles, page
from knowledge import tags
from knowledge.articles import KnowledgeError

MOST_SUGGESTED = 8


@require_safe
@for_roles(EDITORS)
def show(request: HttpRequest, member: Member) -> HttpResponse:
    """By name, with how many articles have each."""
    return _page(request, member)


def _page(
    request: HttpRequest, member: Member, *, status: int = 200, **asked: object
) -> HttpResponse:
    """asked: a new name that is wrong (problem) or another tag's (merge), or what to delete."""
    after = request.GET.get("after", "").replace("\0", "")[: tags.LONGEST]
    found, more = tags.listed(member.workspace_id, after=after)
    return page(
        request,
        member,
        "tags.html",
        status=status,
        tags=found,
        more=more,
        after=after,
        longest=tags.LONGEST,
        **asked,
    )


@require_POST
@for_roles(EDITORS)
def rename(request: HttpRequest, member: Member, tag_id: UUID) -> HttpResponse:
    """A name that another tag has merges both, once that is confirmed."""
    name = request.POST.get("name", "")
    asked = {"asked_id": tag_id, "asked_name": name}
    try:
        done = tags.rename(member, tag_id, name, merge=request.POST.get("merge") == "yes")
    except KnowledgeError as error:
        return _page(request, member, status=400, problem=str(error), **asked)
    if not done:
        return _page(request, member, status=409, merge=True, **asked)
    messages.success(request, _("The tag is renamed."))
    return redirect("console-tags", slug=member.workspace.slug)


@require_POST
@for_roles(EDITORS)
def delete(request: HttpRequest, member: Member, tag_id: UUID) -> HttpResponse:
    """Once that is confirmed: no list of the articles that had it stays behind."""
    if request.POST.get("sure") != "yes":
        doomed = tags.counted(member.workspace_id, tag_id)
        return _page(request, member, status=409, doomed=doomed)
    tags.delete(member, tag_id)
    messages.success(request, _("The tag is deleted."))
    return redirect("console-tags", slug=member.workspace.slug)


@require_safe
@for_roles(EDITORS)
def suggest(request: HttpRequest, member: Member) -> HttpResponse:
    """Tags that begin with the last one of a list that is being typed, without those in it."""
    *before, last = request.GET.get("tags", "")[:1_000].split(",")
    there = {part.strip().casefold() for part in before}
    found = tags.beginning_with(member.workspace_id, last, count=MOST_SUGGESTED + len(there))
    shown = [name for name in found if name not in there | {last.strip().casefold()}]
    return page(request, member, "tag_suggestions.html", found=shown[:MOST_SUGGESTED])
