"""Trainings: start one, watch it, stop it, go on."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.access import ADMINS
from accounts.models import Member
from chatbot.health import is_alive
from console.gate import for_roles, page
from console.words import RUN_WORDS, STAGE_WORDS
from learning import golden, runs
from learning.errors import AlreadyTraining
from learning.models import RunState, TrainingRun
from learning.models.runs import ACTIVE
from learning.training_data import FEWEST_GOLDEN


@require_safe
@for_roles(ADMINS)
def show(request: HttpRequest, member: Member) -> HttpResponse:
    """The section alone, for the page that watches."""
    return page(request, member, "training.html", **training_of(member))


def training_of(member: Member) -> dict[str, Any]:
    """What the section shows."""
    found = runs.newest(member.workspace_id)
    active = next((run for run in found if run.state in ACTIVE), None)
    questions = golden.count(member.workspace_id)
    return {
        "active_run": active,
        "active_words": RUN_WORDS[active.state] if active else "",
        "stage_words": STAGE_WORDS.get(active.stage, "") if active else "",
        "percent": round(100 * active.share) if active else 0,
        "runs": [(run, RUN_WORDS[run.state], _may_resume(run, active)) for run in found],
        "golden_questions": questions,
        "fewest_golden": FEWEST_GOLDEN,
        "may_train": questions >= FEWEST_GOLDEN,
        "worker_there": is_alive(runs.QUEUE),
    }


def _may_resume(run: TrainingRun, active: TrainingRun | None) -> bool:
    return active is None and run.state in {RunState.CANCELLED, RunState.FAILED}


@require_POST
@for_roles(ADMINS)
def start(request: HttpRequest, member: Member) -> HttpResponse:
    """One at a time; the second of two is told."""
    try:
        runs.start(member.workspace_id, by=member)
    except AlreadyTraining:
        messages.warning(request, _("A training is under way already."))
    return redirect("console-models", slug=member.workspace.slug)


@require_POST
@for_roles(ADMINS)
def cancel(request: HttpRequest, member: Member, run_id: UUID) -> HttpResponse:
    """It stops within seconds and keeps what it has done."""
    runs.cancel(member.workspace_id, run_id, by=member)
    return redirect("console-models", slug=member.workspace.slug)


@require_POST
@for_roles(ADMINS)
def resume(request: HttpRequest, member: Member, run_id: UUID) -> HttpResponse:
    """From where it stopped."""
    try:
        runs.resume(member.workspace_id, run_id, by=member)
    except AlreadyTraining:
        messages.warning(request, _("A training is under way already."))
    return redirect("console-models", slug=member.workspace.slug)
