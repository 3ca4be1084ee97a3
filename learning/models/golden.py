"""Questions whose right answer the workspace's own people have written down."""

from django.db import models
from django.db.models import Q

from accounts.models import Member, WorkspaceModel
from knowledge.models import Audience


class GoldenState(models.TextChoices):
    """What came of a question when it was asked last."""

    RIGHT = "right"
    WRONG = "wrong"
    UNANSWERED = "unanswered"  # there is an answer, and the bot did not give one
    OPEN = "open"  # nobody has said what is right


class GoldenQuestion(WorkspaceModel):
    """The fields of learning.questions.Question; `key` is its id in the file that it came from.

    `quotes`: the words of each span as they stood when it was written down, empty where nobody
    knows; so a place is found again after its article was edited. The columns from `state` on are
    the last outcome, and are emptied when the question changes.
    """

    key = models.CharField(max_length=200)
    question = models.TextField()
    history = models.JSONField(default=list)  # [role, text], oldest first
    audience = models.CharField(max_length=10, choices=Audience.choices, default=Audience.PUBLIC)
    doc_id = models.CharField(max_length=500, null=True)
    spans = models.JSONField(default=list)  # [doc_id, start, end]
    quotes = models.JSONField(default=list)
    answers = models.JSONField(default=list)
    answerable = models.BooleanField(null=True)
    group = models.CharField(max_length=500, null=True)
    updated_at = models.DateTimeField(auto_now=True)
    state = models.CharField(max_length=10, choices=GoldenState.choices, blank=True)
    decision = models.CharField(max_length=10, blank=True)
    answer = models.TextField(blank=True)
    asked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "key"], name="golden_question_once"),
        ]
        indexes = [
            models.Index(fields=["workspace", "state", "key"], name="golden_by_state"),
        ]


class GoldenRun(WorkspaceModel):
    """All golden questions asked once, in steps; one at a time in a workspace."""

    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    problem = models.CharField(max_length=200, blank=True)
    started_by = models.ForeignKey(Member, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["workspace"], condition=Q(ended_at=None), name="one_golden_run_at_a_time"
            ),
        ]
        indexes = [models.Index(fields=["workspace", "created_at"], name="golden_run_by_time")]
