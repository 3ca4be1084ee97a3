"""Read what the pane shows: why it is here, summary, suggestions, who the visitor is."""

from dataclasses import dataclass, field
from uuid import UUID

from accounts.errors import NotFound
from accounts.models import Member
from accounts.scope import workspace_scope
from chatbot import previews
from chatbot.assist.dialogue import newest_of
from chatbot.assist.looking_up import latest_of
from chatbot.models import (
    Assist,
    Author,
    Contact,
    Conversation,
    Handoff,
    LookUp,
    Message,
    Suggestion,
)

MOST_EARLIER = 10


@dataclass(frozen=True)
class Earlier:
    conversation: Conversation
    first_words: str


@dataclass(frozen=True)
class Pane:
    """`fresh`: made for the visitor's newest message. `wanted`: there is something to summarise."""

    conversation: Conversation
    contact: Contact
    reason: str
    assist: Assist | None
    fresh: bool
    wanted: bool
    suggestions: list[Suggestion] = field(default_factory=list)
    look_up: LookUp | None = None
    looked_up: list[Suggestion] = field(default_factory=list)
    earlier: list[Earlier] = field(default_factory=list)
    more_earlier: bool = False


def pane_of(member: Member, conversation_id: UUID) -> Pane:
    """Raises NotFound."""
    with workspace_scope(member.workspace_id):
        rows = Conversation.objects.select_related("contact", "widget")
        conversation = rows.filter(id=conversation_id).first()
        if conversation is None:
            raise NotFound("no such conversation")
        handoff = Handoff.objects.filter(conversation=conversation).order_by("-requested_at", "-id")
        newest = newest_of(conversation_id)
        assist = Assist.objects.filter(conversation=conversation).first()
        fresh = assist is not None and newest is not None and assist.message_id == newest.id
        suggestions = Suggestion.objects.filter(message=newest).order_by("number") if fresh else []
        earlier = _earlier(conversation)
        look_up = latest_of(member, conversation)
        return Pane(
            conversation=conversation,
            contact=conversation.contact,
            reason=handoff.values_list("reason", flat=True).first() or "",
            assist=assist,
            fresh=fresh,
            wanted=newest is not None,
            suggestions=list(suggestions),
            look_up=look_up,
            looked_up=list(look_up.suggestions.order_by("number")) if look_up else [],
            earlier=earlier[:MOST_EARLIER],
            more_earlier=len(earlier) > MOST_EARLIER,
        )


def _earlier(conversation: Conversation) -> list[Earlier]:
    """Of the same visitor, newest first; those in which something was said."""
    rows = Conversation.objects.filter(
        contact_id=conversation.contact_id, last_message_at__isnull=False
    ).exclude(id=conversation.id)
    found = list(rows.order_by("-created_at", "-id")[: MOST_EARLIER + 1])
    said = Message.objects.filter(conversation__in=found, author=Author.VISITOR)
    first = list(said.order_by("conversation_id", "created_at", "id").distinct("conversation_id"))
    words = previews.of_messages(first, longest=160)
    shown = {row.conversation_id: words[row.id] for row in first}
    return [Earlier(one, shown.get(one.id, "")) for one in found]


def earlier_of(member: Member, conversation_id: UUID, earlier_id: UUID) -> Conversation:
    """Another conversation of the same visitor. Raises NotFound."""
    with workspace_scope(member.workspace_id):
        found = Conversation.objects.filter(id=conversation_id).first()
        other = Conversation.objects.filter(id=earlier_id).first()
        if found is None or other is None or other.contact_id != found.contact_id:
            raise NotFound("no such conversation")
        return other
