"""Widget, contact, conversation, and its append-only events."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.models import Member, WorkspaceModel


class Channel(models.TextChoices):
    WIDGET = "widget"
    API = "api"
    EMAIL = "email"


class Owner(models.TextChoices):
    BOT = "bot"
    QUEUE = "queue"
    MEMBER = "member"


class Status(models.TextChoices):
    OPEN = "open"
    SNOOZED = "snoozed"
    RESOLVED = "resolved"


class Widget(WorkspaceModel):
    """An installed chat window: its public key, the origins that may show it, and its look.

    `name` is the bot's. `colour` is #rrggbb; empty = the widget's own.
    """

    key = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=80)
    origins = ArrayField(models.CharField(max_length=200), default=list)
    greeting = models.CharField(max_length=500, blank=True)
    colour = models.CharField(max_length=7, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)


class Contact(WorkspaceModel):
    """The person on the other side. Anonymous until they say who they are.

    `token_digest` is the SHA-256 of the visitor's token; the token itself is never stored.
    `identified_at`: when the company's server last vouched for `external_id`, `name` and `email`
    by a signed token; None where nobody did.
    """

    token_digest = models.CharField(max_length=64, null=True)
    external_id = models.CharField(max_length=200, null=True)
    name = models.CharField(max_length=120, blank=True)
    email = models.EmailField(blank=True)
    identified_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    last_seen_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "token_digest"], name="contact_token"),
            models.UniqueConstraint(fields=["workspace", "external_id"], name="contact_external"),
        ]


class ConversationQuerySet(models.QuerySet["Conversation"]):
    def waiting(self) -> "ConversationQuerySet":
        """Those in a queue: the most urgent first, and of these the longest wait."""
        urgent = F("placement__priority").desc(nulls_last=True)
        rows = self.filter(owner=Owner.QUEUE, status=Status.OPEN)
        return rows.order_by(urgent, "queued_at", "id")

    def held_by(self, member: Member) -> "ConversationQuerySet":
        return self.filter(owner=Owner.MEMBER, owner_member=member, status=Status.OPEN)


class Conversation(WorkspaceModel):
    """Owner and status change through chatbot.transitions alone.

    `changed_at`: when its last event was appended, so that reports find what they must count anew.
    `context`: what the page around the widget says of itself or of the visitor; for members alone.
    `visitor_wrote_seq`: the staff_seq of the visitor's last message, which says what is unread.
    """

    channel = models.CharField(max_length=10, choices=Channel.choices)
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="+")
    widget = models.ForeignKey(Widget, on_delete=models.SET_NULL, null=True, related_name="+")
    owner = models.CharField(max_length=8, choices=Owner.choices, default=Owner.BOT)
    owner_member = models.ForeignKey(Member, on_delete=models.PROTECT, null=True, related_name="+")
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.OPEN)
    snoozed_until = models.DateTimeField(null=True)
    queued_at = models.DateTimeField(null=True)
    staff_seq = models.PositiveIntegerField(default=0)
    visitor_seq = models.PositiveIntegerField(default=0)
    language = models.CharField(max_length=12, default="en")
    merged_into = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    last_message_at = models.DateTimeField(null=True)
    changed_at = models.DateTimeField(default=timezone.now)
    context = models.JSONField(default=dict)
    visitor_wrote_seq = models.PositiveIntegerField(default=0)

    objects = ConversationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(owner="member", owner_member__isnull=False)
                | (~Q(owner="member") & Q(owner_member__isnull=True)),
                name="member_owner_has_member",
            ),
            models.CheckConstraint(
                condition=Q(owner="queue", queued_at__isnull=False)
                | (~Q(owner="queue") & Q(queued_at__isnull=True)),
                name="queued_has_time",
            ),
            models.CheckConstraint(
                condition=Q(status="snoozed", snoozed_until__isnull=False)
                | (~Q(status="snoozed") & Q(snoozed_until__isnull=True)),
                name="snoozed_has_time",
            ),
        ]
        indexes = [
            models.Index(fields=["workspace", "owner", "status", "queued_at"], name="desk_queue"),
            models.Index(fields=["workspace", "contact", "-created_at"], name="of_contact"),
            models.Index(fields=["workspace", "-last_message_at"], name="conversation_recent"),
            models.Index(fields=["workspace", "-id"], name="conversation_page"),
            models.Index(fields=["workspace", "changed_at", "id"], name="conversation_changed"),
            models.Index(
                fields=["workspace", "status", "-last_message_at", "-id"], name="inbox_status"
            ),
            models.Index(
                fields=["workspace", "owner_member", "status", "-last_message_at", "-id"],
                name="inbox_member",
            ),
        ]


class Event(WorkspaceModel):
    """One thing that happened. Append-only; the app role may not change or delete it.

    chatbot.erasing lets those of a whole conversation go, through a function of the database.

    Every event has a `staff_seq`; what the visitor may see has a `visitor_seq` too. Both are
    without gaps in a conversation. `payload` is what the visitor may see; `staff_payload` adds
    what only members may.
    """

    conversation = models.ForeignKey(
        Conversation, on_delete=models.DO_NOTHING, related_name="events", db_index=False
    )
    staff_seq = models.PositiveIntegerField()
    visitor_seq = models.PositiveIntegerField(null=True)
    kind = models.CharField(max_length=40)
    payload = models.JSONField(default=dict)
    staff_payload = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["conversation", "staff_seq"], name="staff_seq_once"),
            models.UniqueConstraint(
                fields=["conversation", "visitor_seq"], name="visitor_seq_once"
            ),
        ]
