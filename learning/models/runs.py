"""Trainings of a workspace's own models: who asked, how far they are, what came of them."""

from django.db import models
from django.db.models import Q

from accounts.models import Member, WorkspaceModel


class RunState(models.TextChoices):
    QUEUED = "queued"
    RUNNING = "running"
    CANCELLING = "cancelling"
    CANCELLED = "cancelled"
    FAILED = "failed"
    DONE = "done"


ACTIVE = (RunState.QUEUED, RunState.RUNNING, RunState.CANCELLING)


class TrainingRun(WorkspaceModel):
    """One at a time in a workspace. `share`: of `stage`, 0 to 1. `error` is for people.

    `version_id`: the model version that came of it. What it has done lies in a folder of its id.
    """

    state = models.CharField(max_length=10, choices=RunState.choices, default=RunState.QUEUED)
    parts = models.JSONField(default=list)
    minutes = models.FloatField()
    stage = models.CharField(max_length=20, blank=True)
    share = models.FloatField(default=0.0)
    error = models.CharField(max_length=400, blank=True)
    version_id = models.UUIDField(null=True)
    started_by = models.ForeignKey(Member, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["workspace"],
                condition=Q(state__in=["queued", "running", "cancelling"]),
                name="one_training_at_a_time",
            ),
        ]
        indexes = [models.Index(fields=["workspace", "created_at"], name="training_by_time")]
