"""Which worker asks which model, and how a question goes over from one worker to the other.

Somebody else's models are asked on the loop of the queue `escalations`; those in the house by the
worker of `generator`, which may be on another machine or not be there at all. So a chain that has
both is gone through by two workers. A question goes over as a row of the outbox that says from
which place of the chain to go on, and each one that goes to `generator` has a second row, which
looks after LOCAL_GENERATOR_WAIT_S whether somebody has begun.
"""

from collections.abc import Sequence
from typing import Any

from django.conf import settings

from chatbot import health
from chatbot.escalation.connections import Connection
from chatbot.models import Escalation
from outbox.queue import LeasedJob, enqueue

ESCALATIONS, GENERATOR = "escalations", "generator"
KIND, WAIT = "escalate", "escalation_wait"


def queue_of(to: Connection) -> str:
    return GENERATOR if to.stays else ESCALATIONS


def first_of(chain: Sequence[Connection]) -> int:
    """The place to begin at: past models in the house where their worker does not show that it
    lives, if there is another to ask. A hint that saves the wait; who is wrong loses nothing."""
    if chain[0].stays and not health.is_alive(GENERATOR):
        return next((at for at, one in enumerate(chain) if not one.stays), 0)
    return 0


def queue_of_job(job: LeasedJob) -> str:
    return str(job.payload.get("queue", ESCALATIONS))


def place_of(job: LeasedJob) -> int:
    """In the chain, to go on from."""
    return int(job.payload.get("at", 0))


def send(escalation: Escalation, to: Connection, at: int) -> bool:
    """Have the worker of `to` go on from this place of the chain; in the caller's transaction.

    False where it was sent there before: nothing is written then.
    """
    queue = queue_of(to)
    payload: dict[str, Any] = {"escalation_id": str(escalation.id)}
    if at or queue != ESCALATIONS:
        payload |= {"at": at, "queue": queue}
    rows: dict[str, Any] = {
        "workspace_id": escalation.workspace_id, "payload": payload, "dedup_key": key_of(payload),
    }  # fmt: skip
    sent = enqueue(KIND, queue=queue, **rows)
    if sent and queue == GENERATOR:
        enqueue(WAIT, queue=ESCALATIONS, delay_s=settings.LOCAL_GENERATOR_WAIT_S, **rows)
    return sent is not None


def key_of(payload: Any) -> str:
    """One for each time that a question goes over."""
    where = [str(payload[name]) for name in ("queue", "at") if name in payload]
    return ":".join([str(payload["escalation_id"]), *where])
