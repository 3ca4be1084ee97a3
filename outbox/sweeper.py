"""Find work that nobody does: due rows whose wake-up was lost or whose worker died.

Runs with the sweeper's database role, which sees the outbox of every workspace and nothing else.
One process at a time sweeps: it holds an advisory lock.
"""

import logging
from datetime import timedelta

from django.db import connections
from django.db.models import Q
from django.utils import timezone

from outbox import wakeup
from outbox.models import JobState, OutboxJob

log = logging.getLogger(__name__)
LOCK = 0x46697273746C696E  # "Firstlin"
GRACE_S = 1.0  # a fresh row's own wake-up gets this long
BATCH = 500


def sweep() -> int:
    """Wake a worker for each due row that nobody holds; returns how many."""
    now = timezone.now()
    free = Q(locked_until__isnull=True) | Q(locked_until__lt=now)
    due = (
        OutboxJob.objects.using("sweeper")
        .filter(free, state=JobState.READY)
        .filter(available_at__lt=now - timedelta(seconds=GRACE_S))
        .order_by("available_at")
        .values_list("queue", "workspace_id", "id")[:BATCH]
    )
    woken = 0
    for queue, workspace_id, job_id in list(due):
        if not wakeup.send(queue, workspace_id, job_id):
            break  # the broker is down: the next sweep begins here again
        woken += 1
    if woken:
        log.info("swept", extra={"event": "swept", "count": woken})
    return woken


def hold_lock() -> bool:
    """Take the advisory lock for this connection's life; False if another process has it."""
    with connections["sweeper"].cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])
        row = cursor.fetchone()
    return bool(row and row[0])
