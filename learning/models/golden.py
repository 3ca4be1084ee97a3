"""Questions whose right answer the workspace's own people have written down."""

from django.db import models

from accounts.models import WorkspaceModel


class GoldenQuestion(WorkspaceModel):
    """The fields of learning.questions.Question; `key` is its id in the file that it came from."""

    key = models.CharField(max_length=200)
    question = models.TextField()
    history = models.JSONField(default=list)  # [role, text], oldest first
    doc_id = models.CharField(max_length=500, null=True)
    spans = models.JSONField(default=list)  # [doc_id, start, end]
    answers = models.JSONField(default=list)
    answerable = models.BooleanField(null=True)
    group = models.CharField(max_length=500, null=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "key"], name="golden_question_once"),
        ]
