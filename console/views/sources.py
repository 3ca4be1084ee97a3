"""Where articles come from: add a site or repository, run it, watch it, pause it, delete it."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import EDITORS
from accounts.errors import NotFound
from accounts.models import Member
from console.gate import for_roles, page
from console.numbers import page_number
from console.source_forms import FORMS, GitForm, SiteForm, initial
from console.words import (
    COUNT_WORDS,
    PAGE_WORDS,
    SCHEDULE_WORDS,
    SOURCE_KIND_WORDS,
    SOURCE_STATE_WORDS,
)
from knowledge import reasons
from knowledge.articles import BY_HAND, KnowledgeError
from knowledge.models import Source, SourcePage
from knowledge.sources import keeping, reading
from knowledge.sources.reading import Listed


@require_safe
@for_roles(EDITORS)
def show_all(request: HttpRequest, member: Member) -> HttpResponse:
    """All sources; with htmx the rows alone, which ask again while a run is under way."""
    number = page_number(request.GET)
    found, more = reading.list_sources(member.workspace_id, number=number)
    return page(
        request,
        member,
        "source_rows.html" if request.headers.get("HX-Request") else "sources.html",
        sources=[_shown(one) for one in found],
        number=number,
        more=more,
        watch=any(one.source.state in {"running", "deleting"} for one in found),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@for_roles(EDITORS)
def add(request: HttpRequest, member: Member, kind: str) -> HttpResponse:
    if kind not in FORMS:
        raise NotFound("no such kind of source")
    form = FORMS[kind](request.POST or None)
    source = _kept(form, lambda: keeping.add(member, form.wanted()))
    if source is not None:
        messages.success(request, _("Added. It is being read for the first time."))
        return redirect("console-source", slug=member.workspace.slug, source_id=source.id)
    return page(
        request,
        member,
        "source_form.html",
        status=400 if request.method == "POST" else 200,
        form=form,
        kind=kind,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@for_roles(EDITORS)
def show(request: HttpRequest, member: Member, source_id: UUID) -> HttpResponse:
    """One source: how it goes, its settings, and its pages with their problems."""
    listed = reading.find(member.workspace_id, source_id)
    source, form, status = listed.source, None, 200
    if source.kind in FORMS:
        form = FORMS[source.kind](request.POST or None, initial=initial(source))
    if request.method == "POST":
        if form is None:
            raise NotFound("this source has no settings")
        wanted = form
        if _kept(form, lambda: keeping.change(member, source_id, wanted.wanted())) is not None:
            messages.success(request, _("Saved. It counts from the next run on."))
            return redirect("console-source", slug=member.workspace.slug, source_id=source_id)
        status = 400
    context = _pages(request, member, source) | {"form": form, "shown": _shown(listed)}
    return page(request, member, "source.html", status=status, **context)


@require_safe
@for_roles(EDITORS)
def status(request: HttpRequest, member: Member, source_id: UUID) -> HttpResponse:
    """The part of a source's page that changes while it is read."""
    listed = reading.find(member.workspace_id, source_id)
    context = _pages(request, member, listed.source) | {"shown": _shown(listed)}
    return page(request, member, "source_status.html", **context)


def _kept(form: SiteForm | GitForm, keep: Callable[[], Source]) -> Source | None:
    """None where the form says what is wrong, or nothing was sent."""
    if not form.is_valid():
        return None
    try:
        return keep()
    except KnowledgeError as error:
        form.add_error(None, str(error))
        return None


def _run(member: Member, source_id: UUID) -> str:
    if keeping.run_now(member, source_id):
        return _("It is being read.")
    return _("It is being read already, or it is paused.")


def _pause(member: Member, source_id: UUID) -> str:
    keeping.pause(member, source_id)
    return _("Paused. Its articles still answer.")


def _go_on(member: Member, source_id: UUID) -> str:
    keeping.go_on(member, source_id)
    return _("It is being read.")


def _delete(member: Member, source_id: UUID) -> str:
    keeping.delete(member, source_id, with_articles=False)
    return _("The source is being deleted; its articles stay.")


def _delete_all(member: Member, source_id: UUID) -> str:
    keeping.delete(member, source_id, with_articles=True)
    return _("The source is being deleted and its articles archived.")


ACTIONS = {
    "run": _run,
    "pause": _pause,
    "go-on": _go_on,
    "delete": _delete,
    "delete-all": _delete_all,
}


@require_POST
@for_roles(EDITORS)
def act(request: HttpRequest, member: Member, source_id: UUID, action: str) -> HttpResponse:
    if action not in ACTIONS:
        raise NotFound("no such action")
    try:
        messages.success(request, ACTIONS[action](member, source_id))
    except KnowledgeError as error:
        messages.error(request, str(error))
    if action.startswith("delete"):
        return redirect("console-sources", slug=member.workspace.slug)
    return redirect("console-source", slug=member.workspace.slug, source_id=source_id)


def _pages(request: HttpRequest, member: Member, source: Source) -> dict[str, Any]:
    state = request.GET.get("state", "")
    state = state if state in PAGE_WORDS else ""
    found = reading.list_pages(
        member.workspace_id, source.id, state=state, number=page_number(request.GET)
    )
    return {
        "found": found,
        "pages": [_page_shown(one) for one in found.pages],
        "state": state,
        "states": PAGE_WORDS,
    }


def _page_shown(one: SourcePage) -> tuple[SourcePage, Any, str]:
    return one, PAGE_WORDS[one.state], reasons.told(one.problem)


def _shown(listed: Listed) -> dict[str, Any]:
    source = listed.source
    return {
        "listed": listed,
        "source": source,
        "message": reasons.told(source.message),
        "kind": SOURCE_KIND_WORDS.get(source.kind, source.kind),
        "state": SOURCE_STATE_WORDS[source.state],
        "schedule": SCHEDULE_WORDS.get(source.every_hours, gettext_lazy("by hand")),
        "counts": [
            (words, source.counts[name])
            for name, words in COUNT_WORDS.items()
            if source.counts.get(name)
        ],
        "is_read": source.kind in FORMS,
        "may_delete": source.kind not in BY_HAND and source.state != "deleting",
    }
