"""The overview of a workspace, and the list of its articles."""

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, QueryDict
from django.views.decorators.http import require_safe

from accounts.access import EDITORS
from accounts.models import Member
from accounts.scope import workspace_scope
from console.changes import changes
from console.gate import CONSOLE_ROLES, for_roles, page
from console.waiting import waiting
from console.words import (
    AUDIENCE_WORDS,
    BULK_STATE_WORDS,
    BULK_WORDS,
    DRAFT_WORDS,
    FILTER_WORDS,
    STATE_WORDS,
)
from knowledge import bulk, scheduling, tags
from knowledge.listing import Chosen, Edge, list_articles, overview

LAST_CHANGES = 10
LONGEST_SEARCH = 200


@require_safe
@for_roles(CONSOLE_ROLES)
def show_overview(request: HttpRequest, member: Member) -> HttpResponse:
    """What waits, how many articles answer, whether the index is whole, what changed last."""
    found = overview(member.workspace_id)
    last, _more = changes(member.workspace_id, count=LAST_CHANGES)
    states = [(state, STATE_WORDS[state], count) for state, count in found.states.items()]
    return page(
        request,
        member,
        "overview.html",
        states=states,
        total=sum(count.number for count in found.states.values()),
        health=found.health,
        passages=found.passages,
        changes=last,
        waits=waiting(member.workspace) if member.role in EDITORS else [],
    )


@require_safe
@for_roles(EDITORS)
def list_all(request: HttpRequest, member: Member) -> HttpResponse:
    """Search, filters and pages. With htmx the rows alone."""
    chosen = chosen_from(request.GET)
    found = list_articles(
        member.workspace_id,
        chosen,
        older_than=Edge.parsed(request.GET.get("after", "")),
        newer_than=Edge.parsed(request.GET.get("before", "")),
    )
    filters = {name: value for name, value in filters_of(chosen).items() if value}
    with workspace_scope(member.workspace_id):
        zone = scheduling.zone_of(member.workspace_id)
    return page(
        request,
        member,
        "article_rows.html" if request.headers.get("HX-Request") else "articles.html",
        found=found,
        rows=[
            (one, AUDIENCE_WORDS[one.audience], DRAFT_WORDS.get(one.draft_state, ""))
            for one in found.articles
        ],
        chosen=chosen,
        filters=filters,
        states=FILTER_WORDS,
        audiences=AUDIENCE_WORDS,
        actions=BULK_WORDS,
        zone=zone,
        known_tags=tags.beginning_with(member.workspace_id, "", count=200),
        under_way=[
            (one, BULK_WORDS[one.action], BULK_STATE_WORDS[one.state])
            for one in bulk.living(member.workspace_id)
        ],
        query=urlencode(filters),
    )


def chosen_from(given: QueryDict) -> Chosen:
    """The filter as it is written in an address or a form."""

    def field(name: str, longest: int) -> str:
        return given.get(name, "").replace("\0", "").strip()[:longest]

    return Chosen(
        text=field("q", LONGEST_SEARCH),
        lang=field("lang", 12),
        state=field("state", 12),
        audience=field("audience", 12),
        tag=field("tag", 40).casefold(),
    )


def filters_of(chosen: Chosen) -> dict[str, str]:
    """What chosen_from reads."""
    return {
        "q": chosen.text,
        "lang": chosen.lang,
        "state": chosen.state,
        "audience": chosen.audience,
        "tag": chosen.tag,
    }
