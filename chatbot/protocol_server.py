"""The frames that the server sends, as types. The sockets' tests check every frame against this."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field, TypeAdapter

from chatbot import protocol
from chatbot.protocol_events import DeskEvent, Owner, Part, Status, VisitorEvent
from chatbot.texts import MAX_CLIENT_ID, MAX_TEXT

CLOSE_CODES = {
    protocol.CLOSE_ABUSE: "too many errors in a minute",
    protocol.CLOSE_NOT_ALLOWED: "not allowed any longer",
    protocol.CLOSE_NO_START: "no start in time",
    protocol.CLOSE_TOO_LARGE: "frame far too large",
}


class ErrorFrame(Part):
    """Nothing was changed. The ids are those of the command that was refused, where it had some."""

    type: Literal["error"]
    code: Literal[protocol.ERROR_CODES]  # type: ignore[valid-type]  # one list of codes, not two
    message: str
    client_id: str | None = None
    request_id: str | None = None
    retry_after_s: int | None = None


class Pong(Part):
    type: Literal["pong"]


class PrechatField(Part):
    """`options`: what a topic is chosen from, else empty."""

    name: Literal["name", "email", "topic", "note"]
    label: str
    required: bool
    options: list[str]


class SessionStarted(Part):
    """`token` is the visitor's secret: keep it, and send it with the next session.start.

    Comes again after session.identify. `is_other`: this browser was somebody else's before, and
    what it keeps of them is to go. `prechat`: to be filled in before the first message.
    """

    type: Literal["session.started"]
    token: str
    conversation_id: UUID
    seq: int
    owner: Owner
    status: Status
    agent_name: str | None
    bot_name: str
    greeting: str
    disclosure: str
    language: str
    identified: bool = False
    is_other: bool = False
    prechat: list[PrechatField] = []


class MessageAccepted(Part):
    """The message is stored. `seq` is the number of its message.posted event."""

    type: Literal["message.accepted"]
    client_id: str
    message_id: UUID
    seq: int


class TranscriptAccepted(Part):
    """The mail is on its way; with `confirm` it holds a link that must be opened first."""

    type: Literal["transcript.accepted"]
    email: str
    confirm: bool


class AgentTyping(Part):
    type: Literal["typing.started"]
    who: Literal["agent"]
    name: str


class DraftAppended(Part):
    """One or more checked sentences to append to the draft of this turn; plain text."""

    type: Literal["draft.appended"]
    turn_id: UUID
    seq: int
    text: str


class DraftDropped(Part):
    type: Literal["draft.dropped"]
    turn_id: UUID


class DeskStarted(Part):
    type: Literal["desk.started"]
    member_id: UUID
    name: str
    role: str


class ContactPart(Part):
    id: UUID
    name: str


class ConversationState(Part):
    id: UUID
    owner: Owner
    owner_member_id: UUID | None
    agent_name: str | None
    status: Status
    queued_at: datetime | None
    last_message_at: datetime | None
    contact: ContactPart
    language: str
    channel: Literal["widget", "api", "email"]


class ListedConversation(ConversationState):
    preview: str
    handoff_reason: str | None


class Counts(Part):
    waiting: int
    mine: int
    others: int


class QueueChanged(Part):
    """The agent's three lists as they are now, each at most 100 rows, with the true counts."""

    type: Literal["queue.changed"]
    waiting: list[ListedConversation]
    mine: list[ListedConversation]
    others: list[ListedConversation]
    counts: Counts


class OpenedConversation(ConversationState):
    visitor_seq: int
    staff_seq: int


class ConversationOpened(Part):
    type: Literal["conversation.opened"]
    conversation: OpenedConversation
    seq: int


class Done(Part):
    """The action of this request_id is carried out. `message_id` is there after message.reply."""

    type: Literal["done"]
    request_id: str
    message_id: UUID | None = None


class VisitorTyping(Part):
    type: Literal["typing.started"]
    who: Literal["visitor"]
    conversation_id: UUID


VisitorFrame = Annotated[
    SessionStarted
    | MessageAccepted
    | TranscriptAccepted
    | VisitorEvent
    | AgentTyping
    | DraftAppended
    | DraftDropped
    | ErrorFrame
    | Pong,
    Field(discriminator="type"),
]
DeskFrame = Annotated[
    DeskStarted
    | QueueChanged
    | ConversationOpened
    | DeskEvent
    | Done
    | VisitorTyping
    | ErrorFrame
    | Pong,
    Field(discriminator="type"),
]
visitor_frames: TypeAdapter[Any] = TypeAdapter(VisitorFrame)
desk_frames: TypeAdapter[Any] = TypeAdapter(DeskFrame)


def schema() -> dict[str, Any]:
    """JSON Schema of every frame in both directions, with limits, error codes and close codes."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Firstline sockets",
        "version": protocol.VERSION,
        "visitor": {
            "client": protocol.visitor_commands.json_schema(),
            "server": visitor_frames.json_schema(),
        },
        "desk": {
            "client": protocol.desk_commands.json_schema(),
            "server": desk_frames.json_schema(),
        },
        "error_codes": list(protocol.ERROR_CODES),
        "close_codes": {str(code): meaning for code, meaning in CLOSE_CODES.items()},
        "limits": {
            "frame_bytes": protocol.MAX_FRAME_BYTES,
            "closing_frame_characters": protocol.CLOSE_BYTES,
            "text_characters": MAX_TEXT,
            "client_id_characters": MAX_CLIENT_ID,
            "start_timeout_s": protocol.START_TIMEOUT_S,
            "errors_in_a_minute": protocol.MAX_ERRORS,
            "frames_at_once": protocol.FRAMES_AT_ONCE,
            "frames_per_s": protocol.FRAMES_PER_S,
        },
    }
