"""The frames that the server sends, as types. The sockets' tests check every frame against this."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field, TypeAdapter

from chatbot import protocol
from chatbot.protocol_desk_events import DeskEvent
from chatbot.protocol_events import Owner, Part, Status, VisitorEvent
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


class QueuePlaced(Part):
    """The visitor's place in line, from 1. `expected_wait_s` is null where too little is known."""

    type: Literal["queue.placed"]
    position: int
    expected_wait_s: int | None


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


class EarlierConversation(Part):
    """`preview` is the beginning of what the visitor said first."""

    id: UUID
    status: Status
    started_at: datetime
    last_message_at: datetime
    preview: str


class ConversationsListed(Part):
    """The visitor's other conversations, newest first, a page of them."""

    type: Literal["conversations.listed"]
    conversations: list[EarlierConversation]
    more: bool


class HistoryShown(Part):
    """Events of an earlier conversation, to be read; the session's own goes on as it is."""

    type: Literal["history.shown"]
    conversation_id: UUID
    events: list[VisitorEvent]
    more: bool


class DeskStarted(Part):
    type: Literal["desk.started"]
    member_id: UUID
    name: str
    role: str


class AgentPart(Part):
    """`load`: conversations that they have or are offered."""

    id: UUID
    name: str
    state: Literal["available", "away", "offline"]
    load: int
    capacity: int


class QueuePart(Part):
    """`own`: this agent belongs to it."""

    id: UUID
    name: str
    waiting: int
    own: bool


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


class ClockPart(Part):
    """An SLA target that runs: a warning from `soon_at`, late from `due_at`."""

    kind: Literal["first_reply", "next_reply", "resolution"]
    soon_at: datetime
    due_at: datetime


class PlacePart(Part):
    """Where a conversation stands with people; `awaiting_since`: the visitor waits for a reply."""

    queue_id: UUID
    queue: str
    priority: Literal["normal", "high", "urgent"]
    awaiting_since: datetime | None
    offered_to: UUID | None
    offered_name: str | None
    offered_until: datetime | None
    clocks: list[ClockPart]


class AttentionPart(Part):
    """A conversation that waits, or one of this agent's own."""

    id: UUID
    contact: ContactPart
    place: PlacePart | None
    preview: str
    waits: bool
    wrote_seq: int


class DeskStaffed(Part):
    """This agent's state, who is there, how many wait in each queue, and what is pressing."""

    type: Literal["desk.staffed"]
    state: Literal["available", "away", "offline"]
    agents: list[AgentPart]
    queues: list[QueuePart]
    attention: list[AttentionPart]


class ListedConversation(ConversationState):
    preview: str
    handoff_reason: str | None
    place: PlacePart | None


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


class InboxChanged(Part):
    """These conversations may stand elsewhere in the inbox now; none where that is not known."""

    type: Literal["inbox.changed"]
    conversation_ids: list[UUID]


class OpenedConversation(ConversationState):
    """`context`: what the page around the widget said with `context.set`."""

    context: dict[str, str]
    visitor_seq: int
    staff_seq: int
    place: PlacePart | None


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


class PresenceShown(Part):
    """A member's desk shows the conversation, or not any more. Said again every few seconds."""

    type: Literal["presence.shown"]
    conversation_id: UUID
    member_id: UUID
    name: str
    state: Literal["looking", "writing", "left"]


class PaneChanged(Part):
    """What stands beside the conversation is another by now: ask for it again."""

    type: Literal["pane.changed"]
    conversation_id: UUID


class NoticeMade(Part):
    """Something for this member: they were named in a note, or the bot asks them something."""

    type: Literal["notice.made"]
    about: Literal["mention", "question"]
    conversation_id: UUID
    name: str


VisitorFrame = Annotated[
    SessionStarted
    | MessageAccepted
    | TranscriptAccepted
    | VisitorEvent
    | QueuePlaced
    | AgentTyping
    | DraftAppended
    | DraftDropped
    | ConversationsListed
    | HistoryShown
    | ErrorFrame
    | Pong,
    Field(discriminator="type"),
]
DeskFrame = Annotated[
    DeskStarted
    | DeskStaffed
    | QueueChanged
    | InboxChanged
    | ConversationOpened
    | DeskEvent
    | Done
    | VisitorTyping
    | PresenceShown
    | PaneChanged
    | NoticeMade
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
