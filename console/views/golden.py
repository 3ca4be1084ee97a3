"""Golden questions: list, write, import, export, ask all of them and see what came of it."""

import json
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import EDITORS
from accounts.errors import Invalid
from accounts.models import Member
from console.asking_forms import LARGEST_FILE, GoldenForm, ImportForm
from console.asking_words import ASKER_WORDS, DECISION_WORDS, GOLDEN_WORDS, PROBLEM_WORDS
from console.gate import for_roles, page
from console.numbers import page_number
from learning import golden, golden_listing, golden_runs
from learning.errors import AlreadyRunning
from learning.golden_listing import Page, Wanted
from learning.models import GoldenQuestion
from learning.questions import questions_in

LONGEST_SEARCH = 200
SHOWN_PROBLEMS = 20


@require_safe
@for_roles(EDITORS)
def list_all(request: HttpRequest, member: Member) -> HttpResponse:
    """Search, filter and pages. With htmx the rows alone."""
    return _list(request, member, ImportForm())


def _list(
    request: HttpRequest, member: Member, form: ImportForm, problems: list[str] | None = None
) -> HttpResponse:
    wanted = Wanted(
        text=request.GET.get("q", "").replace("\0", "").strip()[:LONGEST_SEARCH],
        state=request.GET.get("state", "").replace("\0", "")[:12],
        page=page_number(request.GET),
    )
    found = golden_listing.list_questions(member.workspace_id, wanted)
    filters = {"q": wanted.text, "state": wanted.state}
    return page(
        request,
        member,
        "golden_rows.html" if request.headers.get("HX-Request") else "golden.html",
        status=400 if problems or form.errors else 200,
        found=found,
        rows=[_row(one, found) for one in found.questions],
        wanted=wanted,
        states=GOLDEN_WORDS,
        query=urlencode({name: value for name, value in filters.items() if value}),
        form=form,
        problems=problems or [],
        **_progress(member),
    )


def _row(one: GoldenQuestion, found: Page) -> dict[str, Any]:
    doc_id = one.doc_id or (one.spans[0][0] if one.spans else "")
    return {
        "one": one,
        "state": one.state or "new",
        "words": GOLDEN_WORDS[one.state or "new"],
        "decision": DECISION_WORDS.get(one.decision, ""),
        "asker": "" if one.audience == "public" else ASKER_WORDS[one.audience],
        "article": found.titles.get(doc_id, doc_id),
        "quote": next((words for words in [*one.quotes, *one.answers] if words), ""),
    }


def _progress(member: Member) -> dict[str, Any]:
    run = golden_runs.newest(member.workspace_id)
    counts = golden_runs.states(member.workspace_id)
    return {
        "run": run,
        "running": run is not None and run.ended_at is None,
        "percent": round(100 * run.done / run.total) if run and run.total else 0,
        "problem": PROBLEM_WORDS.get(run.problem, "") if run else "",
        "counts": [
            (state, words, counts.get("" if state == "new" else state, 0))
            for state, words in GOLDEN_WORDS.items()
        ],
        "total": sum(counts.values()),
    }


@require_safe
@for_roles(EDITORS)
def progress(request: HttpRequest, member: Member) -> HttpResponse:
    """The section alone, which asks for itself again; at the end the page is loaded anew."""
    given = _progress(member)
    answer = page(request, member, "golden_progress.html", **given)
    if request.headers.get("HX-Request") and not given["running"]:
        answer["HX-Refresh"] = "true"
    return answer


@require_POST
@for_roles(EDITORS)
def run(request: HttpRequest, member: Member) -> HttpResponse:
    """Ask all of them, in the background."""
    try:
        golden_runs.start(member.workspace_id, by=member)
    except AlreadyRunning:
        messages.warning(request, _("The questions are being asked already."))
    return redirect("console-golden", slug=member.workspace.slug)


@require_POST
@for_roles(EDITORS)
def stop(request: HttpRequest, member: Member) -> HttpResponse:
    golden_runs.stop(member.workspace_id)
    return redirect("console-golden", slug=member.workspace.slug)


