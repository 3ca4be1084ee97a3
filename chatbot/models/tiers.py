"""What the tiers leave behind: receipts, escalations, handoffs, and what left the machine."""

from django.db import models

from accounts.models import Member, WorkspaceModel
from chatbot.models.conversation import Contact, Conversation
from chatbot.models.turn import Message, Turn


class Receipt(WorkspaceModel):
    """Why a reply said what it said. One for each decision of a tier on a turn's revision.

    `text` and `citations`: what was shown, or what tier 1 would have shown had it been sure.
    """

    turn = models.ForeignKey(Turn, on_delete=models.CASCADE, related_name="receipts")
    turn_revision = models.PositiveSmallIntegerField()
    tier = models.PositiveSmallIntegerField()
    message = models.ForeignKey(Message, on_delete=models.SET_NULL, null=True, related_name="+")
    decision = models.CharField(max_length=12)  # a kind of chatbot.answering.contract
    reason = models.CharField(max_length=40, blank=True)
    confidence = models.FloatField()
    threshold = models.FloatField(null=True)
    risk = models.FloatField(null=True)
    certified = models.BooleanField(default=False)  # the threshold rests on the own audits
    text = models.TextField(blank=True)
    citations = models.JSONField(default=list)
    evidence = models.JSONField(default=list)
    features = models.JSONField(default=dict)
    models_version = models.CharField(max_length=80, blank=True)
    version_id = models.UUIDField(null=True)  # learning's ModelVersion; null = the shipped models
    stages_ms = models.JSONField(default=dict)
    cost_usd = models.FloatField(default=0.0)
    route = models.JSONField(default=dict)  # chatbot.escalation.routing.Choice; {} = not weighed
    cached_id = models.UUIDField(null=True)  # the CachedAnswer that was given again, if one was
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["turn", "turn_revision", "tier"], name="receipt_once"),
        ]
        indexes = [
            models.Index(
                fields=["workspace", "created_at"],
                condition=models.Q(cached_id__isnull=False),
                name="receipt_from_cache",
            ),
            models.Index(
                fields=["workspace", "version_id"],
                condition=models.Q(version_id__isnull=False),
                name="receipt_of_version",
            ),
        ]

    @property
    def cached(self) -> bool:
        return self.cached_id is not None


class EscalationState(models.TextChoices):
    REQUESTED = "requested"
    RUNNING = "running"
    ANSWERED = "answered"
    FAILED = "failed"
    CANCELLED = "cancelled"


class EscalationPurpose(models.TextChoices):
    """Why text leaves, in the words of the egress log."""

    ANSWER = "escalation"  # nobody else answers the question
    VERIFY = "verification"  # tier 1 has answered it, and is being checked


class Escalation(WorkspaceModel):
    """A question handed to the large model. A running one is a row, never an owner.

    `attempts`: one object for each call, in order, with provider, model, failure ("" for the
    answer), tokens, cost_usd and cpu_seconds (of a model in the house). `provider` and `model` are those of the last one.
    """

    turn = models.ForeignKey(Turn, on_delete=models.CASCADE, related_name="escalations")
    turn_revision = models.PositiveSmallIntegerField()
    state = models.CharField(
        max_length=10, choices=EscalationState.choices, default=EscalationState.REQUESTED
    )
    purpose = models.CharField(
        max_length=12, choices=EscalationPurpose.choices, default=EscalationPurpose.ANSWER
    )
    reason = models.CharField(max_length=40)
    failure = models.CharField(max_length=40, blank=True)
    evidence = models.JSONField(default=list)
    provider = models.CharField(max_length=40, blank=True)
    model = models.CharField(max_length=120, blank=True)
    input_tokens = models.PositiveIntegerField(default=0)
    output_tokens = models.PositiveIntegerField(default=0)
    cost_usd = models.FloatField(default=0.0)
    attempts = models.JSONField(default=list)
    requested_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["turn", "turn_revision"], name="escalation_once"),
        ]
        indexes = [models.Index(fields=["workspace", "requested_at"], name="escalation_recent")]


class Handoff(WorkspaceModel):
    """A conversation handed to people, from the request until it ended.

    `replied_at`: a member's first message in it.
    """

    conversation = models.ForeignKey(
        Conversation, on_delete=models.CASCADE, related_name="handoffs"
    )
    turn = models.ForeignKey(Turn, on_delete=models.SET_NULL, null=True, related_name="+")
    reason = models.CharField(max_length=40)
    requested_at = models.DateTimeField(auto_now_add=True)
    queue = models.ForeignKey(
        "chatbot.Queue", on_delete=models.SET_NULL, null=True, related_name="+", db_index=False
    )
    claimed_by = models.ForeignKey(Member, on_delete=models.SET_NULL, null=True, related_name="+")
    claimed_at = models.DateTimeField(null=True)
    replied_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=20, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["conversation"],
                condition=models.Q(ended_at__isnull=True),
                name="one_open_handoff",
            ),
        ]
        indexes = [
            models.Index(fields=["workspace", "requested_at"], name="handoff_recent"),
            models.Index(fields=["workspace", "queue", "-claimed_at"], name="handoff_waits"),
        ]


class EgressEntry(WorkspaceModel):
    """What left the machine: to whom, when, why, in its redacted form. Append-only.

    The line outlives the conversation, without its text.
    """

    escalation = models.ForeignKey(
        Escalation, on_delete=models.DO_NOTHING, null=True, related_name="+", db_constraint=False
    )
    destination = models.CharField(max_length=300)
    purpose = models.CharField(max_length=40)
    redacted_text = models.TextField()
    redactions = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["workspace", "-created_at"], name="egress_recent")]


class Consent(WorkspaceModel):
    """A visitor's word on whether their questions may go to an outside large model.

    The newest row of a visitor counts. Goes with the visitor.
    """

    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="+", db_index=False)
    message = models.ForeignKey(Message, on_delete=models.SET_NULL, null=True, related_name="+")
    granted = models.BooleanField()
    given_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [
            models.Index(fields=["workspace", "contact", "-given_at"], name="consent_of_contact"),
        ]
