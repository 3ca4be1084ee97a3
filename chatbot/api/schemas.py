"""What the API takes and gives. Bodies with unknown fields are refused."""

from datetime import datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from chatbot.attachments import part
from chatbot.models import Conversation, Message, Receipt
from chatbot.protocol_events import Check
from chatbot.rendering import choice_of, options_of
from chatbot.texts import MAX_CLIENT_ID
from knowledge.parsing.document import LONGEST_TITLE, LONGEST_URL


def _printable(value: str) -> str:
    if not value.isprintable():
        raise ValueError("only printable characters")
    return value


Line = Annotated[str, AfterValidator(_printable)]
OwnerName = Literal["bot", "queue", "member"]
StatusName = Literal["open", "snoozed", "resolved"]


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ConversationStart(Body):
    """Who the user is, as far as your server says. With `external_ref` a repeat is harmless.

    Without a `language` that the workspace offers, its default one is spoken.
    """

    external_ref: Annotated[Line, Field(min_length=1, max_length=200)] | None = None
    name: Annotated[Line, Field(max_length=120)] = ""
    language: Literal["en", "ru"] | None = None


class MessageSend(Body):
    """`client_id` is yours; a message sent twice with the same one is stored once."""

    client_id: Annotated[Line, Field(min_length=1, max_length=MAX_CLIENT_ID)]
    text: str


class OptionChoose(Body):
    """`option`: its number in the message's `options`. `client_id` as for a message."""

    client_id: Annotated[Line, Field(min_length=1, max_length=MAX_CLIENT_ID)]
    option: Annotated[int, Field(ge=1, le=3)]


class FeedbackGive(Body):
    verdict: Literal["helped", "wrong"]
    reason: Annotated[str, Field(max_length=500)] = ""


class ArticlePut(Body):
    """What is left out stays as it is; a new article is public, English and Markdown.

    `draft`: the text waits until a member publishes it. So it does anyway in a workspace that
    reviews what is imported.
    """

    title: Annotated[Line, Field(min_length=1, max_length=LONGEST_TITLE)]
    text: Annotated[str, Field(min_length=1)]
    url: Annotated[Line, Field(max_length=LONGEST_URL)] | None = None
    lang: Annotated[Line, Field(min_length=2, max_length=12)] | None = None
    audience: Literal["public", "signed_in", "internal"] | None = None
    format: Literal["markdown", "text"] | None = None
    draft: bool = False


class ContactOut(BaseModel):
    id: UUID
    name: str
    external_ref: str | None


class ConversationOut(BaseModel):
    """`last_seq` is the number of the newest event that the visitor may see."""

    id: UUID
    channel: str
    owner: OwnerName
    status: StatusName
    agent_name: str | None
    language: str
    contact: ContactOut
    last_seq: int
    created_at: datetime
    last_message_at: datetime | None
    queued_at: datetime | None

    @classmethod
    def of(cls, row: Conversation) -> Self:
        """`row` with its contact and owner_member loaded."""
        return cls.model_validate(
            {
                "id": row.id,
                "channel": row.channel,
                "owner": row.owner,
                "status": row.status,
                "agent_name": row.owner_member.display_name if row.owner_member else None,
                "language": row.language,
                "contact": {
                    "id": row.contact_id,
                    "name": row.contact.name,
                    "external_ref": row.contact.external_id,
                },
                "last_seq": row.visitor_seq,
                "created_at": row.created_at,
                "last_message_at": row.last_message_at,
                "queued_at": row.queued_at,
            }
        )


class ConversationPage(BaseModel):
    conversations: list[ConversationOut]
    next_cursor: str | None


class MessageAccepted(BaseModel):
    """`created` is false for a message that was stored before."""

    message_id: UUID
    seq: int
    created: bool


class OptionOut(BaseModel):
    """What a clarifying question offers. `label` is plain text."""

    number: int
    label: str


class ChoiceOut(BaseModel):
    """The user chose this option of that message."""

    message_id: UUID
    option: int


class AttachmentOut(BaseModel):
    """A file that was sent with a message. `size`: bytes; `pages`: of a PDF, else 0.

    `width`, `height`: of a picture, else 0. `preview`: there is a small picture of it.
    """

    id: UUID
    name: str
    kind: Literal["png", "jpg", "webp", "pdf"]
    size: int
    width: int
    height: int
    pages: int
    preview: bool


class MessageOut(BaseModel):
    """`check`: how the check of an answer stands that was given at once; null where none is due."""

    id: UUID
    turn_id: UUID | None
    author: Literal["visitor", "bot", "model", "member"]
    author_name: str | None
    text: str
    citations: list[dict[str, Any]]
    options: list[OptionOut]
    choice: ChoiceOut | None
    attachments: list[AttachmentOut]
    client_id: str | None
    repeated: bool = Field(description="An earlier answer of the large model, given again.")
    created_at: datetime
    check: Check | None

    @classmethod
    def of(cls, row: Message) -> Self:
        """`row` with its member and its attachments loaded."""
        return cls.model_validate(
            {
                "id": row.id,
                "turn_id": row.turn_id,
                "author": row.author,
                "author_name": row.member.display_name if row.member else None,
                "text": row.text,
                "citations": row.citations,
                "options": options_of(row),
                "choice": choice_of(row),
                "attachments": [part(one) for one in row.attachments.all()],
                "client_id": row.client_id,
                "repeated": row.repeated,
                "created_at": row.created_at,
                "check": row.check_state or None,
            }
        )


class MessagePage(BaseModel):
    messages: list[MessageOut]
    next_cursor: str | None


class EventOut(BaseModel):
    """As on the socket: see docs/protocol.md for the kinds and their payloads."""

    type: Literal["event"]
    seq: int
    kind: str
    payload: dict[str, Any]
    created_at: datetime


class EventPage(BaseModel):
    """`last_seq` is the newest number there is; ask again while it is above the last event's."""

    events: list[EventOut]
    last_seq: int


class ReceiptOut(BaseModel):
    """Why a reply said what it said."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    turn_id: UUID
    tier: int
    decision: str
    reason: str
    confidence: float
    threshold: float | None
    risk: float | None
    evidence: list[dict[str, Any]]
    models_version: str
    stages_ms: dict[str, float]
    cost_usd: float
    route: dict[str, Any]
    cached: bool = Field(description="An earlier answer of the large model was given again.")
    created_at: datetime

    @classmethod
    def of(cls, row: Receipt) -> Self:
        return cls.model_validate(row)


class ArticleSummary(BaseModel):
    """`state`: published, when its text answers; failed, when indexing gave up; draft, when it was
    never published."""

    doc_id: str
    title: str
    url: str
    lang: str
    audience: Literal["public", "signed_in", "internal"]
    state: Literal["draft", "indexing", "failed", "published", "archived"]
    updated_at: datetime


class ArticleOut(ArticleSummary):
    """With the newest revision's title and text, which may still be indexing.

    `draft_revision`: the number of the draft that waits, and `draft_state` for what: "draft" to be
    finished, "review" to be published by a member, "returned" to be changed.
    """

    text: str
    format: str
    revision: int
    draft_revision: int | None
    draft_state: Literal["", "draft", "review", "returned"]


class ArticlePage(BaseModel):
    articles: list[ArticleSummary]
    next_cursor: str | None
