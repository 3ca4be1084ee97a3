"""The Celery application. A message is only a wake-up: rows under lease are the queue."""

import os
from typing import Any

from celery import Celery
from celery.concurrency.thread import TaskPool
from celery.signals import worker_process_init, worker_ready

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
os.environ.setdefault("CELERY_SKIP_CHECKS", "1")  # `migrate` has run them; each worker saves 2 s

app = Celery("firstline")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.update(
    task_ignore_result=True,
    task_acks_late=False,
    task_default_queue="answers",
    worker_prefetch_multiplier=1,
    worker_hijack_root_logger=False,
    worker_send_task_events=False,
    worker_proc_alive_timeout=120,  # a child loads its models before it says that it is up
    broker_connection_retry_on_startup=True,
    # max_retries: a wake-up may get lost, and nobody waits seconds for a broker that is down.
    broker_transport_options={
        "socket_timeout": 5,
        "socket_connect_timeout": 2,
        "max_retries": 0,
    },
)
app.autodiscover_tasks()


def _queues() -> list[str]:
    return [str(queue) for queue in app.amqp.queues.consume_from]


@worker_process_init.connect  # type: ignore[untyped-decorator]  # Celery has no types
def warm_up(**_: Any) -> None:
    """In the child that does the work: load the models, then say that it lives."""
    from chatbot.health import show_alive

    if "answers" in _queues():
        from chatbot.answering.models import warm_up_or_log

        warm_up_or_log()
    for queue in _queues():
        show_alive(queue)


@worker_ready.connect  # type: ignore[untyped-decorator]  # Celery has no types
def show_alive(sender: Any, **_: Any) -> None:
    """A pool of threads has no children: its one process says that it lives."""
    from chatbot.health import show_alive

    if isinstance(sender.pool, TaskPool):
        if "generator" in _queues():
            from chatbot.escalation.local_model import warm_up

            warm_up()
        for queue in _queues():
            show_alive(queue)
