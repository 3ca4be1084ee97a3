"""The conversation's rows. Rows are the truth; socket, queue, cache and index are hints."""

from chatbot.models.conversation import Channel, Contact, Conversation, Event, Owner, Status, Widget
from chatbot.models.erased import ErasedDay
from chatbot.models.inbox import ConversationTag, ReadMark, SearchEntry, TagColour, Tagging
from chatbot.models.large_models import LargeModel
from chatbot.models.queues import (
    Attendance,
    ClockKind,
    DeskRules,
    Placement,
    Priority,
    PriorityRule,
    Queue,
    QueueMember,
    SlaClock,
    SlaTarget,
)
from chatbot.models.serving import ServedModels, ShadowDecision
from chatbot.models.thresholds import ServedThresholds
from chatbot.models.tiers import Consent, EgressEntry, Escalation, EscalationState, Handoff, Receipt
from chatbot.models.turn import Author, Message, Slot, Turn, TurnState

__all__ = [
    "Attendance", "Author", "Channel", "ClockKind", "Consent", "Contact", "Conversation",
    "ConversationTag", "DeskRules", "EgressEntry", "ErasedDay", "Escalation", "EscalationState",
    "Event", "Handoff", "LargeModel", "Message", "Owner", "Placement", "Priority", "PriorityRule",
    "Queue", "QueueMember", "ReadMark", "Receipt", "SearchEntry", "ServedModels",
    "ServedThresholds", "ShadowDecision", "SlaClock", "SlaTarget", "Slot", "Status", "TagColour",
    "Tagging", "Turn", "TurnState", "Widget",
]  # fmt: skip
