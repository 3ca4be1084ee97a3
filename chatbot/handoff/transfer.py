"""Give a conversation to a colleague or to another queue, with a note for whoever has it next."""

from uuid import UUID

from accounts.errors import NotFound
from accounts.models import Member
from accounts.scope import workspace_scope
from chatbot import events, transitions
from chatbot.errors import Conflict
from chatbot.handoff.desk import locked, write_note
from chatbot.models import Conversation, Owner, Placement, Queue
from chatbot.queues import staff
from chatbot.texts import checked_client_id, checked_text


def transfer_to_member(
    member: Member, conversation_id: UUID, *, to: UUID, note: str = "", client_id: str
) -> Conversation:
    """Raises NotFound for a stranger, Conflict where the colleague is not available."""
    with workspace_scope(member.workspace_id):
        conversation, colleague = locked(conversation_id), staff.agent(to)
        if not staff.is_available(colleague):
            raise Conflict(f"{colleague.display_name} is not available")
        moved = transitions.apply(
            conversation,
            "transfer_to_member",
            actor=transitions.by(member),
            to_member=colleague,
        )
        _note(member, moved, note, client_id)
        return moved


def transfer_to_queue(
    member: Member, conversation_id: UUID, *, to: UUID, note: str = "", client_id: str
) -> Conversation:
    """Who waits already keeps the time that they have waited. Raises NotFound, Conflict."""
    with workspace_scope(member.workspace_id):
        conversation = locked(conversation_id)
        queue = Queue.objects.filter(id=to).first()
        if queue is None:
            raise NotFound("no such queue")
        waits = conversation.owner == Owner.QUEUE
        if waits and Placement.objects.filter(conversation=conversation, queue=queue).exists():
            raise Conflict(f"It waits in {queue.name} already")
        moved = transitions.apply(
            conversation, "transfer_to_queue", actor=transitions.by(member), queue=queue
        )
        if waits:
            said = {"queue": queue.name, "member_name": member.display_name}
            events.append(moved, "queue.moved", {}, visitor=False, staff=said)
        _note(member, moved, note, client_id)
        return moved


def _note(member: Member, conversation: Conversation, note: str, client_id: str) -> None:
    if note.strip():
        write_note(
            member, conversation, client_id=checked_client_id(client_id), text=checked_text(note)
        )
