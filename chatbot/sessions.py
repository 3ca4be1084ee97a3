"""Who a visitor is: a random token, of which only the digest is kept."""

import hashlib
import secrets
from dataclasses import dataclass
from uuid import UUID

from django.utils import timezone

from accounts.errors import NotFound
from accounts.scope import workspace_scope
from chatbot import prechat, voices
from chatbot.models import Channel, Contact, Conversation, Owner, VisitorToken, Widget

TOKEN_BYTES = 32
MAX_TOKEN = 100


@dataclass(frozen=True)
class VisitorSession:
    """What a socket keeps between frames."""

    workspace_id: UUID
    contact_id: UUID
    conversation_id: UUID
    token: str
    language: str
    greeting: str
    disclosure: str
    bot_name: str
    identified: bool = False
    form: tuple[prechat.Field, ...] = ()


def digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def start_session(
    workspace_id: UUID, widget_key: str, *, token: str | None, language: str
) -> VisitorSession:
    """Find the visitor by token and their latest conversation, or begin both.

    An unknown token begins anew with a fresh one: it may be from another workspace. `language` is
    as the browser says it; a language that the workspace does not offer gives way to its default.
    Raises NotFound for a widget that was removed.
    """
    with workspace_scope(workspace_id):
        widget = Widget.objects.filter(key=widget_key).first()
        if widget is None:
            raise NotFound("no such widget")
        voice = voices.voice()
        contact = _known_contact(token)
        if contact is None or token is None:
            token = secrets.token_urlsafe(TOKEN_BYTES)
            contact = Contact.objects.create(workspace_id=workspace_id, token_digest=digest(token))
        Contact.objects.filter(id=contact.id).update(last_seen_at=timezone.now())
        conversation = latest_conversation(contact)
        if conversation is None:
            conversation = Conversation.objects.create(
                workspace_id=workspace_id,
                channel=Channel.WIDGET,
                contact=contact,
                widget=widget,
                owner=Owner.BOT,
                language=voice.language(language),
            )
        asked = prechat.missing(conversation, contact)
    return VisitorSession(
        workspace_id=workspace_id,
        contact_id=contact.id,
        conversation_id=conversation.id,
        token=token,
        language=conversation.language,
        greeting=widget.greeting or voice.says(conversation.language, "greeting"),
        disclosure=voice.says(conversation.language, "disclosure"),
        bot_name=widget.name,
        identified=contact.identified_at is not None,
        form=asked,
    )


def latest_conversation(contact: Contact) -> Conversation | None:
    """The one that goes on when the contact comes back. Needs a scope."""
    own = Conversation.objects.filter(
        contact=contact, channel=Channel.WIDGET, merged_into__isnull=True
    )
    return own.order_by("-created_at").first()


def is_known(workspace_id: UUID, token: str | None) -> bool:
    """Whether this token begins nothing new in this workspace."""
    with workspace_scope(workspace_id):
        return _known_contact(token) is not None


def _known_contact(token: str | None) -> Contact | None:
    if not token or len(token) > MAX_TOKEN or not token.isascii():
        return None
    known = digest(token)
    contact = Contact.objects.filter(token_digest=known).first()
    if contact is None:
        browsers = VisitorToken.objects.select_related("contact")
        browser = browsers.filter(digest=known, ends_at__gt=timezone.now()).first()
        contact = browser.contact if browser else None
    return contact


def contact_of(token: str) -> Contact | None:
    """Whose token this is in the scope's workspace; None for a stranger's."""
    return _known_contact(token)


def visitor_of(token: str, conversation_id: UUID) -> Contact:
    """Whose token this is, if the conversation is theirs. Needs a scope. Raises NotFound."""
    contact = _known_contact(token)
    if contact is None:
        raise NotFound("no such visitor")
    if not Conversation.objects.filter(id=conversation_id, contact=contact).exists():
        raise NotFound("no such conversation")
    return contact
