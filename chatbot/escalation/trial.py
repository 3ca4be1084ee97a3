"""One small call of a large model, to see whether address, key and name are right.

Our own words leave, nobody's data; a line in the egress log says so, as for any call. A model in
the house is tried by its own worker, where one runs.
"""

from contextlib import aclosing
from uuid import UUID

from django.utils import timezone

from accounts.models import Member
from accounts.scope import workspace_scope
from chatbot import health
from chatbot.escalation import breaker, prompt, provider
from chatbot.escalation.connections import Connection, of_row
from chatbot.escalation.passing import ESCALATIONS, GENERATOR
from chatbot.escalation.provider import ProviderFailure, Spending
from chatbot.escalation.vendors import LOCAL
from chatbot.models import EgressEntry, LargeModel
from outbox.queue import LeasedJob, enqueue, is_pending
from outbox.threads import in_thread

KIND, PURPOSE = "try_large_model", "trial"
WAITING, OK, NO_WORKER = "waiting", "ok", "no_worker"
PASSAGE = {"title": "Trial", "heading_path": (), "text": "The office opens at nine o'clock."}
QUESTION = "When does the office open?"


def ask_for(actor: Member, row_id: UUID) -> bool:
    """Have the model called soon; its row then says how it went. False without such a row.

    Asked again while it is being tried, nothing is added.
    """
    with workspace_scope(actor.workspace_id):
        row = LargeModel.objects.select_for_update().filter(id=row_id).first()
        if row is None:
            return False
        was, in_house = row.check_result, row.vendor == LOCAL
        nobody = in_house and not health.is_alive(GENERATOR)
        row.check_result, row.checked_at = NO_WORKER if nobody else WAITING, timezone.now()
        row.save(update_fields=["check_result", "checked_at"])
        payload = {"row_id": str(row_id)}
        # Changed meanwhile, the row isn't waiting: a call that runs is then of what it was before.
        held = was == WAITING
        if nobody or is_pending(KIND, actor.workspace_id, payload=payload, even_held=held):
            return True
        enqueue(
            KIND,
            workspace_id=actor.workspace_id,
            payload=payload,
            queue=GENERATOR if in_house else ESCALATIONS,
        )
    return True


async def run(job: LeasedJob) -> None:
    to = await in_thread(_begun, job)
    if to is None:
        return
    if not to.stays:
        await in_thread(provider.load)
    failure = ""
    stream = provider.stream_text(to, prompt.build([PASSAGE], QUESTION), Spending())
    try:
        async with aclosing(stream) as pieces:
            if not [piece async for piece in pieces]:
                failure = "empty"
    except ProviderFailure as failed:
        failure = failed.code
    if not failure:
        breaker.of(to).ended("")
    await in_thread(_ended, job, failure or OK)


def _begun(job: LeasedJob) -> Connection | None:
    with workspace_scope(job.workspace_id):
        row = LargeModel.objects.filter(id=job.payload["row_id"]).first()
        to = of_row(row) if row else None
        if to is None:
            _write(job, "key_unreadable")
            return None
        if not to.stays:
            EgressEntry.objects.create(
                workspace_id=job.workspace_id,
                destination=to.destination,
                purpose=PURPOSE,
                redacted_text=prompt.build([PASSAGE], QUESTION).text,
            )
    return to


def _ended(job: LeasedJob, result: str) -> None:
    with workspace_scope(job.workspace_id):
        _write(job, result)


def _write(job: LeasedJob, result: str) -> None:
    job.complete()
    rows = LargeModel.objects.filter(id=job.payload["row_id"])
    rows.update(check_result=result, checked_at=timezone.now())


def gave_up(job: LeasedJob) -> None:
    """The worker died in the middle. Runs in a scope."""
    rows = LargeModel.objects.filter(id=job.payload["row_id"], check_result=WAITING)
    rows.update(check_result="worker_failed", checked_at=timezone.now())
