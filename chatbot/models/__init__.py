"""The conversation's rows. Rows are the truth; socket, queue, cache and index are hints."""

from chatbot.models.colleague import ColleagueQuestion, QuestionState
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
from chatbot.models.pane import (
    AnswerVerdict,
    Assist,
    CannedReply,
    DeskSeen,
    DeskSettings,
    Mention,
    ReplyDraft,
    Suggestion,
    SuggestionUse,
)
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

__all__ = [
    "AnswerVerdict", "Assist", "Author", "CannedReply", "Channel", "ColleagueQuestion", "Consent",
    "Contact", "Conversation", "DeskSeen", "DeskSettings", "EgressEntry", "ErasedDay", "Escalation",
    "EscalationState", "Event", "Handoff", "Mention", "Message", "Owner", "QuestionState",
    "Receipt", "ReplyDraft", "ServedModels", "ServedThresholds", "ShadowDecision", "Slot", "Status",
    "Suggestion", "SuggestionUse", "Turn", "TurnState", "Widget",
]  # fmt: skip
