"""The conversation's rows. Rows are the truth; socket, queue, cache and index are hints."""

from chatbot.models.afterwards import Rating, ReplyMail, SentMail, TranscriptWish
from chatbot.models.attachment import Attachment
from chatbot.models.cached import AnswerCache, CachedAnswer
from chatbot.models.checks import AnswerRules, UnsupportedSentences
from chatbot.models.colleague import ColleagueQuestion, QuestionState
from chatbot.models.conversation import Channel, Contact, Conversation, Event, Owner, Status, Widget
from chatbot.models.erased import ErasedDay
from chatbot.models.inbox import ConversationTag, ReadMark, SearchEntry, TagColour, Tagging
from chatbot.models.large_models import LargeModel
from chatbot.models.money import (
    BudgetMail,
    BudgetWarning,
    Kind,
    LedgerEntry,
    Period,
    SpentDay,
)
from chatbot.models.lookup import LookUp, LookUpState
from chatbot.models.pane import (
    AnswerVerdict,
    Assist,
    CannedReply,
    DeskSettings,
    Mention,
    ReplyDraft,
    Suggestion,
    SuggestionUse,
)
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
from chatbot.models.tiers import (
    Consent,
    EgressEntry,
    Escalation,
    EscalationPurpose,
    EscalationState,
    Handoff,
    Receipt,
)
from chatbot.models.turn import Author, CheckState, Message, Slot, Turn, TurnState
from chatbot.models.visitor import IdentityKey, PrechatAnswer, VisitorToken

__all__ = [
    "AnswerCache", "AnswerRules", "AnswerVerdict", "Assist", "Attachment", "Attendance", "Author",
    "BudgetMail", "BudgetWarning", "CachedAnswer", "CannedReply", "Channel", "CheckState",
    "ClockKind", "ColleagueQuestion", "Consent", "Contact", "Conversation", "ConversationTag",
    "DeskRules", "DeskSettings", "EgressEntry", "ErasedDay", "Escalation", "EscalationPurpose",
    "EscalationState", "Event", "Handoff", "IdentityKey", "Kind", "LargeModel", "LedgerEntry",
    "LookUp", "LookUpState", "Mention", "Message", "Owner", "Period", "Placement", "PrechatAnswer",
    "Priority", "PriorityRule", "QuestionState", "Queue", "QueueMember", "Rating", "ReadMark",
    "Receipt", "ReplyDraft", "ReplyMail", "SearchEntry", "SentMail", "ServedModels",
    "ServedThresholds", "ShadowDecision", "SlaClock", "SlaTarget", "Slot", "SpentDay", "Status",
    "Suggestion", "SuggestionUse", "TagColour", "Tagging", "TranscriptWish", "Turn", "TurnState",
    "UnsupportedSentences", "VisitorToken", "Widget",
]  # fmt: skip
