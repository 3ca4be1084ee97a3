"""Model versions: what was trained, how it did, and which of them answers."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.access import ADMINS
from accounts.errors import Invalid, NotFound
from accounts.models import Member
from accounts.scope import workspace_scope
from console.gate import for_roles, page
from console.numbers import whole
from console.views.training import training_of
from console.words import PART_WORDS, SOURCE_WORDS, VERSION_WORDS
from learning import versions
from learning.errors import RolloutChanged
from learning.models import ModelVersion
from learning.version_listing import MOST_COUNTED, rollout

SHARES = (5, 10, 25, 50)  # percent


@require_safe
@for_roles(ADMINS)
def show_models(request: HttpRequest, member: Member) -> HttpResponse:
    return _models(request, member)


def _models(request: HttpRequest, member: Member, *, problem: str = "") -> HttpResponse:
    found = rollout(member.workspace_id)
    shown = [
        {
            "listed": one,
            "state": VERSION_WORDS[one.version.state],
            "parts": [PART_WORDS[part] for part in sorted(one.version.parts)],
            "rows": [(SOURCE_WORDS[kind], count) for kind, count in one.rows],
        }
        for one in found.versions
    ]
    return page(
        request,
        member,
        "models.html",
        status=409 if problem else 200,
        rollout=found,
        versions=shown,
        shares=SHARES,
        most_counted=MOST_COUNTED,
        share_percent=f"{found.share * 100:g}",
        problem=problem,
        **training_of(member),
    )


@require_POST
@for_roles(ADMINS)
def promote(request: HttpRequest, member: Member, version_id: UUID) -> HttpResponse:
    """Put a version on the stage of the button that was pressed."""
    with workspace_scope(member.workspace_id):
        version = versions.locked(member.workspace_id, version_id)
    stage = next((one for one in versions.STAGES if one == request.POST.get("stage")), None)
    share, seen = whole(request.POST.get("percent", "")), whole(request.POST.get("revision", ""))
    if stage is None or seen is None or (stage == "share" and share is None):
        raise NotFound("no such stage")
    try:
        version = versions.promote(
            version, stage=stage, share=(share or 0) / 100, by=member, seen=seen
        )
    except RolloutChanged:
        return _models(request, member, problem=_changed())
    except Invalid as error:
        return _models(request, member, problem=str(error))
    messages.success(request, _said(version))
    return redirect("console-models", slug=member.workspace.slug)


@require_POST
@for_roles(ADMINS)
def roll_back(request: HttpRequest, member: Member) -> HttpResponse:
    """The earlier models answer from the next question on."""
    seen = whole(request.POST.get("revision", ""))
    if seen is None:
        raise NotFound("no revision was named")
    try:
        versions.roll_back(member.workspace_id, member, seen=seen)
    except RolloutChanged:
        return _models(request, member, problem=_changed())
    messages.success(request, _("The earlier models answer from the next question on."))
    return redirect("console-models", slug=member.workspace.slug)


@require_safe
@for_roles(ADMINS)
def card(request: HttpRequest, member: Member, version_id: UUID) -> HttpResponse:
    """The version's model card as text."""
    with workspace_scope(member.workspace_id):
        version = ModelVersion.objects.filter(id=version_id).first()
    if version is None:
        raise NotFound("no such model version")
    return HttpResponse(version.card, content_type="text/plain; charset=utf-8")


def _said(version: ModelVersion) -> str:
    if version.wanted:
        return _("Every passage is being embedded anew. The version begins when that is done.")
    return _("It holds from the next question on.")


def _changed() -> str:
    return _("Somebody else has changed which models answer. Look again before you change it.")
