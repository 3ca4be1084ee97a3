"""Conversations: begin, list, read, speak as the user, ask for a person, give feedback."""

from typing import Annotated
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Status
from pydantic import Field

from accounts.access import ApiPrincipal
from accounts.errors import NotFound
from accounts.scope import workspace_scope
from chatbot import external, intake, reading
from chatbot.api import cursors
from chatbot.api.errors import ErrorOut
from chatbot.api.keys import READERS, WRITERS, principal
from chatbot.api.schemas import (
    ConversationOut,
    ConversationPage,
    ConversationStart,
    EventOut,
    EventPage,
    FeedbackGive,
    MessageAccepted,
    MessageOut,
    MessagePage,
    MessageSend,
    OptionChoose,
    OwnerName,
    StatusName,
)
from chatbot.models import Conversation, Message

router = Router(tags=["conversations"])
REFUSED = frozenset({400, 401, 403, 404, 409, 413, 422, 429})
ANYBODY = ConversationStart()  # for a request without a body
Limit = Annotated[int, Field(ge=1, le=100)]
AfterSeq = Annotated[int, Field(ge=0, le=2**31 - 1)]
Cursor = Annotated[str, Field(max_length=1000)]


def conversation(who: ApiPrincipal, conversation_id: UUID) -> ConversationOut:
    """Raises NotFound for one that is not the key's workspace's."""
    with workspace_scope(who.workspace_id):
        rows = Conversation.objects.select_related("contact", "owner_member")
        row = rows.filter(id=conversation_id).first()
        if row is None:
            raise NotFound("no such conversation")
        return ConversationOut.of(row)


@router.post(
    "/conversations",
    response={200: ConversationOut, 201: ConversationOut, REFUSED: ErrorOut},
    operation_id="start_conversation",
)
def start(request: HttpRequest, body: ConversationStart = ANYBODY) -> Status[ConversationOut]:
    """Begin a conversation (201), or find the user's unresolved one by external_ref (200)."""
    who = principal(request, WRITERS)
    begun = external.begin(
        who.workspace_id,
        external_ref=body.external_ref,
        name=body.name,
        language=body.language or "",
    )
    return Status(201 if begun.created else 200, conversation(who, begun.conversation_id))


@router.get(
    "/conversations",
    response={200: ConversationPage, REFUSED: ErrorOut},
    operation_id="list_conversations",
)
def index(
    request: HttpRequest,
    *,
    owner: OwnerName | None = None,
    status: StatusName | None = None,
    cursor: Cursor | None = None,
    limit: Limit = 50,
) -> ConversationPage:
    """The workspace's conversations of every channel, newest first."""
    who = principal(request, READERS)
    with workspace_scope(who.workspace_id):
        rows = Conversation.objects.select_related("contact", "owner_member").order_by("-id")
        if owner:
            rows = rows.filter(owner=owner)
        if status:
            rows = rows.filter(status=status)
        if cursor:
            rows = rows.filter(id__lt=cursors.decode_id(cursor))
        found = list(rows[: limit + 1])
    page = found[:limit]
    return ConversationPage(
        conversations=[ConversationOut.of(row) for row in page],
        next_cursor=cursors.encode(str(page[-1].id)) if len(found) > limit else None,
    )


@router.get(
    "/conversations/{uuid:conversation_id}",
    response={200: ConversationOut, REFUSED: ErrorOut},
    operation_id="get_conversation",
)
def show(request: HttpRequest, conversation_id: UUID) -> ConversationOut:
    """One conversation as it is now."""
    return conversation(principal(request, READERS), conversation_id)


@router.post(
    "/conversations/{uuid:conversation_id}/messages",
    response={200: MessageAccepted, 201: MessageAccepted, REFUSED: ErrorOut},
    operation_id="send_message",
)
def send(request: HttpRequest, conversation_id: UUID, body: MessageSend) -> Status[MessageAccepted]:
    """Send what your user wrote (201). The same client_id again changes nothing (200)."""
    who = principal(request, WRITERS)
    posted = intake.post_visitor_message(
        who.workspace_id,
        conversation_id,
        external.visitor_of(who.workspace_id, conversation_id),
        client_id=body.client_id,
        text=body.text,
    )
    return _accepted(posted)


