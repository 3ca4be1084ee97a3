"""The leased work queue: a row is written in the same transaction as what it announces.

A Celery message is only a wake-up. Whoever claims the row holds its lease (`locked_until`,
`lease`); a lease that ran out can be claimed again, until the handler's limit of attempts.
"""

from django.db import models
from django.db.models import Q

from accounts.models import WorkspaceModel


class JobState(models.TextChoices):
    READY = "ready"
    DONE = "done"
    DEAD = "dead"


class OutboxJob(WorkspaceModel):
    kind = models.CharField(max_length=40)
    queue = models.CharField(max_length=20)
    payload = models.JSONField(default=dict)
    dedup_key = models.CharField(max_length=120, null=True)
    state = models.CharField(max_length=8, choices=JobState.choices, default=JobState.READY)
    available_at = models.DateTimeField()
    locked_until = models.DateTimeField(null=True)
    lease = models.UUIDField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["available_at"], condition=Q(state="ready"), name="outbox_ready"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["workspace", "kind", "dedup_key"], name="outbox_once"),
        ]
