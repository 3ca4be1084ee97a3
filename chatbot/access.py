"""A visitor's own conversation, and nobody else's."""

from uuid import UUID

from accounts.errors import NotFound
from chatbot import events
from chatbot.models import Conversation


def own_conversation(conversation_id: UUID, contact_id: UUID) -> Conversation:
    """The conversation, locked. Raises NotFound if it is not this contact's. Needs a scope."""
    try:
        conversation = events.lock(conversation_id)
    except Conversation.DoesNotExist:
        raise NotFound("no such conversation") from None
    if conversation.contact_id != contact_id:
        raise NotFound("no such conversation")
    return conversation
