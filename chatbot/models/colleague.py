"""A question that the bot asked one agent, while it keeps the conversation."""

from django.db import models
from django.db.models import Q

from accounts.models import Member, WorkspaceModel
from chatbot.models.conversation import Conversation
from chatbot.models.turn import Turn


class QuestionState(models.TextChoices):
    OPEN = "open"
    ANSWERED = "answered"
    EXPIRED = "expired"  # nobody answered in time: the conversation went to people
    WITHDRAWN = "withdrawn"  # the visitor got a person, or the conversation ended


class ColleagueQuestion(WorkspaceModel):
    """One open question at most for each conversation. `reason`: why the bot does not know.

    `article_id`: the draft that was made of the answer, if one was.
    """

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="+")
    turn = models.OneToOneField(Turn, on_delete=models.CASCADE, related_name="+")
    turn_revision = models.PositiveSmallIntegerField()
    asked_of = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="+")
    question = models.TextField()
    reason = models.CharField(max_length=40)
    state = models.CharField(
        max_length=10, choices=QuestionState.choices, default=QuestionState.OPEN
    )
    answer = models.TextField(blank=True)
    answered_by = models.ForeignKey(Member, on_delete=models.CASCADE, null=True, related_name="+")
    article_id = models.UUIDField(null=True)
    asked_at = models.DateTimeField(auto_now_add=True)
    due_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["conversation"], condition=Q(state="open"), name="one_open_question"
            ),
        ]
        indexes = [
            models.Index(
                fields=["workspace", "asked_of"], condition=Q(state="open"), name="question_open_of"
            ),
        ]
