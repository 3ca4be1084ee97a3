"""The transactions by which a question goes over to another worker, or past a model in the house.

The row of an escalation that goes over is REQUESTED again and keeps what was spent: whoever
begins it reserves for what comes. See chatbot.escalation.passing.
"""

from accounts.scope import workspace_scope
from chatbot.errors import Superseded
from chatbot.escalation import passing, record
from chatbot.escalation.connections import connections
from chatbot.escalation.outcome import Outcome
from chatbot.escalation.record import Begun
from chatbot.models import Escalation, EscalationState
from outbox.queue import LeasedJob, withdraw


def hand_on(job: LeasedJob, begun: Begun, outcome: Outcome) -> None:
    """After a call that failed: the next model is another worker's to ask."""
    escalation, at = begun.escalation, outcome.goes_to
    assert at is not None
    with workspace_scope(job.workspace_id):
        chain = connections(job.workspace_id)
        if at >= len(chain) or not _is_current(escalation):
            record.settle(job, escalation, outcome)
            return
        Escalation.objects.filter(id=escalation.id, state=EscalationState.RUNNING).update(
            state=EscalationState.REQUESTED,
            started_at=None,
            input_tokens=outcome.input_tokens,
            output_tokens=outcome.output_tokens,
            cost_usd=outcome.cost_usd,
            attempts=list(outcome.attempts),
        )
        if passing.send(escalation, chain[at], at):
            job.complete()
        else:
            record.settle(job, escalation, outcome)


def pass_by(job: LeasedJob) -> None:
    """The model in the house had no time for it: on to the next that is somebody else's.

    Without one, a person. job: the question's own, which waited for its turn.
    """
    with workspace_scope(job.workspace_id):
        _pass_by(job)


def wait_over(job: LeasedJob) -> None:
    """A question went to a model in the house some time ago: whether a worker has begun with it."""
    with workspace_scope(job.workspace_id):
        key = passing.key_of(job.payload)
        if withdraw(passing.KIND, workspace_id=job.workspace_id, dedup_key=key):
            _pass_by(job)
        else:
            job.complete()


def _pass_by(job: LeasedJob) -> None:
    escalation = Escalation.objects.filter(id=job.payload["escalation_id"]).first()
    if escalation is None:
        job.complete()
        return
    if escalation.state == EscalationState.REQUESTED and _is_current(escalation):
        chain = connections(job.workspace_id)
        for at in range(passing.place_of(job) + 1, len(chain)):
            if not chain[at].stays and passing.send(escalation, chain[at], at):
                job.complete()
                return
    died = escalation.state == EscalationState.RUNNING
    failure = "worker_failed" if died else "timeout"
    record.settle(job, escalation, record.kept(escalation, failure))


def _is_current(escalation: Escalation) -> bool:
    """And locks the conversation."""
    try:
        record.current(escalation)
    except Superseded:
        return False
    return True
