"""The conversation's rows. Rows are the truth; socket, queue, cache and index are hints."""

from chatbot.models.afterwards import Rating, ReplyMail, SentMail, TranscriptWish
from chatbot.models.attachment import Attachment
from chatbot.models.conversation import (
    Channel,
    Contact,
    Conversation,
    Event,
    Owner,
    Status,
    Widget,
)
from chatbot.models.erased import ErasedDay
from chatbot.models.serving import ServedModels, ShadowDecision
from chatbot.models.thresholds import ServedThresholds
from chatbot.models.tiers import (
    Consent,
    EgressEntry,
    Escalation,
    EscalationState,
    Handoff,
    Receipt,
)
from chatbot.models.turn import Author, Message, Slot, Turn, TurnState
from chatbot.models.visitor import IdentityKey, PrechatAnswer, VisitorToken

__all__ = [
    "Attachment", "Author", "Channel", "Consent", "Contact", "Conversation", "EgressEntry",
    "ErasedDay", "Escalation", "EscalationState", "Event", "Handoff", "IdentityKey", "Message",
    "Owner", "PrechatAnswer", "Rating", "Receipt", "ReplyMail", "SentMail", "ServedModels",
    "ServedThresholds", "ShadowDecision", "Slot", "Status", "TranscriptWish", "Turn", "TurnState",
    "VisitorToken", "Widget",
]  # fmt: skip