@require_http_methods(["GET", "HEAD", "POST"])
@for_roles(EDITORS)
def new(request: HttpRequest, member: Member) -> HttpResponse:
    return _write(request, member, None)


@require_http_methods(["GET", "HEAD", "POST"])
@for_roles(EDITORS)
def edit(request: HttpRequest, member: Member, question_id: UUID) -> HttpResponse:
    return _write(request, member, golden_listing.row_of(member.workspace_id, question_id))


def _write(request: HttpRequest, member: Member, row: GoldenQuestion | None) -> HttpResponse:
    form = GoldenForm(request.POST or None, workspace_id=member.workspace_id, row=row)
    offer_articles(form, member)
    if request.method == "POST" and form.is_valid():
        try:
            golden_listing.keep_one(form.wanted(), actor=member)
        except Invalid as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The question is saved."))
            return redirect("console-golden", slug=member.workspace.slug)
    return page(
        request,
        member,
        "golden_form.html",
        status=400 if request.method == "POST" else 200,
        form=form,
        row=row,
        state=GOLDEN_WORDS[row.state or "new"] if row else "",
        decision=DECISION_WORDS.get(row.decision, "") if row else "",
    )


def offer_articles(form: Any, member: Member) -> None:
    """As somebody types, the field's list holds the articles that they may mean."""
    form.fields["doc_id"].widget.attrs |= {
        "list": "articles",
        "autocomplete": "off",
        "hx-get": reverse("console-golden-articles", kwargs={"slug": member.workspace.slug}),
        "hx-trigger": "focus once, input changed delay:250ms",
        "hx-target": "#articles",
    }


@require_safe
@for_roles(EDITORS)
def articles(request: HttpRequest, member: Member) -> HttpResponse:
    """Options of the list: articles by their titles."""
    text = request.GET.get("doc_id", "").replace("\0", "").strip()[:LONGEST_SEARCH]
    found = golden_listing.articles_named(member.workspace_id, text)
    return page(request, member, "article_options.html", found=found)


@require_POST
@for_roles(EDITORS)
def delete(request: HttpRequest, member: Member, question_id: UUID) -> HttpResponse:
    row = golden_listing.row_of(member.workspace_id, question_id)
    golden.remove(member.workspace_id, [row.key], actor=member)
    messages.success(request, _("The question is deleted."))
    return redirect("console-golden", slug=member.workspace.slug)


@require_POST
@for_roles(EDITORS)
def bring(request: HttpRequest, member: Member) -> HttpResponse:
    """Import a file of JSON lines, whole or not at all."""
    form = ImportForm(request.POST, request.FILES)
    if not form.is_valid():
        return _list(request, member, form)
    file, problems = form.cleaned_data["file"], list[str]()
    if file.size > LARGEST_FILE:
        problems = [_("The file is larger than %(most)s MB.") % {"most": LARGEST_FILE // 1_000_000}]
        return _list(request, member, form, problems)
    found = questions_in(
        file.read(),
        on_broken=lambda number, why: problems.append(
            _("Line %(number)s: %(why)s") % {"number": number, "why": why}
        ),
    )
    if not problems and found:
        try:
            added = golden.keep(
                member.workspace_id, found, actor=member, replace=form.cleaned_data["replace"]
            )
        except Invalid as error:
            problems.append(str(error))
        else:
            said = ngettext("%d question is new.", "%d questions are new.", added) % added
            messages.success(request, said)
            return redirect("console-golden", slug=member.workspace.slug)
    return _list(request, member, form, problems[:SHOWN_PROBLEMS] or [_("The file is empty.")])


@require_safe
@for_roles(EDITORS)
def export(request: HttpRequest, member: Member) -> HttpResponse:
    """As `manage.py golden export` writes them."""
    found = golden.questions(member.workspace_id)
    lines = [json.dumps(golden.as_row(one), ensure_ascii=False) + "\n" for one in found]
    answer = HttpResponse("".join(lines), content_type="application/jsonl; charset=utf-8")
    name = f"golden-{member.workspace.slug}.jsonl"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
