"""What is left of conversations that were erased: how many there were."""

from django.db import models

from accounts.models import WorkspaceModel


class ErasedDay(WorkspaceModel):
    """Counts of one UTC day, of what happened on it and was erased since. Nothing of a text.

    `answered_0` to `answered_2`: replies by tier.
    """

    day = models.DateField()
    conversations = models.PositiveIntegerField(default=0)
    messages = models.PositiveIntegerField(default=0)
    answered_0 = models.PositiveIntegerField(default=0)
    answered_1 = models.PositiveIntegerField(default=0)
    answered_2 = models.PositiveIntegerField(default=0)
    escalations = models.PositiveIntegerField(default=0)
    handoffs = models.PositiveIntegerField(default=0)
    cost_usd = models.FloatField(default=0.0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "day"], name="erased_day_once"),
        ]
