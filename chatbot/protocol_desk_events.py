"""The events as agents get them: what visitors see with what is for staff alone, and more kinds."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from chatbot.protocol_events import (
    EmailLeftEvent,
    EscalationStartedEvent,
    EventFrame,
    FeedbackGivenEvent,
    MessagePostedEvent,
    Nothing,
    OwnerChangedEvent,
    Part,
    PrechatGivenEvent,
    RatingGivenEvent,
    StatusChangedEvent,
)


class MailStaff(Part):
    template: Literal["reply", "transcript", "confirm"]
    email: str


class IdentifiedStaff(Part):
    contact_id: UUID


class MessageStaff(Part):
    member_id: UUID | None = None


class OwnerStaff(Part):
    """`queue` is its name, `priority` normal, high or urgent; null while the bot has it."""

    owner_member_id: UUID | None
    queue: str | None = None
    priority: Literal["normal", "high", "urgent"] | None = None


class FeedbackStaff(Part):
    reason: str


class Mentioned(Part):
    member_id: UUID
    name: str


class NoteAdded(Part):
    client_id: str
    member_id: UUID
    member_name: str
    text: str
    mentions: list[Mentioned] = []


class VerdictGiven(Part):
    """What an agent says of the answer of this receipt."""

    receipt_id: UUID
    message_id: UUID
    verdict: Literal["right", "wrong", "incomplete"]
    member_id: UUID
    member_name: str


class ColleagueAsked(Part):
    """The bot asks this member, and keeps the conversation."""

    question_id: UUID
    member_id: UUID
    member_name: str
    reason: str


class ColleagueAnswered(Part):
    question_id: UUID
    member_id: UUID
    member_name: str


class Evidence(Part):
    """A passage that was found; offsets are code points of the revision's text."""

    passage_id: str
    revision_id: str
    article_id: str
    doc_id: str
    title: str
    heading_path: list[str]
    url: str
    start: int
    end: int
    text: str
    fused: float
    relevance: float | None
    margin: float | None
    answer_start: int | None
    answer_end: int | None


class ReceiptRecorded(Part):
    receipt_id: UUID
    turn_id: UUID
    message_id: UUID | None
    tier: int
    decision: str
    reason: str
    confidence: float
    threshold: float | None
    risk: float | None
    certified: bool = False  # the threshold rests on the workspace's own audits
    stages_ms: dict[str, float]
    cost_usd: float
    evidence: list[Evidence]


class OnDesk(Part):
    conversation_id: UUID


class DeskMessagePosted(MessagePostedEvent, OnDesk):
    staff_payload: MessageStaff


class DeskOwnerChanged(OwnerChangedEvent, OnDesk):
    staff_payload: OwnerStaff


class DeskStatusChanged(StatusChangedEvent, OnDesk):
    staff_payload: Nothing


class DeskEscalationStarted(EscalationStartedEvent, OnDesk):
    staff_payload: Nothing


class DeskFeedbackGiven(FeedbackGivenEvent, OnDesk):
    staff_payload: FeedbackStaff


class DeskRatingGiven(RatingGivenEvent, OnDesk):
    staff_payload: Nothing


class DeskPrechatGiven(PrechatGivenEvent, OnDesk):
    staff_payload: Nothing


class DeskEmailLeft(EmailLeftEvent, OnDesk):
    staff_payload: Nothing


class DeskMailSent(EventFrame, OnDesk):
    kind: Literal["mail.sent"]
    payload: Nothing
    staff_payload: MailStaff


class DeskMailFailed(EventFrame, OnDesk):
    kind: Literal["mail.failed"]
    payload: Nothing
    staff_payload: MailStaff


class DeskVisitorIdentified(EventFrame, OnDesk):
    kind: Literal["visitor.identified"]
    payload: Nothing
    staff_payload: IdentifiedStaff


class DeskNoteAdded(EventFrame, OnDesk):
    kind: Literal["note.added"]
    payload: Nothing
    staff_payload: NoteAdded


class DeskReceiptRecorded(EventFrame, OnDesk):
    kind: Literal["receipt.recorded"]
    payload: Nothing
    staff_payload: ReceiptRecorded


class OfferMade(Part):
    """Put before this agent until then; others may still claim it."""

    member_id: UUID
    member_name: str
    until: datetime


class OfferPassed(Part):
    member_id: UUID
    member_name: str
    reason: Literal["not_taken_up", "agent_away", "agent_offline"]


class QueueMoved(Part):
    queue: str
    member_name: str


class RouteChosen(Part):
    """A scarce budget was weighed against the agents who are there."""

    turn_id: UUID
    to: Literal["model", "people"]
    reason: Literal[
        "agent_free", "short_wait", "no_people", "outside_hours", "nobody_free", "long_line"
    ]


class ClockAlert(Part):
    clock: Literal["first_reply", "next_reply", "resolution"]
    due_at: datetime


class DeskOfferMade(EventFrame, OnDesk):
    kind: Literal["offer.made"]
    payload: Nothing
    staff_payload: OfferMade


class DeskOfferPassed(EventFrame, OnDesk):
    kind: Literal["offer.passed"]
    payload: Nothing
    staff_payload: OfferPassed


class DeskQueueMoved(EventFrame, OnDesk):
    kind: Literal["queue.moved"]
    payload: Nothing
    staff_payload: QueueMoved


class DeskSlaWarned(EventFrame, OnDesk):
    kind: Literal["sla.warned"]
    payload: Nothing
    staff_payload: ClockAlert


class DeskSlaBreached(EventFrame, OnDesk):
    kind: Literal["sla.breached"]
    payload: Nothing
    staff_payload: ClockAlert


class DeskRouteChosen(EventFrame, OnDesk):
    kind: Literal["route.chosen"]
    payload: Nothing
    staff_payload: RouteChosen


class DeskVerdictGiven(EventFrame, OnDesk):
    kind: Literal["verdict.given"]
    payload: Nothing
    staff_payload: VerdictGiven


class DeskColleagueAsked(EventFrame, OnDesk):
    kind: Literal["colleague.asked"]
    payload: Nothing
    staff_payload: ColleagueAsked


class DeskColleagueAnswered(EventFrame, OnDesk):
    kind: Literal["colleague.answered"]
    payload: Nothing
    staff_payload: ColleagueAnswered


DeskEvent = Annotated[
    DeskMessagePosted
    | DeskOwnerChanged
    | DeskStatusChanged
    | DeskEscalationStarted
    | DeskFeedbackGiven
    | DeskRatingGiven
    | DeskPrechatGiven
    | DeskEmailLeft
    | DeskNoteAdded
    | DeskReceiptRecorded
    | DeskMailSent
    | DeskMailFailed
    | DeskVisitorIdentified
    | DeskOfferMade
    | DeskOfferPassed
    | DeskQueueMoved
    | DeskSlaWarned
    | DeskSlaBreached
    | DeskRouteChosen
    | DeskVerdictGiven
    | DeskColleagueAsked
    | DeskColleagueAnswered,
    Field(discriminator="kind"),
]
STAFF_KINDS = (
    "note.added", "receipt.recorded", "mail.sent", "mail.failed", "visitor.identified",
    "offer.made", "offer.passed", "queue.moved", "sla.warned",
    "sla.breached", "route.chosen", "verdict.given", "colleague.asked", "colleague.answered",
)  # fmt: skip
