"""The conversation's rows. Rows are the truth; socket, queue, cache and index are hints."""

from chatbot.models.conversation import Channel, Contact, Conversation, Event, Owner, Status, Widget
from chatbot.models.erased import ErasedDay
from chatbot.models.inbox import ConversationTag, ReadMark, SearchEntry, TagColour, Tagging
from chatbot.models.large_models import LargeModel
from chatbot.models.serving import ServedModels, ShadowDecision
from chatbot.models.thresholds import ServedThresholds
from chatbot.models.tiers import Consent, EgressEntry, Escalation, EscalationState, Handoff, Receipt
from chatbot.models.turn import Author, Message, Slot, Turn, TurnState

__all__ = [
    "Author", "Channel", "Consent", "Contact", "Conversation", "ConversationTag", "EgressEntry",
    "ErasedDay", "Escalation", "EscalationState", "Event", "Handoff", "LargeModel", "Message",
    "Owner", "ReadMark", "Receipt", "SearchEntry", "ServedModels", "ServedThresholds",
    "ShadowDecision", "Slot", "Status", "TagColour", "Tagging", "Turn", "TurnState", "Widget",
]  # fmt: skip
