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
from console.numbers import whole
from console.views import draft_checks, typed
from knowledge import drafts, scheduling
from knowledge.articles import KnowledgeError
from knowledge.models import Article
from learning import going_live
from learning.draft_checks import Wanted


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
    wanted = _draft(member, article_id, seen=seen)
    held = wanted and draft_checks.held(request, member, wanted, article_id=article_id)
    if held:
        return held
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
        typed.keep(request, article_id, action=action)
        messages.error(request, _("This is no date with a time."))
        return redirect("console-article", slug=member.workspace.slug, article_id=article_id)
    wall = None if "cancel" in request.POST else form.cleaned_data["at"]
    if wall is None and "cancel" not in request.POST:
        messages.error(request, _("Choose a date and a time."))
        return redirect("console-article", slug=member.workspace.slug, article_id=article_id)

    wanted = _scheduled(member, article_id, action) if wall else None
    held = wanted and draft_checks.held(request, member, wanted, article_id=article_id)
    if held:
        return held
    seen = draft_checks.seen(request, member)

    def change() -> None:
        with workspace_scope(member.workspace_id):
            zone = scheduling.zone_of(member.workspace_id)
            at = scheduling.moment(wall, zone) if wall else None
            accepted = going_live.lost_questions(seen)
            scheduling.schedule(member, article_id, action, at, accepted=accepted)

    said = _("Scheduled.") if wall else _("It is not scheduled any more.")
    return _done(request, member, article_id, change, said, action=action)


def _draft(member: Member, article_id: UUID, *, seen: int | None = None) -> Wanted | None:
    """The draft that would be published; None where there is none, or another one than was seen."""
    with workspace_scope(member.workspace_id):
        rows = Article.objects.select_related("draft_revision").filter(id=article_id)
        article = rows.first()
        draft = article.draft_revision if article is not None else None
        if article is None or draft is None or not drafts.rights(member, article).draft:
            return None
    if seen is not None and draft.number != seen:
        return None
    return going_live.of_revision(article, draft)


def _scheduled(member: Member, article_id: UUID, action: str) -> Wanted | None:
    """What the schedule would change for visitors."""
    if action == "publish":
        return _draft(member, article_id)
    with workspace_scope(member.workspace_id):
        rows = Article.objects.filter(archived_at=None, wanted_revision__isnull=False)
        article = rows.filter(id=article_id).first()
    return going_live.of_archiving(article) if article is not None else None


def _seen(request: HttpRequest) -> int:
    """The number of the draft that the page showed; one that is no number fits no draft."""
    return whole(request.POST.get("seen", "")) or 0


def _done(
    request: HttpRequest,
    member: Member,
    article_id: UUID,
    change: Callable[[], None],
    said: str,
    *,
    action: str = "",
) -> HttpResponse:
    """Back to the article, with what happened, or why it did not and what was typed."""
    try:
        change()
    except KnowledgeError as error:
        typed.keep(request, article_id, action=action)
        messages.error(request, str(error))
    else:
        messages.success(request, said)
    return redirect("console-article", slug=member.workspace.slug, article_id=article_id)
