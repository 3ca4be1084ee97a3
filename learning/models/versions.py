"""Model versions: what was trained for a workspace, on what, and how far it is in use."""

from django.db import models

from accounts.models import Member, WorkspaceModel


class VersionState(models.TextChoices):
    BUILT = "built"
    SHADOW = "shadow"  # answers beside the other one; nobody sees it
    PARTIAL = "partial"  # answers a share of the conversations
    SERVING = "serving"
    RETIRED = "retired"
    REJECTED = "rejected"  # its evaluation did not pass


class ModelVersion(WorkspaceModel):
    """Artefacts of some parts; the shipped ones of `base` (part → fingerprint) complete them.

    `parts` maps a part to its files' digests, its manifest's included. `evaluation` is what the
    training measured. `wanted` is the stage that waits until the vectors of a new embedder are
    complete. `replaced`: what served before it was promoted to all.
    """

    number = models.PositiveIntegerField()
    state = models.CharField(max_length=8, choices=VersionState.choices, default=VersionState.BUILT)
    parts = models.JSONField(default=dict)
    fingerprints = models.JSONField(default=dict)
    base = models.JSONField(default=dict)
    card = models.TextField(blank=True)
    evaluation = models.JSONField(default=dict)
    wanted = models.JSONField(default=dict)
    run_id = models.UUIDField(null=True)
    parent = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, related_name="+")
    replaced = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    promoted_at = models.DateTimeField(null=True)
    promoted_by = models.ForeignKey(Member, on_delete=models.SET_NULL, null=True, related_name="+")
    tainted_at = models.DateTimeField(null=True)  # data that it was trained on was erased

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "number"], name="version_number_once"),
            models.UniqueConstraint(fields=["workspace", "run_id"], name="version_of_run_once"),
        ]


class SourceKind(models.TextChoices):
    REVISION = "revision"  # of an article
    TURN = "turn"
    MESSAGE = "message"
    FEEDBACK = "feedback"
    AUDIT = "audit"
    QUESTION = "question"  # a golden one


class TrainingRow(WorkspaceModel):
    """What a version was trained on: where it stood, and the SHA-256 of the text, not the text.

    `conversation_id` and `contact_id` are those that the text came from, kept without a foreign
    key: they must outlive what is erased.
    """

    version = models.ForeignKey(
        ModelVersion, on_delete=models.CASCADE, related_name="rows", db_index=False
    )
    source_kind = models.CharField(max_length=10, choices=SourceKind.choices)
    source_id = models.UUIDField()
    sha256 = models.CharField(max_length=64)
    conversation_id = models.UUIDField(null=True)
    contact_id = models.UUIDField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["workspace", "version", "source_kind"], name="row_by_kind"),
            models.Index(fields=["workspace", "conversation_id"], name="row_of_conversation"),
            models.Index(fields=["workspace", "contact_id"], name="row_of_contact"),
        ]
