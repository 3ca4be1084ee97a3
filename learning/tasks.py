"""Handlers of the outbox jobs that belong to learning."""

from uuid import UUID

from accounts.scope import workspace_scope
from chatbot.handoff import verdicts
from inference.errors import ModelUnavailable
from knowledge import scheduling, vector_sets
from learning import (
    audits,
    cleaning,
    confirmed_at_desk,
    dial,
    dial_jobs,
    digest_mail,
    digests,
    draft_checks,
    erasing,
    gap_asking,
    gap_groups,
    golden_runs,
    live_jobs,
    playground,
    replay_runs,
    review_jobs,
    reviewing,
    runs,
    vector_jobs,
    versions,
)
from learning.models import ModelVersion
from outbox.queue import LeasedJob
from outbox.registry import handler


@handler("draw_audit")
def draw_audit(job: LeasedJob) -> None:
    """Copy a drawn decision for its auditor."""
    with workspace_scope(job.workspace_id):
        job.complete()
        audits.draw(UUID(job.payload["receipt_id"]), share=float(job.payload["share"]))


@handler(erasing.KIND, lease_s=60.0)
def erase_old(job: LeasedJob) -> None:
    """One step; the next one is asked for in its transaction."""
    erasing.step(job)


@handler(digests.MAKE, lease_s=120.0)
def make_digest(job: LeasedJob) -> None:
    """What visitors asked last week, grouped by the embedder."""
    from learning import digesting

    digesting.make(job)


@handler(digests.MAIL, lease_s=60.0, max_attempts=5)
def mail_digest(job: LeasedJob) -> None:
    """To one member."""
    digest_mail.send(job)


@handler(verdicts.BY_EDITOR, lease_s=60.0)
def editor_judged(job: LeasedJob) -> None:
    """An editor at the desk said whether the large model's answer is right."""
    confirmed_at_desk.follow(job)


@handler(dial_jobs.KIND, lease_s=60.0)
def set_thresholds(job: LeasedJob) -> None:
    """A verdict was given, or other models serve."""
    dial.set_thresholds(job.workspace_id)
    with workspace_scope(job.workspace_id):
        job.complete()


def training_failed(job: LeasedJob) -> None:
    """No worker could finish it. Runs in the transaction that buries the job."""
    runs.stopped(job.workspace_id, UUID(job.payload["run_id"]), error="No worker could finish it")


@handler(runs.KIND, lease_s=60.0, max_attempts=3, on_dead=training_failed)
def finetune(job: LeasedJob) -> None:
    """Hours at most: a thread keeps the lease while a process of its own trains."""
    runs.run_process(job.workspace_id, UUID(job.payload["run_id"]))
    with workspace_scope(job.workspace_id):
        job.complete()


def vectors_failed(job: LeasedJob) -> None:
    """The version waits no longer. Runs in the transaction that buries the job."""
    version = ModelVersion.objects.filter(id=UUID(job.payload["version_id"])).first()
    if version:
        vector_sets.fail(job.workspace_id, version.fingerprints["embedder"])
        versions.give_up_waiting(job.workspace_id, version.id)


@handler(vector_jobs.BUILD, lease_s=120.0, max_attempts=3, on_dead=vectors_failed)
def build_vectors(job: LeasedJob) -> None:
    """One step; the next one is asked for in the transaction that ends this one."""
    version_id = UUID(job.payload["version_id"])
    after = UUID(job.payload["after"]) if job.payload["after"] else None
    with workspace_scope(job.workspace_id):
        version = ModelVersion.objects.filter(id=version_id).first()
        if version is None or not version.wanted:
            job.complete()
            return
    fingerprint = version.fingerprints["embedder"]
    try:
        goes_on_at = vector_sets.step(job.workspace_id, fingerprint, after=after)
    except ModelUnavailable:
        with workspace_scope(job.workspace_id):
            job.bury()
            vectors_failed(job)
        return
    with workspace_scope(job.workspace_id):
        job.complete()
        if goes_on_at is not None:
            vector_jobs.next_step(job.workspace_id, version_id, after=goes_on_at)
        elif vector_sets.ready(job.workspace_id, fingerprint):
            versions.vectors_done(job.workspace_id, version_id)


