"""Replays as a page or a command asks for them; those of a page go in steps of a second.

A step keeps what it added in the transaction that ends it, so a worker that dies repeats one step
and no more. A version or a draft that is gone meanwhile ends the run with a problem.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Count
from django.utils import timezone

from accounts.errors import Invalid, NotFound
from accounts.models import Member
from accounts.scope import workspace_scope
from chatbot.models import Receipt
from knowledge.models import Article, Revision
from knowledge.unpublished import Unpublished, of_revision
from learning.errors import AlreadyRunning
from learning.models import ModelVersion, ReplayChange, ReplayRun
from learning.playground import draft_of
from learning.rehearsing import ModelsMissing, models_of
from learning.replay import KINDS, Arms, Replayed, Setup, Wanted, replayed, sample, setup
from learning.replay_figures import Tally, verdicts_of
from outbox.queue import LeasedJob, enqueue

KIND, QUEUE = "replay", "knowledge"
STEP_S = 1.0
BATCH = 200  # questions that are read together
SHOWN = 50  # changes of each kind that are kept
KEPT_RUNS = 20
NO_MODELS, NO_WORKER, GONE = "no_models", "no_worker", "gone"  # ReplayRun.problem
Counted = Callable[[Replayed], None]


def start(member: Member, wanted: Wanted) -> ReplayRun:
    """Raises Invalid, NotFound for a version or an article, AlreadyRunning."""
    wanted.check()
    workspace_id, until = member.workspace_id, timezone.now()
    setup(workspace_id, wanted, until, arms=None)
    with workspace_scope(workspace_id):
        _version, text = named(wanted)
        if text is not None:  # every step asks of this one, whatever is written meanwhile
            wanted = replace(wanted, revision=text.number)
        try:
            with transaction.atomic():
                run = ReplayRun.objects.create(
                    workspace_id=workspace_id,
                    wanted=asdict(wanted),
                    until=until,
                    total=min(wanted.limit, sample(wanted, until).count()),
                    started_by=member,
                )
        except IntegrityError as error:
            raise AlreadyRunning("a replay is under way") from error
        kept = ReplayRun.objects.order_by("-created_at").values_list("id", flat=True)[:KEPT_RUNS]
        ReplayRun.objects.exclude(id__in=list(kept)).delete()
        _next_step(run)
    return run


def stop(workspace_id: UUID, run_id: UUID) -> None:
    """It ends with the step that it is at; what it has counted stays. Raises NotFound."""
    run = run_of(workspace_id, run_id)
    with workspace_scope(workspace_id):
        _end(run.id)


def run_of(workspace_id: UUID, run_id: UUID) -> ReplayRun:
    """Raises NotFound."""
    with workspace_scope(workspace_id):
        run = ReplayRun.objects.filter(id=run_id).defer("tally").first()
    if run is None:
        raise NotFound("no such replay")
    return run


def last(workspace_id: UUID) -> list[ReplayRun]:
    with workspace_scope(workspace_id):
        rows = ReplayRun.objects.select_related("started_by").defer("tally", "report")
        return list(rows.order_by("-created_at")[:KEPT_RUNS])


def changes_of(run: ReplayRun) -> list[ReplayChange]:
    """What is kept of them, what was lost first."""
    with workspace_scope(run.workspace_id):
        rows = list(ReplayChange.objects.filter(run=run).order_by("id"))
    return sorted(rows, key=lambda one: KINDS.index(one.kind))


def named(wanted: Wanted) -> tuple[ModelVersion | None, Revision | None]:
    """The version and the text that are supposed. Needs the scope; raises NotFound, Invalid."""
    version = None
    if wanted.version is not None:
        version = ModelVersion.objects.filter(number=wanted.version).first()
        if version is None:
            raise NotFound("no such model version")
    return version, _text_of(wanted) if wanted.doc_id else None


def _text_of(wanted: Wanted) -> Revision:
    if wanted.revision is None:
        return draft_of(wanted.doc_id)
    article = Article.objects.filter(external_id=wanted.doc_id).first()
    found = article.revisions.filter(number=wanted.revision).first() if article else None
    if article is None or found is None:
        raise NotFound("no such revision")
    if found.id == article.published_revision_id:
        raise Invalid("This revision is what is published")
    return found


def whole(workspace_id: UUID, wanted: Wanted, *, each: Counted | None = None) -> dict[str, Any]:
    """All of it at once, nothing stored. Raises as `start`, and ModelsMissing."""
    wanted.check()
    until = timezone.now()
    given = _setup(workspace_id, wanted, until)
    tally, after, left = Tally(), "", wanted.limit
    while left:
        with workspace_scope(workspace_id):
            rows = _batch(wanted, until, after, min(left, BATCH))
            verdicts = verdicts_of(rows)
        if not rows:
            break
        for one in replayed(given, rows):
            tally.add(one, verdicts.get(one.receipt.id))
            if each is not None and one.change:
                each(one)
        after, left = _place(rows[-1]), left - len(rows)
    return report_of(given, tally)


def step(job: LeasedJob) -> None:
    """Ask the next ones, keep what came of them, and ask for the next step."""
    run_id = UUID(job.payload["run_id"])
    with workspace_scope(job.workspace_id):
        run = ReplayRun.objects.filter(id=run_id, ended_at=None).first()
        if run is None:
            job.complete()
            return
    try:
        _go_on(job, run)
    except ModelsMissing:
        _give_up(job, run, NO_MODELS)
    except (NotFound, Invalid):
        _give_up(job, run, GONE)


def failed(job: LeasedJob) -> None:
    """No worker could finish it. Runs in the transaction that buries the job."""
    _end(UUID(job.payload["run_id"]), problem=NO_WORKER)


def _go_on(job: LeasedJob, run: ReplayRun) -> None:
    wanted = Wanted(**run.wanted)
    given = _setup(job.workspace_id, wanted, run.until)
    with workspace_scope(job.workspace_id):
        rows = _batch(wanted, run.until, run.after, min(BATCH, wanted.limit - run.done))
        verdicts = verdicts_of(rows)
    tally, found = Tally.of(run.tally), list[Replayed]()
    until = time.monotonic() + STEP_S
    for one in replayed(given, rows):
        tally.add(one, verdicts.get(one.receipt.id))
        found.append(one)
        if time.monotonic() > until:
            break
    with workspace_scope(job.workspace_id):
        job.complete()
        _keep(run, [one for one in found if one.change])
        rows_of_run = ReplayRun.objects.filter(id=run.id, ended_at=None)
        values: dict[str, Any] = {"report": report_of(given, tally)}
        if found:
            values |= {"tally": tally.as_json(), "after": _place(found[-1].receipt)}
        there = rows_of_run.update(done=run.done + len(found), **values)
        if not there:
            return
        if found and run.done + len(found) < wanted.limit:
            _next_step(run)
        else:
            _end(run.id)


def _keep(run: ReplayRun, changed: Sequence[Replayed]) -> None:
    """The first SHOWN of each kind, of turns that are still there."""
    counts = ReplayChange.objects.filter(run=run).order_by().values_list("kind")
    have = dict(counts.annotate(Count("id")))
    rows = []
    for one in changed:
        have[one.change] = have.get(one.change, 0) + 1
        if have[one.change] <= SHOWN:
            rows.append(
                ReplayChange(
                    workspace_id=run.workspace_id,
                    run=run,
                    turn_id=one.receipt.turn_id,
                    conversation_id=one.receipt.turn.conversation_id,
                    kind=one.change,
                    was=one.was.as_json(),
                    now=one.now.as_json(),
                )
            )
    there = Receipt.objects.filter(turn_id__in=[row.turn_id for row in rows])
    ids = set(there.values_list("turn_id", flat=True))
    ReplayChange.objects.bulk_create(
        [row for row in rows if row.turn_id in ids], ignore_conflicts=True
    )


def report_of(given: Setup, tally: Tally) -> dict[str, Any]:
    prices = given.prices
    return {
        **tally.report(minutes_each=prices.minutes_each),
        "risk": given.risk,
        "minutes_each": prices.minutes_each,
        "minutes_measured": prices.measured,
        "answered_share": prices.answered_share,
        "calls_known": prices.calls,
        "runs_models": given.arms is not None,
    }


def _batch(wanted: Wanted, until: datetime, after: str, count: int) -> list[Receipt]:
    rows = sample(wanted, until, after=after).select_related("turn__conversation")
    return list(rows[: max(0, count)])


def _place(receipt: Receipt) -> str:
    return str(receipt.place)  # type: ignore[attr-defined]  # annotated by `sample`


def _setup(workspace_id: UUID, wanted: Wanted, until: datetime) -> Setup:
    arms = None
    with workspace_scope(workspace_id):
        version, draft = named(wanted)
    if wanted.runs_models:
        arms = _arms(workspace_id, version, draft)
    return setup(workspace_id, wanted, until, arms=arms)


def _arms(workspace_id: UUID, version: ModelVersion | None, draft: Revision | None) -> Arms:
    """Raises ModelsMissing. A version that cannot be used is not set aside for visitors."""
    from chatbot.answering import models, serving

    before = after = models_of(workspace_id)
    if version is not None:
        wanted = serving.Version(workspace_id, version.id, version.parts, version.base)
        try:
            after = serving.load(wanted, models.loaded())
        except Exception as error:  # whatever its files hold ends the replay alone
            raise ModelsMissing from error
    return Arms(before, after, _text(workspace_id, draft.id) if draft else None)


@lru_cache(maxsize=2)
def _text(workspace_id: UUID, revision_id: UUID) -> Unpublished:
    """Cut and embedded once in a worker, however many steps follow."""
    with workspace_scope(workspace_id):
        revision = Revision.objects.select_related("article").get(id=revision_id)
        article: Article = revision.article
        return of_revision(revision, article)


def _next_step(run: ReplayRun) -> None:
    payload = {"run_id": str(run.id)}
    enqueue(KIND, workspace_id=run.workspace_id, payload=payload, queue=QUEUE)


def _give_up(job: LeasedJob, run: ReplayRun, problem: str) -> None:
    with workspace_scope(job.workspace_id):
        _end(run.id, problem=problem)
        job.complete()


def _end(run_id: UUID, *, problem: str = "") -> None:
    rows = ReplayRun.objects.filter(id=run_id, ended_at=None)
    rows.update(ended_at=timezone.now(), problem=problem, tally={})
