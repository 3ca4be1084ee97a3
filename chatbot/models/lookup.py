"""What an agent looked up beside a conversation: their own words, not the visitor's."""

from django.db import models

from accounts.models import Member, WorkspaceModel
from chatbot.models.conversation import Conversation


class LookUpState(models.TextChoices):
    WAITING = "waiting"
    DONE = "done"
    FAILED = "failed"


class LookUp(WorkspaceModel):
    """One question of a member's, with whether it was read. Its texts are Suggestions of it."""

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="+")
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="+")
    question = models.CharField(max_length=500)
    state = models.CharField(
        max_length=8, choices=LookUpState.choices, default=LookUpState.WAITING
    )
    asked_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["workspace", "conversation", "member", "-asked_at"], name="looked_up_last"
            )
        ]
