"""All golden questions asked anew, in the knowledge worker, a second's worth at a time.

So an article that is published meanwhile waits for a second at most. A question that was edited
while it was asked keeps no outcome of its former self.
"""

import time
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Count, F
from django.utils import timezone

from accounts.models import Member
from accounts.scope import workspace_scope
from chatbot.answering.contract import Decision
from learning import golden
from learning.errors import AlreadyRunning
from learning.expecting import state_of
from learning.models import GoldenQuestion, GoldenRun
from learning.places import as_of, published_texts
from learning.rehearsing import ModelsMissing, asked
from outbox.queue import LeasedJob, enqueue

KIND, QUEUE = "ask_golden", "knowledge"
STEP_S = 1.0
BATCH = 25  # questions whose articles' texts are read together
NO_MODELS, NO_WORKER = "no_models", "no_worker"  # GoldenRun.problem
KEPT_RUNS = 20


def start(workspace_id: UUID, *, by: Member) -> GoldenRun:
    """Ask for it. Raises AlreadyRunning where one is under way."""
    with workspace_scope(workspace_id):
        try:
            with transaction.atomic():
                run = GoldenRun.objects.create(
                    workspace_id=workspace_id, total=GoldenQuestion.objects.count(), started_by=by
                )
        except IntegrityError as error:
            raise AlreadyRunning("the questions are being asked") from error
        kept = GoldenRun.objects.order_by("-created_at").values_list("id", flat=True)[:KEPT_RUNS]
        GoldenRun.objects.exclude(id__in=list(kept)).delete()
        _next_step(run, after="")
    return run


def stop(workspace_id: UUID) -> None:
    """It ends with the question that it is at."""
    with workspace_scope(workspace_id):
        GoldenRun.objects.filter(ended_at=None).update(ended_at=timezone.now())


def newest(workspace_id: UUID) -> GoldenRun | None:
    with workspace_scope(workspace_id):
        rows = GoldenRun.objects.select_related("started_by")
        return rows.order_by("-created_at", "-id").first()


def states(workspace_id: UUID) -> dict[str, int]:
    """How many questions are in each state; at most golden.MOST of them are counted."""
    with workspace_scope(workspace_id):
        rows = GoldenQuestion.objects.order_by().values_list("state").annotate(Count("id"))
        return dict(rows)


def step(job: LeasedJob) -> None:
    """Ask the next ones, keep what came of them, and ask for the next step."""
    run_id, after = UUID(job.payload["run_id"]), str(job.payload["after"])
    with workspace_scope(job.workspace_id):
        run = GoldenRun.objects.filter(id=run_id, ended_at=None).first()
        rows = list(GoldenQuestion.objects.filter(key__gt=after).order_by("key")[:BATCH])
        if run is None or not rows:
            if run is not None:
                _end(run_id)
            job.complete()
            return
        texts = published_texts({span[0] for row in rows for span in row.spans})
    try:
        outcomes = _asked(job.workspace_id, rows, texts)
    except ModelsMissing:
        with workspace_scope(job.workspace_id):
            _end(run_id, problem=NO_MODELS)
            job.complete()
        return
    with workspace_scope(job.workspace_id):
        job.complete()
        for row, decision, state in outcomes:
            unchanged = GoldenQuestion.objects.filter(id=row.id, updated_at=row.updated_at)
            unchanged.update(
                state=state, decision=decision.kind, answer=decision.text, asked_at=timezone.now()
            )
        GoldenRun.objects.filter(id=run_id).update(done=F("done") + len(outcomes))
        _next_step(run, after=outcomes[-1][0].key)


def failed(job: LeasedJob) -> None:
    """No worker could finish it. Runs in the transaction that buries the job."""
    _end(UUID(job.payload["run_id"]), problem=NO_WORKER)


def _asked(
    workspace_id: UUID, rows: list[GoldenQuestion], texts: dict[str, str]
) -> list[tuple[GoldenQuestion, Decision, str]]:
    """At least one of them, and as many as fit into the step's time."""
    until, outcomes = time.monotonic() + STEP_S, []
    for row in rows:
        question = as_of(row, golden.question(row), texts)
        decision = asked(workspace_id, question)
        outcomes.append((row, decision, state_of(decision, question).value))
        if time.monotonic() > until:
            break
    return outcomes


def _next_step(run: GoldenRun, *, after: str) -> None:
    payload = {"run_id": str(run.id), "after": after}
    enqueue(KIND, workspace_id=run.workspace_id, payload=payload, queue=QUEUE)


def _end(run_id: UUID, *, problem: str = "") -> None:
    rows = GoldenRun.objects.filter(id=run_id, ended_at=None)
    rows.update(ended_at=timezone.now(), problem=problem)
