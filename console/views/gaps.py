"""Gaps: what the knowledge base does not answer, by meaning, and the way to its article."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from accounts.access import EDITORS
from accounts.errors import Conflict, Invalid, NotFound
from accounts.models import Member
from chatbot.pages.desk_texts import reason_texts
from console.gate import for_roles, page
from console.numbers import page_number
from knowledge.rendering import render_article
from learning import gap_asking, gap_groups, gap_listing
from learning.gap_listing import SORTS, VIEWS, Shown
from learning.half_life import MIN_QUESTIONS, half_life
from learning.models import GapQuestion
from learning.review_jobs import ask_for_review

VIEW_WORDS = {
    "open": gettext_lazy("not answered"),
    "answered": gettext_lazy("answered now"),
    "dismissed": gettext_lazy("dismissed"),
}
SORT_WORDS = {
    "volume": gettext_lazy("most questions"),
    "cost": gettext_lazy("highest cost"),
    "recent": gettext_lazy("asked last"),
}
ACTIONS = {
    "dismiss": (
        gap_groups.dismiss,
        gettext_lazy("Dismissed. New questions like these join it without coming back here."),
    ),
    "reopen": (gap_groups.reopen, gettext_lazy("The group is back on the list.")),
}


@require_safe
@for_roles(EDITORS)
def list_all(request: HttpRequest, member: Member) -> HttpResponse:
    """Groups, the most asked or the dearest first; with the half-life on top."""
    progress = ask_for_review(member.workspace_id)
    view = _one_of(request.GET, "view", tuple(VIEWS))
    sort = _one_of(request.GET, "sort", tuple(SORTS))
    number = page_number(request.GET)
    return page(
        request,
        member,
        "gaps.html",
        progress=progress,
        found=gap_listing.list_groups(member.workspace_id, view=view, sort=sort, number=number),
        most=gap_listing.MOST_COUNTED,
        view=view,
        sort=sort,
        views=VIEW_WORDS,
        sorts=SORT_WORDS,
        previous=number - 1,
        next=number + 1,
        half_life=half_life(member.workspace_id),
        fewest=MIN_QUESTIONS,
    )


@require_safe
@for_roles(EDITORS)
def show(request: HttpRequest, member: Member, group_id: UUID) -> HttpResponse:
    """One group. Where an article was published since it was asked last, it is asked again."""
    asking = gap_asking.ask_if_published(member.workspace_id, group_id)
    return _group(request, member, group_id, asking=asking)


def _group(
    request: HttpRequest, member: Member, group_id: UUID, *, asking: bool, problem: str = ""
) -> HttpResponse:
    number = page_number(request.GET)
    found = gap_listing.show_group(member.workspace_id, group_id, number=number)
    return page(
        request,
        member,
        "gap.html",
        status=400 if problem else 200,
        problem=problem,
        found=found,
        group=found.group,
        asking=asking,
        waiting=_waits(found),
        questions=[(one, _why(one)) for one in found.questions],
        draft=render_article(found.draft.text, "markdown"),
        previous=number - 1,
        next=number + 1,
    )


@require_safe
@for_roles(EDITORS)
def status(request: HttpRequest, member: Member, group_id: UUID) -> HttpResponse:
    """What came of asking it again; the page looks here while it is asked or being published."""
    asking = gap_asking.ask_if_published(member.workspace_id, group_id)
    found: Shown = gap_listing.show_group(member.workspace_id, group_id)
    answer = page(
        request,
        member,
        "gap_status.html",
        found=found,
        group=found.group,
        asking=asking,
        waiting=_waits(found),
    )
    if not asking and not _waits(found):
        answer["HX-Refresh"] = "true"  # the questions below show what they are told now
    return answer


@require_POST
@for_roles(EDITORS)
def act(request: HttpRequest, member: Member, group_id: UUID, action: str) -> HttpResponse:
    """Dismiss, reopen, or ask again."""
    if action == "ask":
        gap_asking.ask_if_published(member.workspace_id, group_id, always=True)
    elif action in ACTIONS:
        change, said = ACTIONS[action]
        change(member, group_id)
        messages.success(request, said)
    else:
        raise NotFound("no such action")
    return redirect("console-gap", slug=member.workspace.slug, group_id=group_id)


@require_POST
@for_roles(EDITORS)
def merge(request: HttpRequest, member: Member, group_id: UUID) -> HttpResponse:
    """All of its questions go into another group."""
    try:
        into = UUID(request.POST.get("into", ""))
        gap_groups.merge(member, group_id, into=into)
    except (ValueError, Invalid):
        return _group(request, member, group_id, asking=False, problem=_("Choose another group."))
    except Conflict:
        problem = _("The groups are being made anew for another model. Try again in a minute.")
        return _group(request, member, group_id, asking=False, problem=problem)
    messages.success(request, _("The groups are one now."))
    return redirect("console-gap", slug=member.workspace.slug, group_id=into)


@require_POST
@for_roles(EDITORS)
def begin_article(request: HttpRequest, member: Member, group_id: UUID) -> HttpResponse:
    """To the form of a new article with the group's draft; or to the one begun already."""
    own = gap_groups.begin_article(member, group_id)
    slug = member.workspace.slug
    if own is not None:
        return redirect("console-article", slug=slug, article_id=own)
    answer = redirect("console-new", slug=slug)
    answer["Location"] += f"?gap={group_id}"
    return answer


def _waits(found: Shown) -> bool:
    """Its article is being indexed."""
    own = found.own
    return own is not None and own.archived_at is None and own.published_revision_id is None


def _why(question: GapQuestion) -> str:
    words = {
        "people": _("went to people"), "escalated": _("large model"), "wrong": _("called wrong"),
    }  # fmt: skip
    reason = reason_texts().get(question.reason, question.reason)
    return ": ".join(filter(None, [words.get(question.why, ""), reason]))


def _one_of(given: QueryDict, name: str, values: tuple[str, ...]) -> str:
    """The first where none of them is asked for."""
    value = given.get(name, "")
    return value if value in values else values[0]
