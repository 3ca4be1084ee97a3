"""Conversations that a company's own server holds for its users.

The server is trusted to say who its user is: `external_ref` is its own name for them. It speaks
as a visitor only in conversations of the API channel; what visitors wrote in a widget is theirs.
"""

from dataclasses import dataclass
from uuid import UUID

from django.utils import timezone

from accounts.errors import NotFound
from accounts.scope import workspace_scope
from chatbot import voices
from chatbot.errors import Conflict
from chatbot.models import Channel, Contact, Conversation, Owner, Status


@dataclass(frozen=True)
class Begun:
    """`created` is False where the contact's unresolved conversation goes on."""

    conversation_id: UUID
    contact_id: UUID
    created: bool


def begin(
    workspace_id: UUID, *, external_ref: str | None = None, name: str = "", language: str = ""
) -> Begun:
    """Begin a conversation, or find the unresolved one of the contact with this reference.

    So a repeated call with a reference is harmless. Without one each call begins anew. A language
    that the workspace does not offer gives way to its default one.
    """
    with workspace_scope(workspace_id):
        contact = _contact(workspace_id, external_ref, name)
        running = (
            Conversation.objects.filter(
                contact=contact, channel=Channel.API, merged_into__isnull=True
            )
            .exclude(status=Status.RESOLVED)
            .order_by("-created_at")
            .first()
        )
        conversation = running or Conversation.objects.create(
            workspace_id=workspace_id,
            channel=Channel.API,
            contact=contact,
            owner=Owner.BOT,
            language=voices.voice().language(language),
        )
    return Begun(conversation.id, contact.id, created=running is None)


def _contact(workspace_id: UUID, external_ref: str | None, name: str) -> Contact:
    """The contact, locked, so that two calls at once do not both begin a conversation."""
    if external_ref is None:
        return Contact.objects.create(
            workspace_id=workspace_id, name=name, last_seen_at=timezone.now()
        )
    Contact.objects.get_or_create(workspace_id=workspace_id, external_id=external_ref)
    contact = Contact.objects.select_for_update().get(external_id=external_ref)
    contact.name = name or contact.name
    contact.last_seen_at = timezone.now()
    contact.save(update_fields=["name", "last_seen_at"])
    return contact


def visitor_of(workspace_id: UUID, conversation_id: UUID) -> UUID:
    """The contact that the server may speak for here.

    Raises NotFound, and Conflict for a conversation that was not begun through the API.
    """
    with workspace_scope(workspace_id):
        row = Conversation.objects.filter(id=conversation_id).first()
    if row is None:
        raise NotFound("no such conversation")
    if row.channel != Channel.API:
        raise Conflict("This conversation was not begun through the API; it can only be read")
    return row.contact_id
