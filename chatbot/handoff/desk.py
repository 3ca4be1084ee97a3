"""What an agent does with a conversation. Each function is one transaction.

`member` must come from accounts.access, for the conversation's workspace. Raises Conflict where
another was faster, NotFound where the conversation is not of this workspace, Invalid for text
that cannot be posted.
"""

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction

from accounts.errors import NotFound
from accounts.models import Member
from accounts.scope import workspace_scope
from chatbot import attachments, events, reply_mail, transitions
from chatbot.errors import Conflict
from chatbot.models import Author, Conversation, Message, Owner, Status
from chatbot.rendering import message_payload
from chatbot.texts import checked_client_id, checked_text


def _conversation(conversation_id: UUID) -> Conversation:
    try:
        return events.lock(conversation_id)
    except Conversation.DoesNotExist:
        raise NotFound("no such conversation") from None


def _move(member: Member, conversation_id: UUID, name: str, reason: str = "") -> Conversation:
    with workspace_scope(member.workspace_id):
        return transitions.apply(
            _conversation(conversation_id), name, actor=transitions.by(member), reason=reason
        )


def claim(member: Member, conversation_id: UUID) -> Conversation:
    """Take a waiting conversation. Claiming what one has already changes nothing."""
    with workspace_scope(member.workspace_id):
        conversation = _conversation(conversation_id)
        if conversation.owner_member_id == member.id:
            return conversation
        return transitions.apply(conversation, "claim", actor=transitions.by(member))


def take_over(member: Member, conversation_id: UUID) -> Conversation:
    """Take a conversation from the bot; its running answers are dropped."""
    return _move(member, conversation_id, "take_over")


def give_back(member: Member, conversation_id: UUID) -> Conversation:
    return _move(member, conversation_id, "give_back")


def release(member: Member, conversation_id: UUID) -> Conversation:
    """Back to the queue, for a colleague."""
    return _move(member, conversation_id, "release")


def resolve(member: Member, conversation_id: UUID) -> Conversation:
    return _move(member, conversation_id, "resolve", reason="resolved_by_agent")


def reply(
    member: Member,
    conversation_id: UUID,
    *,
    client_id: str,
    text: str,
    files: Sequence[UUID] = (),
) -> Message:
    """Post as the member who holds the conversation; a resend returns the first message.

    With `files`, unsent ones of this member, the text may be empty.
    """
    text = checked_text(text) if text.strip() or not files else ""
    client_id = checked_client_id(client_id)
    with workspace_scope(member.workspace_id):
        conversation = _conversation(conversation_id)
        known = Message.objects.filter(conversation=conversation, client_id=client_id).first()
        if known and known.member_id != member.id:
            raise Conflict("This client_id is another message's")
        if known:
            return known
        if conversation.owner != Owner.MEMBER or conversation.owner_member_id != member.id:
            raise Conflict("You do not have this conversation")
        if conversation.status == Status.SNOOZED:
            conversation = transitions.apply(
                conversation, "wake", actor=transitions.by(member), reason="agent_replied"
            )
        sent = attachments.unsent(conversation, files, member=member) if files else []
        message = Message.objects.create(
            workspace_id=member.workspace_id,
            conversation=conversation,
            author=Author.MEMBER,
            member=member,
            text=text,
            client_id=client_id,
        )
        attachments.send_with(message, sent)
        touch(conversation, message)
        reply_mail.after_reply(message)
        author = {"member_id": str(member.id)}
        events.append(conversation, "message.posted", message_payload(message), staff=author)
    return message


def add_note(member: Member, conversation_id: UUID, *, client_id: str, text: str) -> None:
    """An internal note: an event that the visitor never sees."""
    text, client_id = checked_text(text), checked_client_id(client_id)
    with workspace_scope(member.workspace_id):
        conversation = _conversation(conversation_id)
        known = conversation.events.filter(
            kind="note.added", staff_payload__client_id=client_id
        ).exists()
        if known:
            return
        note = {
            "client_id": client_id,
            "member_id": str(member.id),
            "member_name": member.display_name,
            "text": text,
        }
        events.append(conversation, "note.added", {}, visitor=False, staff=note)


def touch(conversation: Conversation, message: Message) -> None:
    """Note the time of the last message."""
    assert transaction.get_connection().in_atomic_block
    Conversation.objects.filter(id=conversation.id).update(last_message_at=message.created_at)
