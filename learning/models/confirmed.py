"""Answers of the large model or of people that a person has called right."""

from django.db import models

from accounts.models import Member, WorkspaceModel
from chatbot.models import Author, Conversation, Turn


class ConfirmedAnswer(WorkspaceModel):
    """One question's answer, and what became of it. Goes with its turn.

    `golden_key`: the golden question that it became. `doc_id`: the article that answers by now;
    `drafted`: it was begun from this answer, since the knowledge base had none.
    """

    turn = models.OneToOneField(Turn, on_delete=models.CASCADE, related_name="+")
    conversation = models.ForeignKey(
        Conversation, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    question = models.TextField()
    answer = models.TextField()
    answer_by = models.CharField(max_length=8, choices=Author.choices)
    golden_key = models.CharField(max_length=200)
    doc_id = models.CharField(max_length=500)
    drafted = models.BooleanField(default=False)
    confirmed_by = models.ForeignKey(Member, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [
            models.Index(fields=["workspace", "-created_at"], name="confirmed_by_time"),
            models.Index(fields=["workspace", "conversation"], name="confirmed_of_conversation"),
            models.Index(fields=["workspace", "golden_key"], name="confirmed_by_golden"),
        ]
