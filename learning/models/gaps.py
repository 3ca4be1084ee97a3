"""Questions that the knowledge base did not answer by itself, and their groups by meaning."""

from django.db import models
from django.db.models import Q
from pgvector.django import VectorField

from accounts.models import WorkspaceModel
from chatbot.models import Author, Conversation, Turn

DIMENSIONS = 384


class Why(models.TextChoices):
    """Why a question counts as a gap; of several the one that cost most."""

    PEOPLE = "people"
    ESCALATED = "escalated"
    WRONG = "wrong"  # a thumb down, or an auditor's verdict


class GapState(models.TextChoices):
    OPEN = "open"
    DISMISSED = "dismissed"  # new questions still join, so that it does not come back


class GapGroup(WorkspaceModel):
    """Questions of like meaning. Its words are those of `central`, the most typical question.

    `mean` is the mean of its questions' unit vectors, not of unit length: its product with a
    question's vector is the average cosine with all of them. `asked` counts all questions since the
    first that needed help, `needed` those that needed it; `halved_at`: learning.half_life.
    `checked`, `answered`: of the questions that were asked again, how many tier 1 answered;
    `asked_of` says of which published texts, `asking_since` that the answer is on its way.
    """

    state = models.CharField(max_length=10, choices=GapState.choices, default=GapState.OPEN)
    central = models.ForeignKey(
        "GapQuestion", on_delete=models.SET_NULL, null=True, related_name="+"
    )
    model_version = models.CharField(max_length=80)  # the embedder's fingerprint
    mean = VectorField(dimensions=DIMENSIONS)
    size = models.PositiveIntegerField(default=0)  # questions that `mean` is of
    asked = models.PositiveIntegerField(default=0)
    needed = models.PositiveIntegerField(default=0)
    people = models.PositiveIntegerField(default=0)
    cost_usd = models.FloatField(default=0.0)
    first_at = models.DateTimeField(null=True)
    last_at = models.DateTimeField(null=True)
    halved_at = models.DateTimeField(null=True)
    checked = models.PositiveIntegerField(default=0)
    answered = models.PositiveIntegerField(default=0)
    is_answered = models.BooleanField(default=False)
    checked_at = models.DateTimeField(null=True)
    asked_of = models.CharField(max_length=64, blank=True)
    asking_since = models.DateTimeField(null=True)
    drafted_at = models.DateTimeField(null=True)  # an article was begun: its external id is ours

    class Meta:
        indexes = [
            models.Index(
                fields=["workspace", "state", "is_answered", "-needed", "id"], name="gap_by_volume"
            ),
            models.Index(
                fields=["workspace", "state", "is_answered", "-cost_usd", "id"], name="gap_by_cost"
            ),
            models.Index(
                fields=["workspace", "state", "is_answered", "-last_at", "id"], name="gap_by_time"
            ),
        ]


class GapQuestion(WorkspaceModel):
    """One question as its visitor asked it, and what answered it. Goes with its turn.

    `needs_help`: tier 1 did not answer it, or not rightly. A question that needs none is kept only
    where it joins a group. `answer`: of the large model or of a member. `articles`: ids of the
    nearest ones. `now_*`: what tier 1 said when it was asked again.
    """

    turn = models.OneToOneField(Turn, on_delete=models.CASCADE, related_name="+")
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="+")
    group = models.ForeignKey(
        GapGroup, on_delete=models.SET_NULL, null=True, related_name="questions", db_index=False
    )
    text = models.TextField()
    vector = VectorField(dimensions=DIMENSIONS, null=True)
    lang = models.CharField(max_length=12)
    asked_at = models.DateTimeField()
    needs_help = models.BooleanField()
    why = models.CharField(max_length=10, choices=Why.choices, blank=True)
    reason = models.CharField(max_length=40, blank=True)
    cost_usd = models.FloatField(default=0.0)
    answer = models.TextField(blank=True)
    answer_by = models.CharField(max_length=8, choices=Author.choices, blank=True)
    citations = models.JSONField(default=list)
    articles = models.JSONField(default=list)
    now_answered = models.BooleanField(null=True)
    now_text = models.TextField(blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["workspace", "group", "-asked_at"], name="question_of_gap"),
            models.Index(
                fields=["workspace", "id"],
                condition=Q(group__isnull=True),
                name="question_without_gap",
            ),
            models.Index(
                fields=["workspace", "-asked_at", "-id"],
                condition=Q(needs_help=True, answer_by__in=[Author.MODEL, Author.MEMBER])
                & ~Q(answer=""),
                name="question_to_confirm",
            ),
        ]
