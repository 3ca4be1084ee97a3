"""Event frames as types: one for each kind, with its payload, for visitors and for the desk.

An event is numbered and stored; a client that missed some asks for them again. Visitors get the
kinds of VisitorEvent. The desk gets all kinds, with a staff_payload that visitors never see.
"""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

Owner = Literal["bot", "queue", "member"]
Status = Literal["open", "snoozed", "resolved"]


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Nothing(Part):
    """An empty object."""


class Citation(Part):
    number: int
    article_id: str
    title: str
    heading: str
    url: str
    quote: str


class Option(Part):
    """A quick reply. `label` is plain text."""

    number: int
    label: str


class Choice(Part):
    """The visitor chose this option of that clarifying question."""

    message_id: UUID
    option: int


class AttachmentPart(Part):
    """A file that was sent. `preview`: there is a small picture of it."""

    id: UUID
    name: str
    kind: Literal["png", "jpg", "webp", "pdf"]
    size: int
    width: int
    height: int
    pages: int
    preview: bool


class MessagePosted(Part):
    """`html` is sanitised and there for replies alone; `client_id` for what a person sent.

    `options` has two or three rows in a question with quick replies, and none elsewhere. `text`
    may be empty where `attachments` are there.
    """

    message_id: UUID
    turn_id: UUID | None
    author: Literal["visitor", "bot", "model", "member"]
    author_name: str | None
    text: str
    html: str | None
    slot: Literal["holding", "consent", "answer", "clarify", "colleague", "withdrawn"] | None
    client_id: str | None
    citations: list[Citation]
    options: list[Option] = []
    choice: Choice | None = None
    attachments: list[AttachmentPart] = []
    repeated: bool = False  # an earlier answer of the large model, given again
    created_at: datetime


class OwnerChanged(Part):
    """`text` is a line for the visitor."""

    owner: Owner
    agent_name: str | None
    reason: str
    text: str
    email_wanted: bool = False  # nobody is there: an address can be left by email.leave


class StatusChanged(Part):
    """`text` is a line for the visitor, empty where there is nothing to say."""

    status: Status
    owner: Owner
    reason: str
    text: str


class EscalationStarted(Part):
    """The large model was asked; its draft may stream as draft.appended."""

    turn_id: UUID
    text: str


class FeedbackGiven(Part):
    """`reason` in the visitor's own words; events of earlier versions have none."""

    message_id: UUID
    verdict: Literal["helped", "wrong"]
    reason: str = ""


class RatingGiven(Part):
    """`closing`: the seq of the status.changed event that is rated."""

    score: int
    comment: str
    closing: int


class PrechatGiven(Part):
    name: str
    email: str
    topic: str
    note: str


class EmailLeft(Part):
    """`text` is a line for the visitor."""

    email: str
    text: str


class EventFrame(Part):
    type: Literal["event"]
    seq: int
    created_at: datetime


class MessagePostedEvent(EventFrame):
    kind: Literal["message.posted"]
    payload: MessagePosted


class OwnerChangedEvent(EventFrame):
    kind: Literal["owner.changed"]
    payload: OwnerChanged


class StatusChangedEvent(EventFrame):
    kind: Literal["status.changed"]
    payload: StatusChanged


class EscalationStartedEvent(EventFrame):
    kind: Literal["escalation.started"]
    payload: EscalationStarted


class FeedbackGivenEvent(EventFrame):
    kind: Literal["feedback.given"]
    payload: FeedbackGiven


class RatingGivenEvent(EventFrame):
    kind: Literal["rating.given"]
    payload: RatingGiven


class PrechatGivenEvent(EventFrame):
    kind: Literal["prechat.given"]
    payload: PrechatGiven


class EmailLeftEvent(EventFrame):
    kind: Literal["email.left"]
    payload: EmailLeft


VisitorEvent = Annotated[
    MessagePostedEvent
    | OwnerChangedEvent
    | StatusChangedEvent
    | EscalationStartedEvent
    | FeedbackGivenEvent
    | RatingGivenEvent
    | PrechatGivenEvent
    | EmailLeftEvent,
    Field(discriminator="kind"),
]
VISITOR_KINDS = (
    "message.posted", "owner.changed", "status.changed", "escalation.started", "feedback.given",
    "rating.given", "prechat.given", "email.left",
)  # fmt: skip
