"""Answers drawn at random for a person's verdict: the only labels of the guarantee."""

from django.db import models
from django.db.models import Q

from accounts.models import Member, WorkspaceModel
from chatbot.models import Receipt, Turn


class Verdict(models.TextChoices):
    RIGHT = "right"
    WRONG = "wrong"
    UNCLEAR = "unclear"  # the auditor cannot tell


class WrongReason(models.TextChoices):
    ARTICLE = "article"  # another article answers
    WORDS = "words"  # the right article, other words of it
    OUTDATED = "outdated"
    PERSON = "person"  # only a person could have answered


class Audit(WorkspaceModel):
    """One turn's answer as tier 1 made it, shown to the visitor or not, and the verdict on it.

    What is judged is copied here as it was read and written then, so later edits of an article
    change no label. `verdicts` counts the verdicts given so far: whoever gives one says how many
    they saw. Goes with its turn.
    """

    turn = models.ForeignKey(Turn, on_delete=models.CASCADE, related_name="+", db_index=False)
    turn_revision = models.PositiveSmallIntegerField()
    receipt = models.ForeignKey(Receipt, on_delete=models.CASCADE, related_name="+")
    question = models.TextField()
    history = models.JSONField(default=list)  # [role, text], oldest first
    text = models.TextField()
    citations = models.JSONField(default=list)
    passage = models.JSONField(default=dict)  # the evidence the text was taken from
    confidence = models.FloatField()
    threshold = models.FloatField(null=True)
    risk = models.FloatField(null=True)
    features = models.JSONField(default=dict)
    models_version = models.CharField(max_length=80)  # calibration's fingerprint included
    answered = models.BooleanField()
    share = models.FloatField()
    drawn_at = models.DateTimeField(auto_now_add=True)
    claimed_by = models.ForeignKey(Member, on_delete=models.SET_NULL, null=True, related_name="+")
    claimed_until = models.DateTimeField(null=True)
    verdict = models.CharField(max_length=8, choices=Verdict.choices, blank=True)
    reason = models.CharField(max_length=10, choices=WrongReason.choices, blank=True)
    verdict_by = models.ForeignKey(Member, on_delete=models.SET_NULL, null=True, related_name="+")
    verdict_at = models.DateTimeField(null=True)
    verdicts = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["turn"], name="audit_once"),
            models.CheckConstraint(
                condition=Q(reason="") | Q(verdict="wrong"), name="audit_reason_of_wrong"
            ),
        ]
        indexes = [
            models.Index(
                fields=["workspace", "drawn_at"], condition=Q(verdict=""), name="audit_waiting"
            ),
            models.Index(fields=["workspace", "models_version"], name="audit_of_models"),
            models.Index(
                fields=["workspace", "verdict", "-verdict_at", "-id"], name="audit_by_verdict"
            ),
        ]
