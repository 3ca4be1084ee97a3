"""The confidence from which a workspace's questions are answered, from its own audits."""

from django.db import models

from accounts.models import WorkspaceModel


class ServedThresholds(WorkspaceModel):
    """For one set of models; learning.dial writes it, tier 1 reads it for each question.

    `thresholds` maps a risk, written as str(float), to the lowest confidence to answer at, or to
    null where nothing may be answered at that risk. A risk that is not there follows the shipped
    calibration. `labels`: how many audits it rests on.
    """

    models_version = models.CharField(max_length=80)
    thresholds = models.JSONField(default=dict)
    labels = models.PositiveIntegerField(default=0)
    computed_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "models_version"], name="thresholds_of_models_once"
            ),
        ]
