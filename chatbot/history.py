"""A visitor's own earlier conversations: the list, reading one, and beginning a new one.

Everything is looked up by the contact of the session, so another visitor's is not found.
"""

from typing import Any
from uuid import UUID

from accounts.errors import NotFound
from accounts.scope import workspace_scope
from chatbot import reading
from chatbot.errors import Conflict
from chatbot.models import Author, Contact, Conversation, Message, Status
from chatbot.sessions import latest_conversation

PAGE = 20
PREVIEW = 120


def earlier(
    workspace_id: UUID, conversation_id: UUID, contact_id: UUID, *, before: UUID | None = None
) -> dict[str, Any]:
    """The contact's other conversations in which something was said, newest first."""
    with workspace_scope(workspace_id):
        rows = Conversation.objects.filter(
            contact_id=contact_id, merged_into__isnull=True, last_message_at__isnull=False
        ).exclude(id=conversation_id)
        if before:
            rows = rows.filter(id__lt=before)  # ids grow with time
        found = list(rows.order_by("-id")[: PAGE + 1])
        said: dict[UUID, str] = dict(
            Message.objects.filter(conversation__in=found[:PAGE], author=Author.VISITOR)
            .order_by("conversation_id", "created_at", "id")
            .distinct("conversation_id")
            .values_list("conversation_id", "text")
        )
    listed = [
        {
            "id": str(row.id),
            "status": Status.OPEN if row.status == Status.SNOOZED else row.status,
            "started_at": row.created_at.isoformat(),
            "last_message_at": (row.last_message_at or row.created_at).isoformat(),
            "preview": said.get(row.id, "")[:PREVIEW],
        }
        for row in found[:PAGE]
    ]
    return {"conversations": listed, "more": len(found) > PAGE}


def read(
    workspace_id: UUID, conversation_id: UUID, contact_id: UUID, *, after_seq: int
) -> dict[str, Any]:
    """Events of one of the contact's conversations. Raises NotFound for anybody else's."""
    with workspace_scope(workspace_id):
        own = Conversation.objects.filter(id=conversation_id, contact_id=contact_id)
        if not own.exists():
            raise NotFound("no such conversation")
    found = reading.visitor_events(workspace_id, conversation_id, after_seq)
    more = len(found) == reading.EVENTS_PAGE
    return {"conversation_id": str(conversation_id), "events": found, "more": more}


def start_new(workspace_id: UUID, conversation_id: UUID, contact_id: UUID) -> UUID:
    """A new conversation after the last one was resolved.

    Of two windows that begin one at once both get the same. Raises Conflict while it goes on.
    """
    with workspace_scope(workspace_id):
        contact = Contact.objects.select_for_update().get(id=contact_id)
        latest = latest_conversation(contact)
        if latest is None:
            raise NotFound("no such conversation")
        if latest.id != conversation_id:
            return latest.id
        if latest.status != Status.RESOLVED:
            raise Conflict("This conversation is not closed yet")
        begun = Conversation.objects.create(
            workspace_id=workspace_id,
            channel=latest.channel,
            contact=contact,
            widget_id=latest.widget_id,
            language=latest.language,
        )
        return begun.id
