"""What became of conversations, a row for each day, and how far they have been looked through."""

from django.db import models

from accounts.models import WorkspaceModel
from chatbot.models import Channel, Conversation


class ConversationDay(WorkspaceModel):
    """A conversation on one UTC day on which its visitor wrote: what the reports count.

    A visitor keeps one conversation for ever, so a conversation as such belongs to no day.
    Derived from messages, receipts, events and audits by learning.conversation_days, and made anew
    whenever one of these changes.

    `tier`: the highest that answered (3 is a person), None where nobody did. `questions`: turns
    that were more than small talk. `helped`, `wrong`: what the visitor or an auditor said in so
    many words. `escalated`, `handed_off`: the first reason, empty where neither was needed.
    `article_id`: the first one cited, else the nearest one that was found.
    """

    conversation = models.ForeignKey(
        Conversation, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    day = models.DateField()
    started_at = models.DateTimeField()
    language = models.CharField(max_length=12)
    channel = models.CharField(max_length=10, choices=Channel.choices)
    questions = models.PositiveIntegerField(default=0)
    tier = models.PositiveSmallIntegerField(null=True)
    helped = models.BooleanField(default=False)
    wrong = models.BooleanField(default=False)
    reopened = models.BooleanField(default=False)
    escalated = models.CharField(max_length=40, blank=True)
    handed_off = models.CharField(max_length=40, blank=True)
    article_id = models.UUIDField(null=True)
    first_answer_s = models.FloatField(null=True)
    model_answers = models.PositiveIntegerField(default=0)
    model_answers_usd = models.FloatField(default=0.0)
    cost_usd = models.FloatField(default=0.0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["conversation", "day"], name="conversation_day_once"),
        ]
        indexes = [
            models.Index(fields=["workspace", "day", "started_at", "id"], name="outcome_by_day"),
        ]


class ReviewProgress(WorkspaceModel):
    """Conversations are looked through in the order in which they changed: up to here.

    `reviewed_at`: when the end was reached last.
    """

    changed_at = models.DateTimeField(null=True)
    last_id = models.UUIDField(null=True)
    reviewed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace"], name="one_review_progress")]
