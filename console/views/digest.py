"""What visitors asked, week by week, and the mail about it."""

from datetime import date, timedelta

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.models import Member
from console.gate import for_roles, page
from console.numbers import page_number
from learning import digests

LAST_PAGE = 1_000


@require_safe
@for_roles(digests.READERS)
def show(request: HttpRequest, member: Member, week: str = "") -> HttpResponse:
    """The newest week, or the one that is named; and the earlier ones."""
    found = digests.digest_of(member.workspace_id, _monday(week))
    if week and found is None:
        raise Http404
    number = page_number(request.GET, last=LAST_PAGE)
    weeks, more = digests.weeks(member.workspace_id, page=number)
    digest, groups = found or (None, [])
    return page(
        request,
        member,
        "digest.html",
        digest=digest,
        last_day=digest.week + timedelta(days=6) if digest else None,
        groups=groups,
        weeks=weeks,
        number=number,
        more=more,
        subscribed=digests.is_subscribed(member),
    )


def _monday(week: str) -> date | None:
    try:
        return date.fromisoformat(week) if week else None
    except ValueError:
        raise Http404 from None


@require_POST
@for_roles(digests.READERS)
def subscribe(request: HttpRequest, member: Member) -> HttpResponse:
    """By mail, or not any more; everybody for themselves."""
    wanted = request.POST.get("wanted") == "yes"
    digests.subscribe(member, wanted=wanted)
    said = _("You will get each digest by mail.") if wanted else _("You get no more mails.")
    messages.success(request, said)
    return redirect("console-digest", slug=member.workspace.slug)
