"""What visitors say of how they are reached: the form before the chat, an address for the answer.

Each function is one transaction.
"""

from collections.abc import Mapping
from uuid import UUID

from accounts.scope import workspace_scope
from chatbot import events, mailing, phrases, prechat, reply_mail, voices
from chatbot.access import own_conversation
from chatbot.errors import Conflict
from chatbot.models import Contact, Owner, ReplyMail


def fill_form(
    workspace_id: UUID, conversation_id: UUID, contact_id: UUID, *, given: Mapping[str, str]
) -> None:
    """Keep what was filled in before the first message. Raises Invalid, Conflict."""
    with workspace_scope(workspace_id):
        conversation = own_conversation(conversation_id, contact_id)
        prechat.submit(conversation, Contact.objects.get(id=contact_id), given)


def leave_email(workspace_id: UUID, conversation_id: UUID, contact_id: UUID, *, email: str) -> None:
    """Agents' replies go to this address as well. The same one again changes nothing.

    Raises Invalid for what is no address, and Conflict where nobody answers by mail, or no person
    has the conversation.
    """
    email = mailing.checked_address(email)
    with workspace_scope(workspace_id):
        conversation = own_conversation(conversation_id, contact_id)
        if conversation.owner == Owner.BOT or not reply_mail.offered():
            raise Conflict("Nobody answers by mail here")
        rows = ReplyMail.objects.filter(conversation=conversation)
        if rows.filter(email=email).exists():
            return
        ReplyMail.objects.update_or_create(
            conversation=conversation,
            defaults={"workspace_id": workspace_id, "email": email},
        )
        Contact.objects.filter(id=contact_id, email="").update(email=email)
        text = phrases.by_mail(conversation.language, email, tone=voices.voice().tone)
        events.append(conversation, "email.left", {"email": email, "text": text})
