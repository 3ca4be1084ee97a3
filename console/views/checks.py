"""Answers to check: one at a time, without the bot's own opinion of them.

The page shows neither confidence nor whether the visitor saw the answer until a verdict stands.
"""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import AGENTS
from accounts.errors import Invalid, NotAllowed, NotFound
from accounts.models import Member
from console.checking import shown
from console.forms import CheckForm, ReasonForm
from console.gate import CHECK_READERS, for_roles, page
from console.words import VERDICT_WORDS, WRONG_WORDS
from learning import audits
from learning.errors import AlreadyJudged
from learning.models import Audit, Verdict


@require_safe
@for_roles(CHECK_READERS)
def overview(request: HttpRequest, member: Member) -> HttpResponse:
    """How many wait, and the last verdicts."""
    counts = audits.counts(member.workspace_id)
    return page(
        request,
        member,
        "checks.html",
        waiting=counts[""],
        counts=[(words, counts[verdict]) for verdict, words in VERDICT_WORDS.items()],
        judged=[
            (row, VERDICT_WORDS[row.verdict], WRONG_WORDS.get(row.reason, ""))
            for row in audits.judged_last(member.workspace_id)
        ],
        may_check=member.role in AGENTS,
        **_last(request, member),
    )


@require_POST
@for_roles(AGENTS)
def take_next(request: HttpRequest, member: Member) -> HttpResponse:
    """Claim one and open it."""
    return _next(member)


@require_http_methods(["GET", "HEAD", "POST"])
@for_roles(CHECK_READERS)
def check(request: HttpRequest, member: Member, audit_id: UUID) -> HttpResponse:
    """The answer and its verdict; those who check answers give one here, or correct it."""
    if request.method == "POST":
        if member.role not in AGENTS:
            raise NotAllowed("your role gives no verdicts")
        return _judge(request, member, audit_id)
    return _check(request, member, audits.audit_of(member.workspace_id, audit_id))


def _judge(request: HttpRequest, member: Member, audit_id: UUID) -> HttpResponse:
    form = CheckForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Choose one of the verdicts."))
        audit = audits.audit_of(member.workspace_id, audit_id)
        return _check(request, member, audit, status=400)
    given = form.cleaned_data
    try:
        audits.judge(audit_id, actor=member, verdict=given["verdict"], seen=given["seen"])
    except AlreadyJudged:
        messages.warning(
            request, _("A colleague has that answer already. Your verdict was not saved.")
        )
        return _next(member)
    return _next(member, last=audit_id)


@require_POST
@for_roles(AGENTS)
def give_reason(request: HttpRequest, member: Member, audit_id: UUID) -> HttpResponse:
    """Why it is wrong, after the verdict; then on with what is claimed already."""
    form = ReasonForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Choose one of the reasons."))
        audit = audits.audit_of(member.workspace_id, audit_id)
        return _check(request, member, audit, status=400)
    try:
        audits.give_reason(audit_id, actor=member, reason=form.cleaned_data["reason"])
    except AlreadyJudged:
        messages.warning(request, _("The verdict is another one by now."))
    else:
        messages.success(request, _("The reason is saved."))
    return _next(member)


def _next(member: Member, *, last: UUID | None = None) -> HttpResponse:
    """To the member's next audit, else to the overview; `last` was judged just now."""
    found = audits.claim_next(member)
    slug = member.workspace.slug
    if found is None:
        path = reverse("console-checks", kwargs={"slug": slug})
    else:
        path = reverse("console-check", kwargs={"slug": slug, "audit_id": found.id})
    return redirect(f"{path}?last={last}" if last else path)


def _check(
    request: HttpRequest, member: Member, audit: Audit, *, status: int = 200
) -> HttpResponse:
    return page(
        request,
        member,
        "check.html",
        status=status,
        shown=shown(audit),
        audit=audit,
        verdict=VERDICT_WORDS.get(audit.verdict, ""),
        reason=WRONG_WORDS.get(audit.reason, ""),
        reasons=_reasons(audit, member),
        may_check=member.role in AGENTS,
        claimed_by=audits.claimed_by_another(audit, member),
        waiting=audits.counts(member.workspace_id)[""],
        **_last(request, member),
    )


def _reasons(audit: Audit, member: Member) -> list[tuple[str, str]]:
    """What the member may add to their own "wrong"."""
    own = audit.verdict == Verdict.WRONG and audit.verdict_by_id == member.id
    return [(name, str(words)) for name, words in WRONG_WORDS.items()] if own else []


def _last(request: HttpRequest, member: Member) -> dict[str, Any]:
    """What the member has just judged, to give a reason or to think again."""
    try:
        audit = audits.audit_of(member.workspace_id, UUID(request.GET.get("last", "")))
    except (ValueError, NotFound, Invalid):
        return {}
    if audit.verdict_by_id != member.id:
        return {}
    words = VERDICT_WORDS[audit.verdict]
    return {"last": audit, "last_words": words, "last_reasons": _reasons(audit, member)}
