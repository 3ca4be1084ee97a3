"""Who a visitor is: keys of companies that vouch for them, their browsers, what they tell first."""

from django.db import models

from accounts.models import Member, WorkspaceModel
from chatbot.models.conversation import Contact, Conversation


class IdentityKey(WorkspaceModel):
    """A secret with which the company's own server signs who its visitor is.

    `sealed`: the secret, encrypted by chatbot.sealing. Several may serve at once, so that they
    can be changed without a gap; a retired one vouches for nobody.
    """

    kid = models.CharField(max_length=40)
    sealed = models.TextField()
    made_by = models.ForeignKey(Member, on_delete=models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)
    used_at = models.DateTimeField(null=True)
    retired_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "kid"], name="kid_once")]


class VisitorToken(WorkspaceModel):
    """A browser of an identified visitor; Contact.token_digest is that of an anonymous one.

    `digest`: SHA-256 of the token. After `ends_at` it is nobody's.
    """

    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="+")
    digest = models.CharField(max_length=64)
    made_at = models.DateTimeField(auto_now_add=True)
    ends_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "digest"], name="visitor_token_once"),
        ]


class PrechatAnswer(WorkspaceModel):
    """What the visitor filled in before the first message. Once for each conversation."""

    conversation = models.OneToOneField(
        Conversation, on_delete=models.CASCADE, related_name="prechat"
    )
    name = models.CharField(max_length=120, blank=True)
    email = models.EmailField(blank=True)
    topic = models.CharField(max_length=80, blank=True)
    note = models.CharField(max_length=500, blank=True)
    given_at = models.DateTimeField(auto_now_add=True)
