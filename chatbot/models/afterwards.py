"""What comes after a conversation, or beside it by mail: ratings, mails, wishes for a transcript."""

from django.db import models
from django.db.models import Q

from accounts.models import Member, WorkspaceModel
from chatbot.models.conversation import Conversation


class Rating(WorkspaceModel):
    """How a visitor rates a conversation that was closed: once for each closing.

    `closing`: the staff_seq of the event that closed it, at `closed_at`. `member`: whoever held the
    conversation last before that, None where no person did. `comment`: the visitor's words.
    """

    conversation = models.ForeignKey(
        Conversation, on_delete=models.CASCADE, related_name="ratings", db_index=False
    )
    closing = models.PositiveIntegerField()
    closed_at = models.DateTimeField()
    member = models.ForeignKey(Member, on_delete=models.SET_NULL, null=True, related_name="+")
    score = models.PositiveSmallIntegerField()
    comment = models.TextField(blank=True)
    given_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["conversation", "closing"], name="rating_once"),
            models.CheckConstraint(condition=Q(score__gte=1, score__lte=5), name="rating_1_to_5"),
        ]
        indexes = [models.Index(fields=["workspace", "closed_at"], name="rating_by_closing")]


class SentMail(WorkspaceModel):
    """A mail to a visitor, written down before it goes, so that no worker sends it twice.

    `key`: what it is about, a message's id or that of a wish for a transcript.
    """

    conversation = models.ForeignKey(
        Conversation, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    key = models.UUIDField()
    begun_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["conversation", "key"], name="mail_once"),
        ]


class TranscriptWish(WorkspaceModel):
    """A visitor wants the conversation by mail, as it is up to `last`, a visitor_seq.

    `signed`: the address is one that the company's server vouched for. Any other gets a link
    first, and the transcript once its reader says so.
    """

    conversation = models.ForeignKey(
        Conversation, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    email = models.EmailField()
    signed = models.BooleanField(default=False)
    last = models.PositiveIntegerField()
    wished_at = models.DateTimeField(auto_now_add=True)
    confirmed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["workspace", "conversation", "-wished_at"], name="transcript_of"),
        ]


class ReplyMail(WorkspaceModel):
    """Where a visitor wants to be answered by mail, as they typed it or their company signed it."""

    conversation = models.ForeignKey(
        Conversation, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    email = models.EmailField()
    left_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["conversation"], name="one_reply_mail")]
