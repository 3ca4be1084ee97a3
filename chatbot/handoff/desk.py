"""What an agent does with a conversation. Each function is one transaction.

`member` must come from accounts.access, for the conversation's workspace. Raises Conflict where
another was faster, Unseen where the visitor was, NotFound where the conversation is not of this
workspace, Invalid for text that cannot be posted.
"""

from uuid import UUID

from django.db import transaction

from accounts.errors import NotFound
from accounts.models import Member
from accounts.scope import workspace_scope
from chatbot import attachments, events, reply_mail, transitions
from chatbot.errors import Conflict
from chatbot.handoff import basis as based_on
from chatbot.handoff import mentions
from chatbot.handoff.basis import Basis
from chatbot.models import Author, Conversation, Handoff, Message, Owner, Status
from chatbot.queues import places
from chatbot.rendering import message_payload
from chatbot.texts import checked_client_id, checked_text
from chatbot.turns import take_up


def locked(conversation_id: UUID) -> Conversation:
    """The conversation, locked. Raises NotFound. Needs a scope."""
    try:
        return events.lock(conversation_id)
    except Conversation.DoesNotExist:
        raise NotFound("no such conversation") from None


def _move(member: Member, conversation_id: UUID, name: str) -> Conversation:
    with workspace_scope(member.workspace_id):
        return transitions.apply(locked(conversation_id), name, actor=transitions.by(member))


def claim(member: Member, conversation_id: UUID) -> Conversation:
    """Take a waiting conversation. Claiming what one has already changes nothing."""
    with workspace_scope(member.workspace_id):
        conversation = locked(conversation_id)
        if conversation.owner_member_id == member.id:
            return conversation
        return transitions.apply(conversation, "claim", actor=transitions.by(member))


def take_over(member: Member, conversation_id: UUID) -> Conversation:
    """Take a conversation from the bot; its running answers are dropped."""
    return _move(member, conversation_id, "take_over")


def give_back(member: Member, conversation_id: UUID) -> Conversation:
    """To the bot, which answers what the visitor wrote meanwhile and nobody has replied to."""
    with workspace_scope(member.workspace_id):
        conversation = transitions.apply(
            locked(conversation_id), "give_back", actor=transitions.by(member)
        )
        take_up(conversation)
        return conversation


def release(member: Member, conversation_id: UUID) -> Conversation:
    """Back to the queue, for a colleague."""
    return _move(member, conversation_id, "release")


def resolve(member: Member, conversation_id: UUID, *, seen_seq: int | None = None) -> Conversation:
    """`seen_seq`: the newest event that the member had on the screen."""
    with workspace_scope(member.workspace_id):
        conversation = locked(conversation_id)
        based_on.check_visitor_was_heard(conversation, seen_seq)
        return transitions.apply(
            conversation, "resolve", actor=transitions.by(member), reason="resolved_by_agent"
        )


def reply(
    member: Member, conversation_id: UUID, *, client_id: str, text: str, basis: Basis | None = None
) -> Message:
    """Post as the member who holds the conversation; a resend returns the first message.

    A reply that began as a suggestion cites its article. With files the text may be empty. Raises
    Conflict too where somebody else has replied since what its author had seen.
    """
    basis = basis or Basis()
    text = checked_text(text) if text.strip() or not basis.files else ""
    client_id = checked_client_id(client_id)
    with workspace_scope(member.workspace_id):
        conversation = locked(conversation_id)
        known = Message.objects.filter(conversation=conversation, client_id=client_id).first()
        if known and known.member_id != member.id:
            raise Conflict("This client_id is another message's")
        if known:
            return known
        if conversation.owner != Owner.MEMBER or conversation.owner_member_id != member.id:
            raise Conflict("You do not have this conversation")
        based_on.check_nobody_was_faster(conversation, member, basis)
        suggestion = based_on.suggestion_of(conversation, basis)
        if conversation.status == Status.SNOOZED:
            conversation = transitions.apply(
                conversation, "wake", actor=transitions.by(member), reason="agent_replied"
            )
        sent = attachments.unsent(conversation, basis.files, member=member) if basis.files else []
        message = Message.objects.create(
            workspace_id=member.workspace_id,
            conversation=conversation,
            author=Author.MEMBER,
            member=member,
            text=text,
            client_id=client_id,
            citations=[suggestion.citation] if suggestion else [],
        )
        attachments.send_with(message, sent)
        touch(conversation, message)
        Handoff.objects.filter(
            conversation=conversation, ended_at__isnull=True, replied_at__isnull=True
        ).update(replied_at=message.created_at)
        places.agent_replied(conversation)
        based_on.note_use(message, suggestion)
        reply_mail.after_reply(message)
        author = {"member_id": str(member.id)}
        events.append(conversation, "message.posted", message_payload(message), staff=author)
    return message


def add_note(member: Member, conversation_id: UUID, *, client_id: str, text: str) -> None:
    """An internal note: an event that the visitor never sees. Who is named gets a notice."""
    text, client_id = checked_text(text), checked_client_id(client_id)
    with workspace_scope(member.workspace_id):
        conversation = locked(conversation_id)
        known = conversation.events.filter(
            kind="note.added", staff_payload__client_id=client_id
        ).exists()
        if not known:
            write_note(member, conversation, client_id=client_id, text=text)


def write_note(member: Member, conversation: Conversation, *, client_id: str, text: str) -> None:
    """The event alone, of a checked text. The caller holds the lock."""
    named = mentions.named_in(text, member)
    note = {
        "client_id": client_id,
        "member_id": str(member.id),
        "member_name": member.display_name,
        "text": text,
        "mentions": [{"member_id": str(one.id), "name": one.display_name} for one in named],
    }
    event = events.append(conversation, "note.added", {}, visitor=False, staff=note)
    mentions.store(conversation, named, by=member, text=text, seq=event.staff_seq)


def touch(conversation: Conversation, message: Message) -> None:
    """Note the time of the last message."""
    assert transaction.get_connection().in_atomic_block
    Conversation.objects.filter(id=conversation.id).update(last_message_at=message.created_at)
