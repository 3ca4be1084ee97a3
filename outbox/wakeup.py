"""Wake-up messages to the workers. They may be lost: the sweeper finds every row."""

import logging
from uuid import UUID

from celery import current_app

log = logging.getLogger(__name__)


def send(queue: str, workspace_id: UUID, job_id: UUID) -> bool:
    """Publish without retries; False and one log line if the broker is down."""
    try:
        current_app.send_task(
            "outbox.run_job",
            args=[str(workspace_id), str(job_id)],
            queue=queue,
            retry=False,
            ignore_result=True,
        )
    except Exception as error:  # kombu raises errors of every transport
        log.warning("wake-up lost", extra={"event": "wakeup_lost", "reason": type(error).__name__})
        return False
    return True
