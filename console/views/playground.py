"""The playground: ask as a visitor, see why, and what a draft would change."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import EDITORS
from accounts.errors import Invalid, NotFound
from accounts.models import Member
from chatbot.health import is_alive
from console import dialogue
from console.asking_forms import LANGUAGES, PlaygroundForm
from console.asking_words import ASKER_WORDS, PROBLEM_WORDS
from console.gate import for_roles, page
from console.playing import outcome
from console.views.golden import offer_articles
from learning import playground
from learning.models import PlaygroundRun

LONGEST_ID = 500


@require_http_methods(["GET", "HEAD", "POST"])
@for_roles(EDITORS)
def ask(request: HttpRequest, member: Member) -> HttpResponse:
    """The form; what it asks is answered by a worker."""
    if request.method != "POST":
        spoken = get_language() or "en"
        initial = {
            "doc_id": request.GET.get("article", "").replace("\0", "")[:LONGEST_ID],
            "language": spoken if spoken in LANGUAGES else "en",
        }
        return _page(request, member, PlaygroundForm(initial=initial))
    form = PlaygroundForm(request.POST)
    if form.is_valid():
        try:
            run = playground.ask(member, form.wanted())
        except NotFound:
            form.add_error("doc_id", _("There is no such article."))
        except Invalid:
            form.add_error("doc_id", _("All of this article's text is published already."))
        else:
            return redirect("console-playground-run", slug=member.workspace.slug, run_id=run.id)
    return _page(request, member, form, status=400)


@require_safe
@for_roles(EDITORS)
def show(request: HttpRequest, member: Member, run_id: UUID) -> HttpResponse:
    """What came of one question, under the form that asked it."""
    run = playground.run_of(member.workspace_id, run_id)
    form = PlaygroundForm(
        initial={
            "question": run.question,
            "history": dialogue.written((role, text) for role, text in run.history),
            "audience": run.audience,
            "language": run.language,
            "doc_id": playground.doc_id_of(run),
        }
    )
    return _page(request, member, form, run=run)


@require_safe
@for_roles(EDITORS)
def result(request: HttpRequest, member: Member, run_id: UUID) -> HttpResponse:
    """The section alone, which asks for itself again until it is answered."""
    run = playground.run_of(member.workspace_id, run_id)
    return page(request, member, "playground_result.html", **_result(run))


@require_POST
@for_roles(EDITORS)
def keep(request: HttpRequest, member: Member, run_id: UUID) -> HttpResponse:
    """Make it a golden question; twice is one."""
    run = playground.run_of(member.workspace_id, run_id)
    expected = request.POST.get("expected", "")
    with_draft = request.POST.get("draft") == "1"
    try:
        row = playground.as_golden(run, expected=expected, with_draft=with_draft, actor=member)
    except Invalid as error:
        messages.error(request, str(error))
        return redirect("console-playground-run", slug=member.workspace.slug, run_id=run.id)
    messages.success(request, _("It is a golden question now."))
    return redirect("console-golden-question", slug=member.workspace.slug, question_id=row.id)


def _page(
    request: HttpRequest,
    member: Member,
    form: PlaygroundForm,
    *,
    run: PlaygroundRun | None = None,
    status: int = 200,
) -> HttpResponse:
    offer_articles(form, member)
    return page(
        request,
        member,
        "playground.html",
        status=status,
        form=form,
        last=playground.last(member),
        worker_there=is_alive(playground.QUEUE),
        **(_result(run) if run else {}),
    )


def _result(run: PlaygroundRun) -> dict[str, Any]:
    outcomes = [
        (name, one)
        for name, one in (("", outcome(run.result)), ("1", outcome(run.draft_result)))
        if one is not None
    ]
    return {
        "run": run,
        "waits": run.ended_at is None,
        "asker": ASKER_WORDS[run.audience],
        "outcomes": outcomes,
        "problem": PROBLEM_WORDS.get(run.problem, ""),
    }
