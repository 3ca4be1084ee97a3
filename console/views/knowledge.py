"""The overview of a workspace, and the list of its articles."""

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from accounts.access import EDITORS
from accounts.models import Member
from console.changes import changes
from console.gate import CONSOLE_ROLES, for_roles, page
from console.words import STATE_WORDS
from knowledge.listing import Wanted, list_articles, overview

LAST_CHANGES = 10
LONGEST_SEARCH = 200


@require_safe
@for_roles(CONSOLE_ROLES)
def show_overview(request: HttpRequest, member: Member) -> HttpResponse:
    """How many articles answer, whether the index is whole, what changed last."""
    found = overview(member.workspace_id)
    last, _more = changes(member.workspace_id, count=LAST_CHANGES)
    states = [(state, STATE_WORDS[state], count) for state, count in found.states.items()]
    return page(
        request,
        member,
        "overview.html",
        section="overview",
        states=states,
        total=sum(found.states.values()),
        health=found.health,
        changes=last,
    )


@require_safe
@for_roles(EDITORS)
def list_all(request: HttpRequest, member: Member) -> HttpResponse:
    """Search, filters and pages. With htmx the rows alone."""
    number = request.GET.get("page", "1")
    wanted = Wanted(
        text=request.GET.get("q", "").replace("\0", "").strip()[:LONGEST_SEARCH],
        lang=request.GET.get("lang", "").replace("\0", "")[:12],
        state=request.GET.get("state", "").replace("\0", "")[:12],
        page=int(number) if number.isascii() and number.isdigit() and len(number) < 7 else 1,
    )
    found = list_articles(member.workspace_id, wanted)
    filters = {"q": wanted.text, "lang": wanted.lang, "state": wanted.state}
    return page(
        request,
        member,
        "article_rows.html" if request.headers.get("HX-Request") else "articles.html",
        section="articles",
        found=found,
        wanted=wanted,
        states=STATE_WORDS,
        query=urlencode({name: value for name, value in filters.items() if value}),
    )
