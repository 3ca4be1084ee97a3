"""The whole service while its parts are killed, emptied and restarted: nothing is lost or doubled.

A question that nobody can answer here (there are no articles) ends with a person; a greeting is
answered. Either is one outcome for the visitor, and one it must be.
"""

import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from uuid import UUID

import psutil
import pytest
import redis
from django.conf import settings
from django.db import connections

from accounts.scope import workspace_scope
from chatbot import events
from chatbot.models import Conversation, Message, Owner, Turn
from config.local.keeper import read_state
from config.local.private import Services
from console.provisioning import Provisioned, create_workspace
from outbox import wakeup
from outbox.models import JobState, OutboxJob
from tests.live import Live
from tests.visiting import Visitor

pytestmark = pytest.mark.django_db(transaction=True)
WORKER = "worker-answers"


@pytest.fixture
def acme(live: Live) -> Provisioned:
    live.wait_until(lambda: live.answers("/readyz"), "everything is up again", timeout_s=60)
    return create_workspace("acme")


@pytest.fixture
def vera(acme: Provisioned, live: Live) -> Iterator[Visitor]:
    with Visitor(live.url, acme.widget_key) as visitor:
        yield visitor


@contextmanager
def paused(live: Live, name: str) -> Iterator[None]:
    """The process and its family do nothing meanwhile, as on a machine that is too busy."""
    parent = psutil.Process(live.pid(name))
    family = [parent, *parent.children(recursive=True)]
    for process in family:
        process.suspend()
    try:
        yield
    finally:
        for process in family:
            if process.is_running():
                process.resume()


def jobs(workspace_id: UUID) -> list[OutboxJob]:
    with workspace_scope(workspace_id):
        return list(OutboxJob.objects.order_by("id"))


def is_whole(visitor: Visitor, workspace_id: UUID) -> bool:
    """Every event came once and in order, and the rows say the same."""
    with workspace_scope(workspace_id):
        row = Conversation.objects.get()
        turns = list(Turn.objects.values_list("state", flat=True))
        replies = Message.objects.exclude(author="visitor").count()
    posted = [event for event in visitor.outcomes if event["kind"] == "message.posted"]
    assert [event["seq"] for event in visitor.events] == list(range(1, row.visitor_seq + 1))
    assert len(posted) == replies
    assert row.owner in {Owner.BOT, Owner.QUEUE}
    return set(turns) <= {"answered", "handed_off"}


def test_a_worker_that_is_killed_while_it_answers(
    live: Live, acme: Provisioned, vera: Visitor
) -> None:
    """Held at the conversation's lock, so that it's killed after its work and before its result."""
    where = acme.workspace.id
    with paused(live, WORKER):
        vera.says("Hello", client_id="m1")
        held = ExitStack()
        held.enter_context(workspace_scope(where))
        events.lock(Conversation.objects.get().id)
    with held:
        live.wait_until(lambda: OutboxJob.objects.get().attempts == 1, "the worker took the job")
        live.kill(WORKER)
    vera.waits_for(1)
    (job,) = jobs(where)
    assert (job.state, job.attempts) == (JobState.DONE, 2)
    assert is_whole(vera, where)


def test_a_redis_that_is_emptied_between_message_and_answer(
    live: Live, acme: Provisioned, vera: Visitor
) -> None:
    """Redis may have handed the first wake-up to the worker already; the second is lost."""
    broker = redis.Redis.from_url(settings.REDIS_BROKER_URL)
    with paused(live, WORKER):
        vera.says("Hello", client_id="m1")
        vera.says("Are you there?", client_id="m2")
        assert broker.llen("answers")
        broker.flushall()
    vera.waits_for(1)
    first, second = jobs(acme.workspace.id)
    assert (second.state, second.attempts) == (JobState.DONE, 1)
    assert second.payload == first.payload | {"revision": 2}  # one turn, extended
    assert is_whole(vera, acme.workspace.id)


def test_a_wake_up_that_is_delivered_many_times(
    live: Live, acme: Provisioned, vera: Visitor
) -> None:
    where = acme.workspace.id
    with paused(live, WORKER):
        vera.says("Hello", client_id="m1")
        (job,) = jobs(where)
        for _ in range(5):
            wakeup.send(job.queue, where, job.id)
    vera.waits_for(1)
    broker = redis.Redis.from_url(settings.REDIS_BROKER_URL)
    live.wait_until(lambda: not broker.llen(job.queue), "every wake-up was taken")
    vera.says("Thanks", client_id="m2")  # the one worker comes to this after all of them
    vera.waits_for(1)
    first, *_ = jobs(where)
    assert (first.state, first.attempts) == (JobState.DONE, 1)
    with workspace_scope(where):
        turn = Turn.objects.get(number=1)
        assert Message.objects.filter(turn=turn).exclude(author="visitor").count() <= 1


def test_a_web_process_that_is_killed(live: Live, acme: Provisioned, vera: Visitor) -> None:
    """What happened meanwhile comes after reconnecting, and a resend is no second message."""
    where = acme.workspace.id
    with paused(live, WORKER):
        accepted = vera.says("Hello", client_id="m1")
        live.kill("web")
        assert vera.is_gone()
    live.wait_until(
        lambda: jobs(where)[0].state == JobState.DONE, "the answer is made without the web process"
    )
    live.wait_until(live.answers, "the web process is up again", timeout_s=60)
    with vera:
        again = vera.says("Hello", client_id="m1")
        vera.waits_for(1)
    assert (again["message_id"], again["seq"]) == (accepted["message_id"], accepted["seq"])
    assert is_whole(vera, where)


def test_a_postgresql_that_is_restarted(
    live: Live, acme: Provisioned, vera: Visitor, services: Services
) -> None:
    where = acme.workspace.id
    vera.says("Hello", client_id="m1")
    vera.waits_for(1)
    connections.close_all()
    restart_postgres(live, services)
    vera.says("Hello again", client_id="m2")  # over the same socket
    if vera.outcomes[0]["kind"] == "message.posted":  # else a person has it already
        vera.waits_for(2)
    live.wait_until(lambda: live.answers("/readyz"), "everything is up again", timeout_s=60)
    texts = [event["payload"]["text"] for event in vera.events if event["payload"].get("text")]
    assert [text for text in texts if text.startswith("Hello")][:1] == ["Hello"]
    assert is_whole(vera, where)


def restart_postgres(live: Live, services: Services) -> None:
    """End the server as an operator would; its keeper starts it again."""
    state = next(hold.state for hold in services.held if hold.name == "postgres")
    pid = int(str(read_state(state)["pid"]))
    psutil.Process(pid).send_signal(signal.SIGINT)
    live.wait_until(
        lambda: read_state(state).get("ready") and read_state(state)["pid"] != pid,
        "PostgreSQL is up again",
        timeout_s=60,
    )
