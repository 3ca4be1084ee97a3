"""The frames that clients send, as types; chatbot.protocol_server has those of the server.

Commands are validated strictly; what does not fit gets an error frame and changes nothing. A test
compares docs/protocol.md and the schema with both.
"""

import json
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from chatbot.errors import Invalid
from chatbot.texts import MAX_CLIENT_ID, MAX_FILES

VERSION = 1
MAX_FRAME_BYTES = 16_384
CLOSE_BYTES = 65_536
START_TIMEOUT_S = 10.0
MAX_ERRORS = 20  # in a minute
FRAMES_AT_ONCE, FRAMES_PER_S = 60, 10.0
CLOSE_ABUSE, CLOSE_NOT_ALLOWED, CLOSE_NO_START, CLOSE_TOO_LARGE = 4400, 4403, 4408, 1009

ERROR_CODES = (
    "bad_json", "bad_frame", "unknown_type", "frame_too_large", "text_too_long", "empty_text",
    "not_started", "already_started", "not_found", "not_allowed", "rate_limited", "conflict",
    "overtaken", "unseen", "withdrawn", "server_error",
    "prechat_required", "bad_email", "bad_identity",
)  # fmt: skip
HARMLESS_ERRORS = frozenset(
    {"conflict", "overtaken", "unseen", "withdrawn"}
)  # these close no socket, however many there are

ClientId = Annotated[str, Field(min_length=1, max_length=MAX_CLIENT_ID)]
Attachments = Annotated[list[UUID], Field(max_length=MAX_FILES)]
Seq = Annotated[int, Field(ge=0, le=2**31 - 1)]


class Frame(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=False)


class SessionStart(Frame):
    type: Literal["session.start"]
    token: Annotated[str, Field(max_length=100)] | None = None
    after_seq: Seq = 0
    language: Annotated[str, Field(max_length=12)] = "en"


class MessageSend(Frame):
    type: Literal["message.send"]
    client_id: ClientId
    text: str
    attachments: Attachments = []


class OptionChoose(Frame):
    type: Literal["option.choose"]
    client_id: ClientId
    message_id: UUID
    option: Annotated[int, Field(ge=1, le=3)]


class PersonRequest(Frame):
    type: Literal["person.request"]


class WaitCancel(Frame):
    type: Literal["wait.cancel"]


class ConsentWithdraw(Frame):
    type: Literal["consent.withdraw"]


class FeedbackGive(Frame):
    type: Literal["feedback.give"]
    message_id: UUID
    verdict: Literal["helped", "wrong"]
    reason: Annotated[str, Field(max_length=500)] = ""


class SessionIdentify(Frame):
    """`token`: null where the visitor logged out on the site."""

    type: Literal["session.identify"]
    token: Annotated[str, Field(max_length=4_096)] | None


class PrechatSubmit(Frame):
    type: Literal["prechat.submit"]
    name: str = ""
    email: str = ""
    topic: str = ""
    note: str = ""


class EmailLeave(Frame):
    type: Literal["email.leave"]
    email: str


class SolvedSay(Frame):
    type: Literal["conversation.resolve"]


class RatingGive(Frame):
    type: Literal["rating.give"]
    score: Annotated[int, Field(ge=1, le=5)]
    comment: str = ""


class TranscriptRequest(Frame):
    type: Literal["transcript.request"]
    email: str = ""


class TypingStart(Frame):
    type: Literal["typing.start"]


class ContextSet(Frame):
    type: Literal["context.set"]
    context: dict[str, str]


class ConversationsList(Frame):
    type: Literal["conversations.list"]
    before: UUID | None = None


class HistoryRead(Frame):
    type: Literal["history.read"]
    conversation_id: UUID
    after_seq: Seq = 0


class ConversationStart(Frame):
    type: Literal["conversation.start"]


class EventsResume(Frame):
    type: Literal["events.resume"]
    after_seq: Seq


class Ping(Frame):
    type: Literal["ping"]


