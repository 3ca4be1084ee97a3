"""What a workspace decides about answers that a large model gives or checks."""

from django.db import models

from accounts.models import WorkspaceModel


class UnsupportedSentences(models.TextChoices):
    HAND_OVER = "hand_over"  # the whole answer goes to people
    REMOVE = "remove"  # the sentence is left out where the others can do without it


class AnswerRules(WorkspaceModel):
    """One row a workspace; no row: the defaults.

    `checked_risk`: what tier 1 would answer at this risk, but not at the dial's, is answered at
    once and checked by the large model afterwards; null: nothing is.
    """

    unsupported_sentences = models.CharField(
        max_length=10,
        choices=UnsupportedSentences.choices,
        default=UnsupportedSentences.HAND_OVER,
    )
    checked_risk = models.FloatField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace"], name="answer_rules_once"),
            models.CheckConstraint(
                condition=models.Q(checked_risk__isnull=True)
                | models.Q(checked_risk__gt=0, checked_risk__lte=0.5),
                name="checked_risk_is_a_risk",
            ),
        ]
