"""Replay: ask for one, watch it, read what would have happened."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import EDITORS
from accounts.errors import Invalid, NotFound
from accounts.models import Member
from accounts.scope import workspace_scope
from chatbot.health import is_alive
from chatbot.turns import questions_of
from console.asking_words import DECISION_WORDS, PROBLEM_WORDS
from console.gate import for_roles, page
from console.replay_forms import ReplayForm
from learning import replay_runs
from learning.errors import AlreadyRunning
from learning.models import ModelVersion, ReplayChange, ReplayRun

MOST_VERSIONS = 50
KIND_WORDS = {
    "lost": gettext_lazy("answer lost"),
    "gained": gettext_lazy("newly answered"),
    "reworded": gettext_lazy("another answer"),
    "rerouted": gettext_lazy("passed on differently"),
}
FIGURE_WORDS = {
    "answered": gettext_lazy("Answered by tier 1"),
    "calls": gettext_lazy("Calls of the large model"),
    "people": gettext_lazy("Passed to people"),
    "minutes": gettext_lazy("Minutes of people"),
    "usd": gettext_lazy("Cost of the large model, $"),
}
VERDICT_WORDS = {
    "right_lost": gettext_lazy("right answers lost"),
    "wrong_avoided": gettext_lazy("wrong answers avoided"),
    "right_gained": gettext_lazy("right answers gained"),
    "wrong_gained": gettext_lazy("wrong answers gained"),
}


@require_http_methods(["GET", "HEAD", "POST"])
@for_roles(EDITORS)
def ask(request: HttpRequest, member: Member) -> HttpResponse:
    """The form and the last replays."""
    if request.method != "POST":
        return _page(request, member, ReplayForm(versions=_versions(member)))
    form = ReplayForm(request.POST, versions=_versions(member))
    if form.is_valid():
        try:
            run = replay_runs.start(member, form.wanted())
        except NotFound:
            form.add_error("doc_id", _("There is no such article."))
        except AlreadyRunning:
            form.add_error(None, _("A replay is under way. Stop it, or wait for its end."))
        except Invalid:
            field = "doc_id" if form.cleaned_data["doc_id"] else "provider"
            form.add_error(field, _UNKNOWN[field])
        else:
            return redirect("console-replay", slug=member.workspace.slug, run_id=run.id)
    return _page(request, member, form, status=400)


_UNKNOWN = {
    "doc_id": gettext_lazy("All of this article's text is published already."),
    "provider": gettext_lazy("No price is known of this large model."),
}


@require_safe
@for_roles(EDITORS)
def show(request: HttpRequest, member: Member, run_id: UUID) -> HttpResponse:
    """One replay; with htmx the section alone, which asks for itself until it has ended."""
    run = replay_runs.run_of(member.workspace_id, run_id)
    template = "replay_result.html" if request.headers.get("HX-Request") else "replay.html"
    return page(request, member, template, section="replays", **_shown(run))


@require_POST
@for_roles(EDITORS)
def stop(request: HttpRequest, member: Member, run_id: UUID) -> HttpResponse:
    """What it has counted stays."""
    replay_runs.stop(member.workspace_id, run_id)
    messages.success(request, _("The replay has ended."))
    return redirect("console-replay", slug=member.workspace.slug, run_id=run_id)


def _page(
    request: HttpRequest, member: Member, form: ReplayForm, *, status: int = 200
) -> HttpResponse:
    return page(
        request,
        member,
        "replays.html",
        status=status,
        section="replays",
        form=form,
        last=replay_runs.last(member.workspace_id),
        worker_there=is_alive(replay_runs.QUEUE),
    )


def _versions(member: Member) -> list[int]:
    with workspace_scope(member.workspace_id):
        rows = ModelVersion.objects.order_by("-number").values_list("number", flat=True)
        return list(rows[:MOST_VERSIONS])


def _shown(run: ReplayRun) -> dict[str, Any]:
    report = run.report
    figures = report.get("figures", {})
    counted = {"changes": KIND_WORDS, "verdicts": VERDICT_WORDS}
    return {
        "run": run,
        "running": run.ended_at is None,
        "percent": round(100 * run.done / run.total) if run.total else 0,
        "problem": PROBLEM_WORDS.get(run.problem, ""),
        "report": report,
        "figures": [
            {"words": words, "by": one["now"] - one["was"], **one}
            for name, words in FIGURE_WORDS.items()
            for one in [figures.get(name)]
            if one is not None
        ],
        "share": 100 * report.get("answered_share", 0.0),
        "changed": _changes(run),
        **{
            name: [(words[key], number) for key, number in report.get(name, {}).items()]
            for name, words in counted.items()
        },
    }


def _changes(run: ReplayRun) -> list[dict[str, Any]]:
    changes = replay_runs.changes_of(run)
    with workspace_scope(run.workspace_id):
        questions = questions_of([one.turn_id for one in changes])
    return [_change(one, questions[one.turn_id]) for one in changes]


def _change(one: ReplayChange, question: str) -> dict[str, Any]:
    return {
        "kind": one.kind,
        "words": KIND_WORDS[one.kind],
        "conversation_id": one.conversation_id,
        "question": question,
        "sides": [
            {"decision": DECISION_WORDS[side["kind"]], "text": side["text"]}
            for side in (one.was, one.now)
        ],
    }