VisitorCommand = Annotated[
    SessionStart
    | MessageSend
    | OptionChoose
    | PersonRequest
    | WaitCancel
    | ConsentWithdraw
    | FeedbackGive
    | SessionIdentify
    | PrechatSubmit
    | EmailLeave
    | SolvedSay
    | RatingGive
    | TranscriptRequest
    | TypingStart
    | ContextSet
    | ConversationsList
    | HistoryRead
    | ConversationStart
    | EventsResume
    | Ping,
    Field(discriminator="type"),
]


class DeskStart(Frame):
    type: Literal["desk.start"]
    lists: bool = True


class _OfConversation(Frame):
    conversation_id: UUID


class ConversationOpen(_OfConversation):
    type: Literal["conversation.open"]
    after_seq: Seq = 0


class ConversationClose(_OfConversation):
    type: Literal["conversation.close"]


class _Requested(_OfConversation):
    request_id: ClientId


class ConversationClaim(_Requested):
    type: Literal["conversation.claim"]


class ConversationTakeOver(_Requested):
    type: Literal["conversation.take_over"]


class ConversationGiveBack(_Requested):
    type: Literal["conversation.give_back"]


class ConversationRelease(_Requested):
    type: Literal["conversation.release"]


class ConversationResolve(_Requested):
    type: Literal["conversation.resolve"]
    seen_seq: Seq | None = None


class ConversationTransfer(_Requested):
    """To exactly one of `to_member` and `to_queue`; a `note` is for members alone."""

    type: Literal["conversation.transfer"]
    client_id: ClientId
    to_member: UUID | None = None
    to_queue: UUID | None = None
    note: str = ""

    @model_validator(mode="after")
    def _one_goal(self) -> Self:
        if (self.to_member is None) == (self.to_queue is None):
            raise ValueError("name to_member or to_queue")
        return self


class PresenceSet(Frame):
    type: Literal["presence.set"]
    request_id: ClientId
    state: Literal["available", "away"]


class MessageReply(_Requested):
    type: Literal["message.reply"]
    client_id: ClientId
    text: str
    suggestion_id: UUID | None = None
    seen_seq: Seq | None = None
    attachments: Attachments = []


class NoteAdd(_Requested):
    type: Literal["note.add"]
    client_id: ClientId
    text: str


class DeskTyping(_OfConversation):
    type: Literal["typing.start"]


class PresenceShow(_OfConversation):
    type: Literal["presence.show"]
    state: Literal["looking", "writing", "left"]


DeskCommand = Annotated[
    DeskStart
    | ConversationOpen
    | ConversationClose
    | ConversationClaim
    | ConversationTakeOver
    | ConversationGiveBack
    | ConversationRelease
    | ConversationResolve
    | ConversationTransfer
    | PresenceSet
    | MessageReply
    | NoteAdd
    | DeskTyping
    | PresenceShow
    | Ping,
    Field(discriminator="type"),
]

visitor_commands: TypeAdapter[Any] = TypeAdapter(VisitorCommand)
desk_commands: TypeAdapter[Any] = TypeAdapter(DeskCommand)


def parse(commands: TypeAdapter[Any], text: str) -> Any:
    """One command. Raises Invalid with the error code and a text that names the field."""
    if len(text.encode("utf-8", "surrogatepass")) > MAX_FRAME_BYTES:
        raise Invalid(f"At most {MAX_FRAME_BYTES} bytes", code="frame_too_large")
    try:
        raw = json.loads(text)
    except (ValueError, RecursionError):
        raise Invalid("The frame is not JSON", code="bad_json") from None
    if not isinstance(raw, dict) or not isinstance(raw.get("type"), str):
        raise Invalid("The frame must be an object with a type", code="bad_frame")
    try:
        return commands.validate_python(raw)
    except ValidationError as error:
        raise _unfit(error) from None


def _unfit(error: ValidationError) -> Invalid:
    """The first field that does not fit. Its name may be the client's, so it is made printable."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    if first["type"] == "union_tag_invalid":
        return Invalid("Unknown type of frame", code="unknown_type")
    field = ".".join(str(part) for part in first["loc"][1:]) or "frame"
    message = f"{field}: {first['msg']}"[:200]
    return Invalid(message.encode("utf-8", "replace").decode(), code="bad_frame")


def error_frame(code: str, message: str, **more: Any) -> dict[str, Any]:
    return {"type": "error", "code": code, "message": message, **more}
