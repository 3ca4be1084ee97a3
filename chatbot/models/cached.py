"""Checked answers of the large model, kept to answer the same question again."""

from django.db import models
from django.utils import timezone
from pgvector.django import VectorField

from accounts.models import WorkspaceModel
from chatbot.models.turn import Turn


class CachedAnswer(WorkspaceModel):
    """One answer, for visitors who may read the same articles.

    `turn`: where it was given first; the entry goes with it, since its question is that visitor's.
    `vector`: the question's, by `embedder`. `key`: a digest of the question's words.
    `sentences` cite by number; number n is row n - 1 of `rests_on`, a passage with the digest of
    its words: see chatbot.escalation.cached_evidence.
    """

    turn = models.ForeignKey(Turn, on_delete=models.CASCADE, related_name="+")
    audience = models.CharField(max_length=9)
    embedder = models.CharField(max_length=80)
    key = models.CharField(max_length=64)
    question = models.TextField()
    vector = VectorField(dimensions=384)
    sentences = models.JSONField(default=list)
    rests_on = models.JSONField(default=list)
    model = models.CharField(max_length=120)
    saved_usd = models.FloatField(default=0.0)  # what it cost to be made: a hit saves as much
    hits = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    last_used_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "audience", "embedder", "key"], name="cached_answer_once"
            ),
        ]
        indexes = [models.Index(fields=["workspace", "last_used_at"], name="cached_answer_used")]


class AnswerCache(WorkspaceModel):
    """An admin's word on whether answers are kept; no row: as chatbot.cached_answers says."""

    enabled = models.BooleanField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace"], name="answer_cache_once")]
