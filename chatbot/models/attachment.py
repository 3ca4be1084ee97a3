"""Files that visitors and agents send: made anew, kept by content, shown to who may read."""

from django.db import models
from django.db.models import Q

from accounts.models import Member, WorkspaceModel
from chatbot.models.conversation import Conversation
from chatbot.models.turn import Message


class Attachment(WorkspaceModel):
    """A file of one conversation. Its bytes lie in the storage `attachments` by their SHA-256.

    `message` is None until the file is sent with one; what is never sent goes after a day.
    `member`: the agent who gave it; None for the visitor. `preview`: the small picture's SHA-256,
    empty for a PDF.
    """

    conversation = models.ForeignKey(
        Conversation, on_delete=models.CASCADE, related_name="attachments", db_index=False
    )
    message = models.ForeignKey(
        Message, on_delete=models.CASCADE, null=True, related_name="attachments"
    )
    member = models.ForeignKey(Member, on_delete=models.PROTECT, null=True, related_name="+")
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=4)  # png, jpg, webp, pdf
    digest = models.CharField(max_length=64)
    preview = models.CharField(max_length=64, blank=True)
    size = models.PositiveIntegerField()
    width = models.PositiveIntegerField(default=0)
    height = models.PositiveIntegerField(default=0)
    pages = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [
            models.Index(fields=["workspace", "conversation", "id"], name="attachment_of"),
            models.Index(
                fields=["workspace", "created_at"],
                condition=Q(message__isnull=True),
                name="attachment_unsent",
            ),
        ]
