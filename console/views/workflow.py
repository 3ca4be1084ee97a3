"""What becomes of a draft: review, publication, now or at a moment; and archiving at a moment."""

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import EDITORS
from accounts.errors import NotFound
from accounts.models import Member
from accounts.scope import workspace_scope
from console.forms import ScheduleForm
from console.gate import for_roles
from knowledge import drafts, scheduling
from knowledge.articles import KnowledgeError


@require_POST
@for_roles(EDITORS)
def submit(request: HttpRequest, member: Member, article_id: UUID) -> HttpResponse:
    """A draft that was saved before goes to its reviewers."""
    note = request.POST.get("note", "")
    return _done(
        request,
        member,
        article_id,
        lambda: drafts.submit(member, article_id, note=note),
        _("The draft waits for its review."),
    )


@require_POST
@for_roles(EDITORS)
def send_back(request: HttpRequest, member: Member, article_id: UUID) -> HttpResponse:
    note, seen = request.POST.get("note", ""), _seen(request)
    return _done(
        request,
        member,
        article_id,
        lambda: drafts.send_back(member, article_id, note=note, seen=seen),
        _("The draft is sent back."),
    )


@require_POST
@for_roles(EDITORS)
def publish(request: HttpRequest, member: Member, article_id: UUID) -> HttpResponse:
    note, seen = request.POST.get("note", ""), _seen(request)
    return _done(
        request,
        member,
        article_id,
        lambda: drafts.publish(member, article_id, seen=seen, note=note),
        _("Published. It answers questions as soon as it is indexed."),
    )


@require_POST
@for_roles(EDITORS)
def discard(request: HttpRequest, member: Member, article_id: UUID) -> HttpResponse:
    return _done(
        request,
        member,
        article_id,
        lambda: drafts.discard(member, article_id),
        _("The draft is discarded. Its text stays among the revisions."),
    )


@require_POST
@for_roles(EDITORS)
def schedule(request: HttpRequest, member: Member, article_id: UUID, action: str) -> HttpResponse:
    """Publish or archive at a moment by the workspace's clocks; without one, at none."""
    if action not in scheduling.FIELDS:
        raise NotFound("no such action")
    form = ScheduleForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("This is no date with a time."))
        return redirect("console-article", slug=member.workspace.slug, article_id=article_id)
    wall = None if "cancel" in request.POST else form.cleaned_data["at"]
    if wall is None and "cancel" not in request.POST:
        messages.error(request, _("Choose a date and a time."))
        return redirect("console-article", slug=member.workspace.slug, article_id=article_id)

    def change() -> None:
        with workspace_scope(member.workspace_id):
            zone = scheduling.zone_of(member.workspace_id)
            at = scheduling.moment(wall, zone) if wall else None
            scheduling.schedule(member, article_id, action, at)

    said = _("Scheduled.") if wall else _("It is not scheduled any more.")
    return _done(request, member, article_id, change, said)


def _seen(request: HttpRequest) -> int:
    """The number of the draft that the page showed; one that is no number fits no draft."""
    text = request.POST.get("seen", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 0


def _done(
    request: HttpRequest,
    member: Member,
    article_id: UUID,
    change: Callable[[], None],
    said: str,
) -> HttpResponse:
    """Back to the article, with what happened or why it did not."""
    try:
        change()
    except KnowledgeError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, said)
    return redirect("console-article", slug=member.workspace.slug, article_id=article_id)
