"""What visitors asked in a week, in their own words, and who wants to be told."""

from django.db import models

from accounts.models import Member, WorkspaceModel


class Digest(WorkspaceModel):
    """One week of a workspace's own calendar; `week` is its Monday.

    `questions` were asked; so many were answered by the bot, by the large model, by people, and
    by nobody.
    """

    week = models.DateField()
    questions = models.PositiveIntegerField()
    by_bot = models.PositiveIntegerField()
    by_model = models.PositiveIntegerField()
    by_people = models.PositiveIntegerField()
    by_nobody = models.PositiveIntegerField()
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "week"], name="digest_once"),
        ]


class DigestGroup(WorkspaceModel):
    """Questions of like meaning. `question`: the most central of them, as it was asked; empty
    once its conversation was erased. `is_new`: nothing like it was asked the week before."""

    digest = models.ForeignKey(
        Digest, on_delete=models.CASCADE, related_name="groups", db_index=False
    )
    place = models.PositiveSmallIntegerField()
    question = models.TextField(blank=True)
    conversation_id = models.UUIDField()
    count = models.PositiveIntegerField()
    by_bot = models.PositiveIntegerField()
    by_model = models.PositiveIntegerField()
    by_people = models.PositiveIntegerField()
    by_nobody = models.PositiveIntegerField()
    is_new = models.BooleanField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["digest", "place"], name="digest_place_once"),
        ]
        indexes = [
            models.Index(fields=["workspace", "conversation_id"], name="digest_words_of"),
        ]


class DigestSubscription(WorkspaceModel):
    """This member gets each digest by mail."""

    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "member"], name="subscribed_once"),
        ]


class DigestMail(WorkspaceModel):
    """One mail to one member about one digest, written down before it is sent: never twice.

    `sent_at` stays empty where a worker died while it was sending.
    """

    digest = models.ForeignKey(Digest, on_delete=models.CASCADE, related_name="+", db_index=False)
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="+")
    begun_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["digest", "member"], name="digest_mail_once"),
        ]
