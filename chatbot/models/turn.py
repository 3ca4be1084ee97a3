"""Turns and messages. A reply belongs to (turn, slot), unique: work that runs twice is harmless."""

from django.db import models
from django.db.models import Q

from accounts.models import Member, WorkspaceModel
from chatbot.models.conversation import Conversation


class TurnState(models.TextChoices):
    OPEN = "open"  # waits for tier 1, or is being answered by it
    ESCALATED = "escalated"  # waits for the large model
    ANSWERED = "answered"
    HANDED_OFF = "handed_off"
    CANCELLED = "cancelled"  # a person took over, or the visitor withdrew or went on
    CONSENT = "consent"  # waits for the visitor's word on asking the large model
    COLLEAGUE = "colleague"  # waits for the word of an agent whom the bot asked
    UNANSWERED = "unanswered"  # no tier could, and people are switched off; the visitor was told


class Turn(WorkspaceModel):
    """The visitor's messages of one burst, answered together.

    `revision` counts the messages it holds; an answer made for an older revision is dropped and
    the turn is answered again, at most `extensions` = 2 times.
    """

    conversation = models.ForeignKey(
        Conversation, on_delete=models.CASCADE, related_name="turns", db_index=False
    )
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=12, choices=TurnState.choices, default=TurnState.OPEN)
    revision = models.PositiveSmallIntegerField(default=1)
    extensions = models.PositiveSmallIntegerField(default=0)
    opened_at = models.DateTimeField(auto_now_add=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["conversation", "number"], name="turn_number_once"),
        ]


class Author(models.TextChoices):
    VISITOR = "visitor"
    BOT = "bot"  # tiers 0 and 1, and fixed phrases
    MODEL = "model"  # tier 2: the large model, checked
    MEMBER = "member"


class Slot(models.TextChoices):
    HOLDING = "holding"  # nobody can answer: people are switched off
    CONSENT = "consent"  # may the large model be asked?
    ANSWER = "answer"
    CLARIFY = "clarify"
    COLLEAGUE = "colleague"
    WITHDRAWN = "withdrawn"  # the consent that was given holds no more


class Message(WorkspaceModel):
    """`options`: what a clarifying question offers, as chatbot.answering.contract.Option; for a
    question of consent labels alone.

    `chosen_from`, `chosen`: the question that a visitor answered by an option, and its number.
    """

    conversation = models.ForeignKey(
        Conversation, on_delete=models.CASCADE, related_name="messages", db_index=False
    )
    turn = models.ForeignKey(Turn, on_delete=models.CASCADE, null=True, related_name="messages")
    author = models.CharField(max_length=8, choices=Author.choices)
    member = models.ForeignKey(Member, on_delete=models.PROTECT, null=True, related_name="+")
    text = models.TextField()
    slot = models.CharField(max_length=10, choices=Slot.choices, null=True)
    client_id = models.CharField(max_length=64, null=True)
    citations = models.JSONField(default=list)
    options = models.JSONField(default=list)
    chosen_from = models.ForeignKey("self", on_delete=models.CASCADE, null=True, related_name="+")
    chosen = models.PositiveSmallIntegerField(null=True)
    repeated = models.BooleanField(default=False)  # an earlier answer of the large model, again
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["conversation", "client_id"], name="message_client_id_once"
            ),
            models.UniqueConstraint(fields=["turn", "slot"], name="reply_once"),
            models.UniqueConstraint(fields=["chosen_from"], name="choice_once"),
            models.CheckConstraint(
                condition=Q(chosen_from__isnull=True, chosen__isnull=True)
                | Q(author="visitor", chosen_from__isnull=False, chosen__gte=1),
                name="choice_is_a_visitors",
            ),
            models.CheckConstraint(
                condition=Q(author="member", member__isnull=False) | ~Q(author="member"),
                name="member_message_has_member",
            ),
        ]
        indexes = [
            models.Index(fields=["workspace", "conversation", "created_at"], name="message_order"),
        ]