@handler(vector_jobs.DROP, lease_s=120.0)
def drop_vectors(job: LeasedJob) -> None:
    """Of an embedder that no version used for the time of grace."""
    vector_sets.drop(job.workspace_id, job.payload["model_version"])
    with workspace_scope(job.workspace_id):
        job.complete()


@handler(golden_runs.KIND, lease_s=60.0, max_attempts=3, on_dead=golden_runs.failed)
def ask_golden(job: LeasedJob) -> None:
    """One step; the next one is asked for in the transaction that ends this one."""
    golden_runs.step(job)


@handler(playground.KIND, lease_s=30.0, max_attempts=2, on_dead=playground.failed)
def try_question(job: LeasedJob) -> None:
    """An editor waits for it, so it is done where visitors' questions are."""
    playground.run(job)


@handler(playground.FORGET, lease_s=30.0)
def forget_tried(job: LeasedJob) -> None:
    """A day after a question was tried."""
    playground.forget(job)


@handler(draft_checks.KIND, lease_s=60.0, max_attempts=3, on_dead=draft_checks.failed)
def check_draft(job: LeasedJob) -> None:
    """One step; the next one is asked for in the transaction that ends this one."""
    draft_checks.step(job)


@handler(draft_checks.FORGET, lease_s=30.0)
def forget_checked(job: LeasedJob) -> None:
    """A day after a draft was checked."""
    draft_checks.forget(job)


@handler(replay_runs.KIND, lease_s=60.0, max_attempts=3, on_dead=replay_runs.failed)
def replay_questions(job: LeasedJob) -> None:
    """One step; the next one is asked for in the transaction that ends this one."""
    replay_runs.step(job)


@handler(cleaning.ARTEFACTS, lease_s=120.0)
def clean_artefacts(job: LeasedJob) -> None:
    """Files of model versions that nobody can go back to."""
    cleaning.clean_artefacts(job)


@handler(cleaning.TRAININGS, lease_s=120.0)
def clean_trainings(job: LeasedJob) -> None:
    """On the machine where they ran."""
    cleaning.clean_trainings(job)


@handler(live_jobs.BULK, lease_s=60.0, on_dead=live_jobs.give_up_bulk)
def check_bulk(job: LeasedJob) -> None:
    """One article of a change of many; goes on when its check has ended."""
    live_jobs.step_bulk(job)


@handler(scheduling.CHECK, lease_s=60.0, max_attempts=5, on_dead=scheduling.give_up)
def check_schedule(job: LeasedJob) -> None:
    """A moment has come: are there golden answers that it would take away?"""
    live_jobs.step_schedule(job)


@handler(review_jobs.REVIEW, lease_s=60.0)
def review_conversations(job: LeasedJob) -> None:
    """One step; goes on at once while there are more, and later while conversations change."""
    with workspace_scope(job.workspace_id):
        job.complete()
        looked_through, more = reviewing.step(job.workspace_id)
        if more:
            review_jobs.next_review(job.workspace_id)
        elif looked_through:
            review_jobs.review_later(job.workspace_id)


@handler(review_jobs.GROUP, lease_s=120.0)
def group_gaps(job: LeasedJob) -> None:
    """Some of the questions that wait; the next step is asked for in the same transaction."""
    gap_groups.step(job.workspace_id, before_commit=job.complete)


@handler(review_jobs.ASK, lease_s=120.0)
def ask_gap_again(job: LeasedJob) -> None:
    """Does the knowledge base answer these questions by now?"""
    group_id = UUID(job.payload["group_id"])
    gap_asking.run(job.workspace_id, group_id, before_commit=job.complete)
