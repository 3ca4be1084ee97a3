"""Queues of people: who waits where, who is there, and by when a reply is due.

A `Placement` is there exactly as long as people have the conversation; chatbot.queues.places keeps
it in step with the owner.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from accounts.models import Member, WorkspaceModel
from chatbot.models.conversation import Conversation


class Priority(models.IntegerChoices):
    NORMAL = 0
    HIGH = 1
    URGENT = 2


class Queue(WorkspaceModel):
    """A named line of waiting conversations. Empty `languages` or `topics`: all of them.

    `assign`: conversations are offered to its agents in turn; each has `take_up_s` to take one.
    """

    name = models.CharField(max_length=60)
    is_default = models.BooleanField(default=False)
    languages = ArrayField(models.CharField(max_length=12), default=list)
    topics = ArrayField(models.CharField(max_length=80), default=list)
    assign = models.BooleanField(default=False)
    take_up_s = models.PositiveIntegerField(default=60)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "name"], name="queue_name_once"),
            models.UniqueConstraint(
                fields=["workspace"], condition=Q(is_default=True), name="one_default_queue"
            ),
        ]


class QueueMember(WorkspaceModel):
    queue = models.ForeignKey(Queue, on_delete=models.CASCADE, related_name="people")
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["queue", "member"], name="queue_member_once"),
        ]


class SlaTarget(WorkspaceModel):
    """Minutes of business hours until a reply is due; null = no target."""

    queue = models.ForeignKey(Queue, on_delete=models.CASCADE, related_name="targets")
    priority = models.PositiveSmallIntegerField(choices=Priority.choices)
    first_reply_min = models.PositiveIntegerField(null=True)
    next_reply_min = models.PositiveIntegerField(null=True)
    resolution_min = models.PositiveIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["queue", "priority"], name="sla_target_once"),
        ]


class PriorityRule(WorkspaceModel):
    """How urgent a topic is: a reason of the handoff, or "tag:" and an article's tag."""

    topic = models.CharField(max_length=80)
    priority = models.PositiveSmallIntegerField(choices=Priority.choices)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "topic"], name="priority_rule_once"),
        ]


class DeskRules(WorkspaceModel):
    """After how long something is done by itself. null = never.

    `unsafe_words`: words and phrases with which a question goes to people at once.
    """

    silent_min = models.PositiveIntegerField(null=True, default=10)
    gone_min = models.PositiveIntegerField(null=True, default=2)
    visitor_gone_min = models.PositiveIntegerField(null=True, default=1440)
    visitor_left_min = models.PositiveIntegerField(null=True, default=30)
    holding_min = models.PositiveIntegerField(null=True, default=3)
    unsafe_words = ArrayField(models.CharField(max_length=80), default=list)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace"], name="one_desk_rules_row")]


class Attendance(WorkspaceModel):
    """Whether an agent is there. `seen_at` is the desk's last heartbeat: an old one is offline."""

    member = models.OneToOneField(Member, on_delete=models.CASCADE, related_name="attendance")
    away = models.BooleanField(default=False)
    since = models.DateTimeField(help_text="When `away` was last changed")
    seen_at = models.DateTimeField(null=True)
    capacity = models.PositiveSmallIntegerField(default=5, help_text="Conversations at once")
    offered_at = models.DateTimeField(null=True, help_text="For the round robin")


class Placement(WorkspaceModel):
    """Where a conversation stands with people.

    `awaiting_since`: the visitor waits for a person's reply. `passed`: agents who let it pass in
    this round. `told_at`: when the waiting visitor last heard something.
    `visitor_seen_at`: when their window was last known to be open; null where nobody can know.
    `look_at`: when
    chatbot.queues.attending looks again.
    """

    conversation = models.OneToOneField(
        Conversation, on_delete=models.CASCADE, related_name="placement"
    )
    queue = models.ForeignKey(Queue, on_delete=models.PROTECT, related_name="+")
    priority = models.PositiveSmallIntegerField(choices=Priority.choices, default=Priority.NORMAL)
    awaiting_since = models.DateTimeField(null=True)
    replied_at = models.DateTimeField(null=True)
    offered_to = models.ForeignKey(Member, on_delete=models.SET_NULL, null=True, related_name="+")
    offered_until = models.DateTimeField(null=True)
    passed = ArrayField(models.UUIDField(), default=list)
    told_at = models.DateTimeField(null=True)
    told_count = models.PositiveSmallIntegerField(default=0)
    visitor_seen_at = models.DateTimeField(null=True)
    look_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(offered_to__isnull=True) | Q(offered_until__isnull=False),
                name="offer_has_an_end",
            ),
        ]
        indexes = [
            models.Index(fields=["look_at"], name="placement_due"),
            models.Index(fields=["workspace", "offered_to"], name="placement_offered"),
        ]


class ClockKind(models.TextChoices):
    FIRST_REPLY = "first_reply"
    NEXT_REPLY = "next_reply"
    RESOLUTION = "resolution"


class SlaClock(WorkspaceModel):
    """One target that runs, or ran, with its alerts: reports count these rows."""

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="clocks")
    queue = models.ForeignKey(Queue, on_delete=models.SET_NULL, null=True, related_name="+")
    priority = models.PositiveSmallIntegerField(choices=Priority.choices)
    kind = models.CharField(max_length=12, choices=ClockKind.choices)
    started_at = models.DateTimeField()
    soon_at = models.DateTimeField()
    due_at = models.DateTimeField()
    stopped_at = models.DateTimeField(null=True)
    warned_at = models.DateTimeField(null=True)
    breached_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["conversation", "kind"],
                condition=Q(stopped_at__isnull=True),
                name="one_running_clock",
            ),
            models.CheckConstraint(condition=Q(soon_at__lte=F("due_at")), name="soon_before_due"),
        ]
        indexes = [models.Index(fields=["workspace", "started_at"], name="sla_recent")]
