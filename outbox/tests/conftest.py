"""Jobs of acme on a queue that no worker reads; handlers run in this process."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
import redis
from celery import Celery
from django.conf import settings
from django.utils import timezone

from accounts.scope import workspace_scope
from console.provisioning import create_workspace
from outbox.models import OutboxJob
from outbox.queue import enqueue
from outbox.registry import Handler, _handlers
from outbox.tasks import run_job

QUEUE = "tests"
KIND = "test.work"


@dataclass(frozen=True)
class Outbox:
    """The outbox of one workspace."""

    workspace_id: UUID

    def add(self, kind: str = KIND, **options: Any) -> OutboxJob:
        with workspace_scope(self.workspace_id):
            job = enqueue(
                kind, workspace_id=self.workspace_id, payload={"n": 1}, queue=QUEUE, **options
            )
        assert job
        return job

    def row(self, job: OutboxJob) -> OutboxJob:
        """As the database has it now."""
        with workspace_scope(self.workspace_id):
            return OutboxJob.objects.get(id=job.id)

    def count(self) -> int:
        with workspace_scope(self.workspace_id):
            return OutboxJob.objects.count()

    def change(self, job: OutboxJob, **fields: Any) -> None:
        with workspace_scope(self.workspace_id):
            OutboxJob.objects.filter(id=job.id).update(**fields)

    def make_due(self, job: OutboxJob) -> None:
        """As if the delay before the next attempt had passed."""
        self.change(job, available_at=timezone.now())

    def run(self, job: OutboxJob) -> None:
        """What a worker does with a wake-up message."""
        run_job(str(self.workspace_id), str(job.id))


@pytest.fixture
def acme(transactional_db: None) -> Outbox:
    return Outbox(create_workspace("acme").workspace.id)


@pytest.fixture
def other(transactional_db: None) -> Outbox:
    return Outbox(create_workspace("other").workspace.id)


def broken_broker() -> Celery:
    """An application with the project's options, and a broker that is not there."""
    from config.celery import app

    nowhere = Celery("nowhere", broker="redis+socket:///nowhere/redis.sock", set_as_current=False)
    nowhere.conf.broker_transport_options = app.conf.broker_transport_options
    return nowhere


Register = Callable[..., None]


@pytest.fixture
def handle(monkeypatch: pytest.MonkeyPatch) -> Register:
    """Register a handler for this test alone."""

    def register(
        work: Any,
        *,
        kind: str = KIND,
        lease_s: float = 30.0,
        max_attempts: int = 2,
        on_dead: Any = None,
        is_async: bool = False,
    ) -> None:
        known = Handler(work, lease_s, max_attempts, on_dead, is_async)
        monkeypatch.setitem(_handlers, kind, known)

    return register


@pytest.fixture
def wakeups(transactional_db: None) -> Iterator[Callable[[], int]]:
    """How many wake-up messages lie in the broker; none when the test begins."""
    with redis.Redis.from_url(settings.REDIS_BROKER_URL) as client:
        client.delete(QUEUE)

        def count() -> int:
            length = client.llen(QUEUE)
            assert isinstance(length, int)
            return length

        yield count
        client.delete(QUEUE)
