"""Tags on conversations: chosen, or made by writing a new one."""

from uuid import UUID

from accounts.errors import NotFound
from accounts.models import Member
from accounts.scope import workspace_scope
from chatbot import broadcast
from chatbot.errors import Invalid
from chatbot.inbox.rows import tag_row
from chatbot.models import Conversation, ConversationTag, TagColour, Tagging
from chatbot.texts import storable

LONGEST = 40
MOST_ON_ONE = 20
MOST_OF_ALL = 500
COLOURS = tuple(TagColour.values)


def known(workspace_id: UUID) -> list[dict[str, str]]:
    """The workspace's tags, in the order of the alphabet."""
    with workspace_scope(workspace_id):
        rows = ConversationTag.objects.filter(workspace_id=workspace_id)
        return [tag_row(row) for row in rows.order_by("key")[:MOST_OF_ALL]]


def checked_name(name: str) -> str:
    """Raises Invalid for nothing, for too long a name, and for what would not be one line."""
    name = " ".join(storable(name).split())
    if not name:
        raise Invalid("A tag needs a name", code="empty_text")
    if len(name) > LONGEST:
        raise Invalid(f"A tag has at most {LONGEST} characters", code="text_too_long")
    return name


def add(member: Member, conversation_id: UUID, name: str) -> None:
    """Put a tag on a conversation, making the tag if there is none. Twice is harmless."""
    name = checked_name(name)
    with workspace_scope(member.workspace_id):
        conversation = _conversation(conversation_id)
        tag = _tag(member.workspace_id, name)
        mine = Tagging.objects.filter(conversation=conversation)
        if mine.filter(tag=tag).exists():
            return
        if mine.count() >= MOST_ON_ONE:
            raise Invalid(f"A conversation has at most {MOST_ON_ONE} tags", code="bad_frame")
        new = Tagging(workspace_id=member.workspace_id, conversation=conversation, tag=tag)
        Tagging.objects.bulk_create([new], ignore_conflicts=True)
        broadcast.hint_after_commit(member.workspace_id, conversation_id)


def remove(member: Member, conversation_id: UUID, name: str) -> None:
    """Take a tag off; harmless where it is not on."""
    key = checked_name(name).casefold()
    with workspace_scope(member.workspace_id):
        conversation = _conversation(conversation_id)
        Tagging.objects.filter(conversation=conversation, tag__key=key).delete()
        broadcast.hint_after_commit(member.workspace_id, conversation_id)


def _conversation(conversation_id: UUID) -> Conversation:
    row = Conversation.objects.filter(id=conversation_id).first()
    if row is None:
        raise NotFound("no such conversation")
    return row


def _tag(workspace_id: UUID, name: str) -> ConversationTag:
    """The tag of this name, in whatever case it is written; new ones take the colours in turn."""
    rows = ConversationTag.objects.filter(workspace_id=workspace_id)
    found = rows.filter(key=name.casefold()).first()
    if found is not None:
        return found
    count = rows.count()
    if count >= MOST_OF_ALL:
        raise Invalid(f"A workspace has at most {MOST_OF_ALL} tags", code="bad_frame")
    new = ConversationTag(
        workspace_id=workspace_id,
        name=name,
        key=name.casefold(),
        colour=COLOURS[1 + count % (len(COLOURS) - 1)],
    )
    ConversationTag.objects.bulk_create([new], ignore_conflicts=True)
    return rows.get(key=name.casefold())
