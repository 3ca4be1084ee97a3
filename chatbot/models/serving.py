"""Which model version answers a workspace's questions, and what one on trial would have said."""

from django.db import models
from django.db.models import Q

from accounts.models import WorkspaceModel
from chatbot.models.tiers import Receipt


class ServedModels(WorkspaceModel):
    """The pointer that is read for each question. No row, or no version: the shipped models.

    `parts` maps a part to its files' digests, {"ranker": {"manifest.json": sha256, …}}; `base`
    maps the shipped parts it was made for to their fingerprints. The candidate is on trial:
    beside the other (shadow), or for a share of the conversations. `revision` counts changes.
    """

    version_id = models.UUIDField(null=True)
    parts = models.JSONField(default=dict)
    base = models.JSONField(default=dict)
    candidate_id = models.UUIDField(null=True)
    candidate_parts = models.JSONField(default=dict)
    candidate_base = models.JSONField(default=dict)
    stage = models.CharField(
        max_length=8, blank=True, choices=[("shadow", "shadow"), ("share", "share")]
    )
    share = models.FloatField(default=0.0)
    revision = models.PositiveIntegerField(default=0)
    failed_id = models.UUIDField(null=True)  # the version that a worker could not load last
    failure = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace"], name="served_once"),
            models.CheckConstraint(
                condition=Q(stage="", candidate_id__isnull=True)
                | (~Q(stage="") & Q(candidate_id__isnull=False)),
                name="candidate_has_stage",
            ),
        ]


class ShadowDecision(WorkspaceModel):
    """What a version on trial decided about a turn that another one answered. Never shown to
    the visitor. `agrees`: the same decision, and the same text where it is an answer."""

    receipt = models.OneToOneField(Receipt, on_delete=models.CASCADE, related_name="shadow")
    version_id = models.UUIDField()
    decision = models.CharField(max_length=12)
    reason = models.CharField(max_length=40, blank=True)
    confidence = models.FloatField()
    agrees = models.BooleanField()
    duration_ms = models.FloatField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["workspace", "version_id", "id"], name="shadow_newest")]
