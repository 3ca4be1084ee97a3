"""Work that comes again in each workspace: once a day, once a week.

A package names it in a module `schedules`: a function from workspace and time to the key of the
period whose work is due, or None. The key is the job's dedup_key, so a period's work is written
once, however often and by whomever it is looked for. The scheduler looks every few minutes.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils import timezone
from django.utils.module_loading import autodiscover_modules

from accounts.models import Workspace
from accounts.scope import workspace_scope
from outbox.queue import enqueue

log = logging.getLogger(__name__)
Due = Callable[[UUID, datetime], str | None]


@dataclass(frozen=True)
class Recurring:
    kind: str
    queue: str
    due: Due


_known: dict[str, Recurring] = {}


def recurring(kind: str, *, queue: str) -> Callable[[Due], Due]:
    """Register a function that says which period is due; it runs in the workspace's scope."""

    def register(due: Due) -> Due:
        _known[kind] = Recurring(kind, queue, due)
        return due

    return register


def enqueue_due(now: datetime | None = None) -> int:
    """Write what is due in every workspace; how many jobs that were.

    One workspace's trouble is logged and leaves the others alone.
    """
    autodiscover_modules("schedules")
    now, written = now or timezone.now(), 0
    for workspace_id in list(Workspace.objects.values_list("id", flat=True)):
        try:
            written += _of_workspace(workspace_id, now)
        except Exception:
            log.exception("not scheduled", extra={"event": "schedule_failed",
                                                  "workspace": workspace_id})  # fmt: skip
    return written


def _of_workspace(workspace_id: UUID, now: datetime) -> int:
    with workspace_scope(workspace_id):
        written = 0
        for one in _known.values():
            key = one.due(workspace_id, now)
            if key is None:
                continue
            job = enqueue(
                one.kind,
                workspace_id=workspace_id,
                payload={"period": key},
                queue=one.queue,
                dedup_key=key,
            )
            written += job is not None
    return written