@router.post(
    "/conversations/{uuid:conversation_id}/messages/{uuid:message_id}/choice",
    response={200: MessageAccepted, 201: MessageAccepted, REFUSED: ErrorOut},
    operation_id="choose_option",
)
def choose(
    request: HttpRequest, conversation_id: UUID, message_id: UUID, body: OptionChoose
) -> Status[MessageAccepted]:
    """Answer a clarifying question by one of its options, which becomes a message (201)."""
    who = principal(request, WRITERS)
    posted = intake.choose_option(
        who.workspace_id,
        conversation_id,
        external.visitor_of(who.workspace_id, conversation_id),
        client_id=body.client_id,
        choice=intake.Choice(message_id, body.option),
    )
    return _accepted(posted)


def _accepted(posted: intake.Posted) -> Status[MessageAccepted]:
    accepted = MessageAccepted(message_id=posted.message_id, seq=posted.seq, created=posted.created)
    return Status(201 if posted.created else 200, accepted)


@router.get(
    "/conversations/{uuid:conversation_id}/messages",
    response={200: MessagePage, REFUSED: ErrorOut},
    operation_id="list_messages",
)
def messages(
    request: HttpRequest,
    conversation_id: UUID,
    *,
    cursor: Cursor | None = None,
    limit: Limit = 50,
) -> MessagePage:
    """What visitor, bot and agents wrote, oldest first. Internal notes are not messages."""
    who = principal(request, READERS)
    conversation(who, conversation_id)
    with workspace_scope(who.workspace_id):
        rows = Message.objects.select_related("member").filter(conversation_id=conversation_id)
        rows = rows.order_by("id").prefetch_related("attachments")
        if cursor:
            rows = rows.filter(id__gt=cursors.decode_id(cursor))
        found = list(rows[: limit + 1])
    page = found[:limit]
    return MessagePage(
        messages=[MessageOut.of(row) for row in page],
        next_cursor=cursors.encode(str(page[-1].id)) if len(found) > limit else None,
    )


@router.get(
    "/conversations/{uuid:conversation_id}/events",
    response={200: EventPage, REFUSED: ErrorOut},
    operation_id="list_events",
)
def events(request: HttpRequest, conversation_id: UUID, after_seq: AfterSeq = 0) -> EventPage:
    """At most 500 events after this number, as the visitor sees them, oldest first."""
    who = principal(request, READERS)
    last_seq = conversation(who, conversation_id).last_seq
    frames = reading.visitor_events(who.workspace_id, conversation_id, after_seq)
    found = [EventOut.model_validate(frame) for frame in frames]
    return EventPage(events=found, last_seq=max([last_seq, *(event.seq for event in found)]))


@router.post(
    "/conversations/{uuid:conversation_id}/person",
    response={200: ConversationOut, REFUSED: ErrorOut},
    operation_id="request_person",
)
def person(request: HttpRequest, conversation_id: UUID) -> ConversationOut:
    """Ask for a person. Harmless where one is on the way already."""
    who = principal(request, WRITERS)
    contact_id = external.visitor_of(who.workspace_id, conversation_id)
    intake.request_person(who.workspace_id, conversation_id, contact_id)
    return conversation(who, conversation_id)


@router.post(
    "/conversations/{uuid:conversation_id}/messages/{uuid:message_id}/feedback",
    response={204: None, REFUSED: ErrorOut},
    operation_id="give_feedback",
)
def feedback(
    request: HttpRequest, conversation_id: UUID, message_id: UUID, body: FeedbackGive
) -> Status[None]:
    """What your user thinks of a reply. The same verdict again changes nothing."""
    who = principal(request, WRITERS)
    intake.give_feedback(
        who.workspace_id,
        conversation_id,
        external.visitor_of(who.workspace_id, conversation_id),
        message_id=message_id,
        verdict=body.verdict,
        reason=body.reason,
    )
    return Status(204, None)
